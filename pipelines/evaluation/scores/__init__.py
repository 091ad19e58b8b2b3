"""The scoreboard: any models, the same cases, one table."""
