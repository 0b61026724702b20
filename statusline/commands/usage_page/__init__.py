"""What `statusline usage` and its relatives show."""
