"""Readers turn one admitted file into evidence with its place: second, box or frame."""
