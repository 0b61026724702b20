"""What Claude Code keeps on this machine: its state, its settings, the login, its version."""
