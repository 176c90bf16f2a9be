"""Starts the real services and talks to them; the tests beside it only say what must hold."""
