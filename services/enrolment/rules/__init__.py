"""Pure decisions: same input, same answer. Time, ids and chance are passed in."""
