"""Measurements of Hopcount: each a command that prints JSON on its last line."""
