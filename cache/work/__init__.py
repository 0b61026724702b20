"""The vocabulary of the refresher: requests, failures and secrets."""
