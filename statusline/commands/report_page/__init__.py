"""What `statusline report` reads, draws and writes."""
