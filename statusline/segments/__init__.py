"""One pure function per thing shown, by topic; all of it hot."""
