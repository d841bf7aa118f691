"""Signing people in, and keeping their session."""
