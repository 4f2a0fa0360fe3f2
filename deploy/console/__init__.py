"""The local stack's own page of dashboards: Grafana cannot be had everywhere, and needs more than one port."""
