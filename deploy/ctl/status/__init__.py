"""The command `ledstjarna status`: looked at (`looking`), judged (`judging`), shown (`command`)."""
