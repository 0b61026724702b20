"""What git says of a checkout."""
