"""Handing a file to whoever sits before the browser."""

from __future__ import annotations

import flet as ft


async def save(file_name: str, content: bytes) -> None:
    """Let the browser save a file in its folder for downloads; it must not be empty."""
    await ft.FilePicker().save_file(file_name=file_name, src_bytes=content)
