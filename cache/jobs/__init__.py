"""One file per job of the refresher; each is a process of its own, so that none pays for another's libraries."""

JOBS = ("usage", "transcripts")
