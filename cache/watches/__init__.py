"""The configured watches: which events they are for, and which are due."""
