"""Description and strict check of the configuration."""
