"""What is seen: the line, and the commands that a person types."""

__version__ = "0.1.0"
