"""What people see: the page, the API, the store."""
