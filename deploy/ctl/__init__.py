"""The `ledstjarna` command of operators and the office, and what it is made of."""
