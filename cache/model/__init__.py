"""What a tick and the refresher share: files, JSON, windows and limits; all of it hot."""
