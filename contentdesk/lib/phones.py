"""Indonesian phone numbers, however they are written. The one module that knows which library reads them."""

from lokal import parse_phone


def e164(typed: str) -> str | None:
    """+6281234567890 for 0812-3456-7890, 62812… or +62 812 …; None if it is no Indonesian number."""
    info = parse_phone(typed)
    return info.e164 if info.valid else None


def national(number: str) -> str:
    """0812-3456-7890: the way people read it."""
    return parse_phone(number).national or number
