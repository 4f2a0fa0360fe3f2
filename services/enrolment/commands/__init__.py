"""Load, decide, save: the steps that several doors (messages, timers, pages, the API) lead to."""
