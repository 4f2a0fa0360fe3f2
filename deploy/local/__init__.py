"""The whole system on one machine without Docker: real broker, real database, real SMTP, three services."""
