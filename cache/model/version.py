"""Which texts are versions of Claude Code that a request may be made with."""


def is_version(text: "str") -> "bool":
    """Return whether a text is a version that a request may be made with, such as ``2.1.330``."""
    numbers, hyphen, suffix = text.partition("-")
    parts = numbers.split(".")
    are_numbers = len(parts) == 3 and all(part.isascii() and part.isdigit() and len(part) <= 5 for part in parts)
    return are_numbers and (
        not hyphen or (suffix.isascii() and suffix.replace(".", "").isalnum() and len(suffix) <= 32)
    )
