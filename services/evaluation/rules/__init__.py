"""Decisions of evaluation as pure functions: when it asks, whom, and who may answer."""
