"""Ids as names of files."""

import re


def plain_name(text: str) -> str:
    """An id with nothing in it that a path cannot hold."""
    return re.sub(r"[^\w.-]+", "_", text).strip(".") or "_"
