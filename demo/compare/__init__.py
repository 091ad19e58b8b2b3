"""The compare page: one input, two models side by side, a blind vote."""
