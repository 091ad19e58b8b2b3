"""Alembic's environment; started from demo.store.upgrade."""
