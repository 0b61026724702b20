"""Accounts, history, projections and watches: what the refresher makes of the usage."""
