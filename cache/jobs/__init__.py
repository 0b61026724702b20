"""One file per job of the refresher; each runs in its own process, so that none pays for the libraries of another."""

JOBS = ("usage", "transcripts")  # of each config directory; those that a person may ask for
