"""Whose a number is and how old: every answer heard, by account; all of it hot."""
