"""What evaluation does, step by step: load, decide, save."""
