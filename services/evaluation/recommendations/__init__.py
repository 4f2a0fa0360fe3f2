"""Recommendations as people read and answer them: as JSON, and as pages in plain words."""
