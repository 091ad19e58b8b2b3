"""HTTP interfaces beside the page."""
