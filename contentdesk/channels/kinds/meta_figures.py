"""Reads the figures out of the two shapes of an insights answer."""

from typing import Any


def values(body: dict[str, Any]) -> dict[str, int]:
    """By the platform's name. What it left out is left out: late figures come as an empty list, never as zero."""
    rows = body.get("data")
    found: dict[str, int] = {}
    for row in rows if isinstance(rows, list) else ():
        name, value = _value(row)
        if isinstance(value, int) and not isinstance(value, bool):
            found[name] = value
    return found


def _value(row: Any) -> tuple[str, Any]:
    if not isinstance(row, dict):
        return "", None
    holders = row.get("values") or [row.get("total_value")]
    first = holders[0] if isinstance(holders, list) else None
    return str(row.get("name")), first.get("value") if isinstance(first, dict) else None
