"""What Prometheus is told: whom to ask, and what to make of it."""
