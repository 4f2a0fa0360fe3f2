"""What operators look at: each dashboard is said once here, and shown by Grafana and by the local stack's own page."""
