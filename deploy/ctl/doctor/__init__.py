"""The command `ledstjarna doctor`: looks at each thing that the services stand on, and says how to mend it."""
