"""Steps that several doors take: load, decide, save."""
