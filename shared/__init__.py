"""What at least two services need today; no domain words except the events."""
