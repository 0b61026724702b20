"""The usage endpoint: when a request is allowed, the request, and its answer."""
