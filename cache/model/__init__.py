"""What the tick and the refresher share: files, JSON, windows and limits. All of it is hot."""
