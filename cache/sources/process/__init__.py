"""Running other programs, bounded."""
