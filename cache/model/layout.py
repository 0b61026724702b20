"""The names of all files in the cache directory.

In the directory itself are the files of the default config directory, those of all, and the folders; in
``dirs/<name>`` are the files of another config directory.
"""

MARKER = ".hudline"  # in each folder that we made: only there we set permissions, sweep and remove
DIRECTORIES_FOLDER = "dirs"
ACCOUNTS_FOLDER = "accounts"  # a file for each account
# By job: the folder that has a file for each checkout, session or command.
JOB_FOLDERS = {"git": "git", "activity": "sessions", "command": "commands"}
# Jobs whose entry is a part of the usage entry: a tick that has read that one opens no other file for them.
PARTS = ("sessions", "money")  # the latter is what the transcripts job tells of it

# Of each config directory.
USAGE_FILE = "usage.json"
TRANSCRIPTS_FILE = "transcripts.json"
MERGE_LOCK_FILE = "merge.lock"  # held while a job merges its entry into the usage entry
CONTEXT_FILE = "context.json"
HINT_FILE = "hint.json"
ENDPOINT_FILE = "endpoint.json"  # of a login without an account's name
KEYCHAIN_FILE = "keychain.json"
HISTORY_FILE = "history.sqlite3"
INDEX_FILE = "transcripts.sqlite3"
REPORT_FILE = "report.html"
OBSERVED_FILE = "observed.json"  # of earlier versions, as is the next
FORMER_ACCOUNTS_FILE = "accounts.json"

READINGS_FILE = "readings.json"  # one for all config directories
SLOT_FILES = ("slot-0", "slot-1", "slot-2", "slot-3")  # likewise; each is there while a refresher runs

# Beside a file, in place of its suffix.
ENTRY_SUFFIX, LOCK_SUFFIX, START_SUFFIX, STATE_SUFFIX = ".json", ".lock", ".start", ".state"
# Behind the name of a file: while it is written, and once it is set aside.
TEMPORARY_SUFFIX, BROKEN_SUFFIX = ".tmp", ".broken"
