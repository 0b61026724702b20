"""The tests, which mirror both packages; `data` holds recorded payloads and answers."""
