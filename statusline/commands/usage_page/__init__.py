"""The page of `statusline usage`, and the numbers that other commands share with it."""
