"""Hopcount in a terminal."""
