"""The transcripts of Claude Code: tokens, costs and estimates from them, and what a session does."""
