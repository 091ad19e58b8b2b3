"""The revisions, the first one up."""
