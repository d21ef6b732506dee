"""The database's history; the monolith owns it, the service only uses it."""
