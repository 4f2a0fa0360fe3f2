"""Running Ledstjärna: the local stack, the sample year, the operators' command, and files for production."""
