"""What `statusline cost` reads and prints."""
