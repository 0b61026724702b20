"""Claude Code's settings files: our command in them, and edits that keep the rest."""
