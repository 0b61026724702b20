"""The cache on disk, the sources that fill it, and the refresher."""
