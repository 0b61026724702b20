"""What is known: the cache on disk, and the sources that fill it."""
