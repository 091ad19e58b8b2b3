"""The administration: accounts, keys and webhooks on one page, the whole audit on another."""
