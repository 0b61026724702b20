"""One file per job of the refresher; each is a process of its own, so that none pays for another's libraries."""

JOBS = ("usage", "transcripts")  # one of each per config directory; a person may ask for them

# One per checkout, session or command, each with the folder of its entries. Only a tick knows what to ask them.
FOLDERS = {"git": "git", "activity": "sessions", "command": "commands"}
ACCOUNTS = "accounts"  # the folder of what is kept for each account
