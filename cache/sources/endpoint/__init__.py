"""The usage endpoint: when to ask it, one request, and what the answer says."""
