"""Running a job once: the lock, the files, the database, the log."""
