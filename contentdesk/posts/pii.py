"""Personal data in a text. The library is young: it gives hints here and decides nothing."""

import re

from lokal import PiiType, detect_pii

_KINDS: tuple[PiiType, ...] = ("NIK", "BANK_ACCOUNT", "PHONE")
_DIGITS = re.compile(r"\D")


def personal_numbers(text: str, public: tuple[str, ...] = ()) -> dict[str, str]:
    """Kind (NIK, BANK_ACCOUNT, PHONE) -> the first find. Numbers in `public` are the businesses' own and may stand."""
    known = {_last_digits(number) for number in public} - {""}
    found: dict[str, str] = {}
    for match in detect_pii(text, types=_KINDS):
        if _last_digits(match.value) not in known:
            found.setdefault(str(match.type), str(match.value))
    return found


def _last_digits(number: str) -> str:
    """0812… and +62812… are the same number."""
    return _DIGITS.sub("", number)[-9:]
