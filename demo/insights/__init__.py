"""The insights page: what comes in, what becomes of it, and how often the model is wrong."""
