"""One file per place to ask for numbers; all of it cold."""
