"""Messages that could not be handled: recorded in the service's own database, looked at there, sent again or discarded.

`letters` says what one is, `store` keeps them, `recorder` takes them from the broker, `orders` and `replayer` send them
back to the queue in which they failed, and `doors` let operators do all that.
"""
