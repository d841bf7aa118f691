"""A backend that makes everything up: no network, no account."""

from __future__ import annotations
