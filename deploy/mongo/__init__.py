"""Preparing MongoDB for the services."""
