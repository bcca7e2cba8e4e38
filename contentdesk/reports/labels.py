"""Names of kelurahan in at most two lines that fit into a tile."""

import re

ONE_LINE = 9
"""So many letters fit side by side."""
_CONSONANT = re.compile(r"ng|ny|kh|sy|[^aiueo]")


def two_lines(name: str) -> tuple[str, ...]:
    """Oro-oro / Dowo, Purwan- / toro, Klojen"""
    if len(name) <= ONE_LINE:
        return (name,)
    if " " in name:
        return _at_blank(name)
    places = syllable_ends(name)
    if not places:
        return (name,)
    at = min(places, key=lambda place: (abs(place - len(name) / 2), -place))
    return (f"{name[:at].rstrip('-')}-", name[at:])


def _at_blank(name: str) -> tuple[str, ...]:
    blanks = [place for place, letter in enumerate(name) if letter == " "]
    at = min(blanks, key=lambda place: abs(place - len(name) / 2))
    return (name[:at], name[at + 1 :])


def syllable_ends(name: str) -> list[int]:
    """Places where an Indonesian or Javanese word may be divided: before a consonant with a vowel, between two."""
    word = name.casefold()
    ends = []
    for cluster in re.finditer(r"(?<=[aiueo])[^aiueo]+(?=[aiueo])", word):
        first = _CONSONANT.match(cluster.group())
        assert first is not None
        alone = first.end() == len(cluster.group())
        ends.append(cluster.start() if alone else cluster.start() + first.end())
    return [end for end in ends if end >= 3 and len(word) - end >= 3]
