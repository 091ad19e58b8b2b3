"""Hostile files are looked at here first: what they are, how big, and whether we take them."""
