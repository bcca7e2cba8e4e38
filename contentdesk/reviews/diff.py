"""What changed between two revisions, word by word."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

from contentdesk.media.models import Asset
from contentdesk.posts import options
from contentdesk.posts.models import Revision, RevisionPhoto

Kind = Literal["same", "ins", "del"]
_TOKENS = re.compile(r"\n|[^\S\n]+|\S+")
_ENDS = ".,!?;:)\"'”’"
_MUCH = 8_000
"""Pairs of equal words above which an exact search would take longer than a person notices."""


class Piece(NamedTuple):
    kind: Kind
    text: str


def words(old: str, new: str) -> list[Piece]:
    """Dropping every `ins` gives `old`, dropping every `del` gives `new`.

    Changes with nothing but blanks and signs between them are one.
    """
    before, after = list(_tokens(old)), list(_tokens(new))
    matcher = SequenceMatcher(_is_blank, before, after, autojunk=_is_much(before, after))
    return list(_pieces(_merged(_runs(matcher, before, after))))


def _tokens(text: str) -> Iterator[str]:
    """Words, the signs after them, blanks, line ends: `rek!` is `rek` and `!`, `Rp18.000` stays whole."""
    for token in _TOKENS.findall(text):
        bare = token.rstrip(_ENDS)
        yield from (part for part in (bare, token[len(bare) :]) if part)


def _is_blank(token: str) -> bool:
    """Line ends are none: they are part of what is read."""
    return token.isspace() and token[0] != "\n"


def _is_much(before: Sequence[str], after: Sequence[str]) -> bool:
    counts = Counter(after)
    return sum(counts[token] for token in before if not _is_blank(token)) > _MUCH


class _Run(NamedTuple):
    same: bool
    old: str
    new: str


def _runs(matcher: "SequenceMatcher[str]", before: Sequence[str], after: Sequence[str]) -> Iterator[_Run]:
    for tag, start, end, new_start, new_end in matcher.get_opcodes():
        yield _Run(tag == "equal", "".join(before[start:end]), "".join(after[new_start:new_end]))


def _merged(runs: Iterable[_Run]) -> list[_Run]:
    kept: list[_Run] = []
    for run in runs:
        if not run.same and len(kept) > 1 and kept[-1].same and _is_small(kept[-1].old):
            gap, change = kept.pop(), kept.pop()
            run = _Run(False, change.old + gap.old + run.old, change.new + gap.new + run.new)
        kept.append(run)
    return kept


def _is_small(gap: str) -> bool:
    """Nothing to read between two changes but blanks and signs."""
    return "\n" not in gap and not any(sign.isalnum() for sign in gap)


def _pieces(runs: Iterable[_Run]) -> Iterator[Piece]:
    for run in runs:
        if run.same:
            yield Piece("same", run.old)
            continue
        if run.old:
            yield Piece("del", run.old)
        if run.new:
            yield Piece("ins", run.new)


@dataclass(frozen=True)
class PhotoChange:
    kind: Literal["same", "ins", "del", "moved"]
    asset: Asset
    number: int
    """Place in the revision it stands in, from 1."""
    alt_text: list[Piece]


class Listed(NamedTuple):
    kind: Kind
    name: str
    channel: str = ""
    """Kind of channel of an account: names of accounts are the same on several."""


@dataclass(frozen=True)
class OptionChange:
    """A choice for one kind of channel. `label` is a message of the catalogue; so are the pieces when `fixed`."""

    channel: str
    label: str
    pieces: list[Piece]
    fixed: bool


@dataclass(frozen=True)
class Changes:
    base_number: int | None
    """None: there is nothing to compare with, everything is `same`."""
    title: list[Piece]
    text: list[Piece]
    texts: dict[str, list[Piece]]
    """By channel kind, where it differs from the common text on either side."""
    photos: list[PhotoChange]
    targets: list[Listed]
    businesses: list[Listed]
    options: list[OptionChange]

    @property
    def any(self) -> bool:
        chosen = [piece for option in self.options for piece in option.pieces]
        alt_texts = [piece for photo in self.photos for piece in photo.alt_text]
        texts = [piece for pieces in self.texts.values() for piece in pieces]
        pieces = (*self.title, *self.text, *texts, *alt_texts, *chosen)
        kinds = [*(piece.kind for piece in pieces), *(one.kind for one in (*self.targets, *self.businesses))]
        return any(kind != "same" for kind in [*kinds, *(photo.kind for photo in self.photos)])


def between(base: Revision | None, revision: Revision) -> Changes:
    """Needs photos with assets, businesses and targets of both loaded."""
    old = base or revision
    return Changes(
        base_number=base.number if base else None,
        title=words(old.title, revision.title),
        text=words(old.text, revision.text),
        texts={
            kind: words(old.texts.get(kind, ""), revision.texts.get(kind, ""))
            for kind in sorted({*old.texts, *revision.texts})
        },
        photos=_photos(old.photos, revision.photos),
        targets=_listed(_accounts(old), _accounts(revision)),
        businesses=_listed([(one.name,) for one in old.businesses], [(one.name,) for one in revision.businesses]),
        options=_options(_lines(old), _lines(revision)),
    )


def _accounts(revision: Revision) -> list[tuple[str, ...]]:
    return [(account.handle, account.kind) for account in revision.targets]


def _listed(old: Sequence[tuple[str, ...]], new: Sequence[tuple[str, ...]]) -> list[Listed]:
    gone = [Listed("del", *one) for one in old if one not in new]
    return [*(Listed("same" if one in old else "ins", *one) for one in new), *gone]


def _lines(revision: Revision) -> list[options.Line]:
    videos = sum(photo.asset.is_video for photo in revision.photos)
    kinds = {account.kind for account in revision.targets}
    return list(options.lines(kinds, revision.options, len(revision.photos) - videos, videos > 0))


def _options(old: Sequence[options.Line], new: Sequence[options.Line]) -> list[OptionChange]:
    """For the channels that are chosen now; what is gone from one of them stands at the end."""
    before = {(line.kind, line.name): line.words for line in old}
    here, kinds = {(line.kind, line.name) for line in new}, {line.kind for line in new}
    gone = [line for line in old if line.kind in kinds and (line.kind, line.name) not in here]
    return [
        *(_option(line, before.get((line.kind, line.name), "")) for line in new),
        *(OptionChange(line.kind, line.label, [Piece("del", line.words)], line.fixed) for line in gone),
    ]


def _option(line: options.Line, before: str) -> OptionChange:
    """Words of the catalogue are exchanged as a whole: their parts are not."""
    if not line.fixed:
        return OptionChange(line.kind, line.label, words(before, line.words), False)
    pieces = [Piece("same", line.words)] if before == line.words else [Piece("del", before), Piece("ins", line.words)]
    return OptionChange(line.kind, line.label, [piece for piece in pieces if piece.text], True)


def _photos(old: Sequence[RevisionPhoto], new: Sequence[RevisionPhoto]) -> list[PhotoChange]:
    """By the bytes of the file: the same picture handed in again is the same photo."""
    known = {photo.asset.sha256: photo for photo in old}
    here = {photo.asset.sha256 for photo in new}
    still = [photo.asset.sha256 for photo in old if photo.asset.sha256 in here]
    ranks = {sha: rank for rank, sha in enumerate(still)}
    shown, rank = list[PhotoChange](), 0
    for photo in new:
        sha = photo.asset.sha256
        kind: Literal["same", "ins", "moved"] = "ins"
        if sha in known:
            kind, rank = ("same" if ranks[sha] == rank else "moved"), rank + 1
        before = known[sha].alt_text if sha in known else photo.alt_text
        shown.append(PhotoChange(kind, photo.asset, photo.position + 1, words(before, photo.alt_text)))
    gone = [photo for photo in old if photo.asset.sha256 not in here]
    return shown + [PhotoChange("del", one.asset, one.position + 1, words(one.alt_text, one.alt_text)) for one in gone]
