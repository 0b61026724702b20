"""Git: the counts that `git status` reports for a checkout."""
