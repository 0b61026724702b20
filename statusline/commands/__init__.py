"""One file per command that a person types; all of it cold."""
