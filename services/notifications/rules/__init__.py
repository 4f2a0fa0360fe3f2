"""When to say what, to whom it can be said, and what becomes of a message. Pure: same input, same answer."""
