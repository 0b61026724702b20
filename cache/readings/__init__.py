"""Which account a number belongs to, and how old it is: all answers seen, by account. All of it is hot."""
