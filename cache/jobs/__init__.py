"""One file per job of the refresher; each runs in a process of its own, so that none pays for another's libraries."""

JOBS = ("usage", "transcripts")  # of each config directory; those that a person may ask for
