"""Accounts, history and projections: what the refresher makes of the usage."""
