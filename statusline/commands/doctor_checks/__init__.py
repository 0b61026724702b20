"""The checks of `statusline doctor`: one file per topic, one function per check."""
