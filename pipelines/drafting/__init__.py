"""Evidence becomes a checked case draft."""
