"""The desk of the office: the page where officials work cases."""
