"""The one seam to a foundation model, and its engines."""
