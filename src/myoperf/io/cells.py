"""Text cells of CSV files, written so that no spreadsheet runs them as a formula, and read back unchanged."""

import re

_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")


def _runs(text: str) -> bool:
    bare = text.lstrip("'")
    return bare.startswith(_STARTS) and not _NUMBER.fullmatch(bare)


def guard(text: str) -> str:
    """Put an apostrophe before text that a spreadsheet would run; plain numbers, negative ones too, stay bare."""
    return "'" + text if _runs(text) else text


def unguard(text: str) -> str:
    """Take back what ``guard`` did: ``unguard(guard(text)) == text`` for every text."""
    return text[1:] if text.startswith("'") and _runs(text) else text
