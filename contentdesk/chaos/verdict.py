"""The verdict, taken from what the platforms hold, from what people approved, and last from how our rows stand."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from contentdesk.chaos.ledger import Case, Key, number_in
from contentdesk.chaos.places import PLACES
from contentdesk.chaos.scene import Scene
from contentdesk.chaos.settle import Standing
from contentdesk.chaos.warp import Warp
from contentdesk.publishing.states import DeliveryState

D = DeliveryState
SEEN = frozenset({D.FAILED, D.EXPIRED, D.CANCELLED})
"""A person sees it, and that it is not out."""
EXAMPLES = 40


@dataclass(frozen=True)
class Posted:
    """One public post, as the platform has it."""

    key: Key | None
    """None: nobody ever planned such a text on that account."""
    text: str
    files: tuple[str, ...]
    at: float
    link: str


class Verdict:
    def __init__(self, scene: Scene, public: Sequence[Mapping[str, Any]], rows: Mapping[Key, Standing]) -> None:
        self._cases, self._rows = scene.ledger.cases, rows
        self._posts = [_posted(scene, post) for post in public]
        self._of: dict[Key, list[Posted]] = defaultdict(list)
        for post in self._posts:
            if post.key:
                self._of[post.key].append(post)

    def figures(self, warp: Warp) -> dict[str, object]:
        lost, doubled, wrong = list(self._lost()), list(self._duplicated()), list(self._unapproved())
        late = sorted(self._lateness(warp))
        unknown = [key for key, row in self._rows.items() if row.state in (D.UNKNOWN, D.ACCEPTED)]
        return {
            "deliveries": len(self._cases),
            "published": len(self._of),
            "lost": len(lost),
            "duplicated": len(doubled),
            "unapproved": len(wrong),
            "unknown_left": sum(PLACES[self._rows[key].kind].tells for key in unknown),
            "unknown_for_people": sum(not PLACES[self._rows[key].kind].tells for key in unknown),
            "lateness_p50_s": _share(late, 0.50),
            "lateness_p99_s": _share(late, 0.99),
            "undisturbed": len(late),
            "states": dict(Counter(str(row.state) for row in self._rows.values())),
            "found": [*wrong, *doubled, *lost, *map(self._named, unknown)][:EXAMPLES],
        }

    def _lost(self) -> Iterator[str]:
        """Neither public nor where a person sees it, or said to be public and is not, or public and not known to be."""
        for key, case in self._cases.items():
            row = self._rows.get(key)
            state = row.state if row else "no row"
            if state in (D.UNKNOWN, D.ACCEPTED):
                continue
            known_right = state == D.SENT if key in self._of else state in SEEN or self._waits_rightly(case, state)
            if not known_right:
                yield f"lost: {self._named(key)}, {'public' if key in self._of else 'not public'}"

    @staticmethod
    def _waits_rightly(case: Case, state: str) -> bool:
        """It may not go out, and says so: also what was edited while it was being prepared."""
        return state in (D.WAITING, D.PREPARING) and (case.unsure or not case.open)

    def _duplicated(self) -> Iterator[str]:
        for key, posts in self._of.items():
            for again in posts[1:]:
                apart = again.at - posts[0].at
                yield f"duplicated: {self._named(key)}, {apart:.1f} s after the first: {again.link}"

    def _unapproved(self) -> Iterator[str]:
        for post in self._posts:
            if post.key is None:
                yield f"unapproved: nobody planned it there: {post.link} {post.text!r}"
            elif not self._cases[post.key].allows(post.text, post.at):
                spans = self._cases[post.key].spans
                yield f"unapproved: {self._named(post.key)}, {post.text!r} at {post.at:.2f}: {spans}"
            elif post.files != self._cases[post.key].files:
                yield f"unapproved: {self._named(post.key)}, other files: {post.link}"

    def _lateness(self, warp: Warp) -> Iterator[float]:
        for key, posts in self._of.items():
            case = self._cases[key]
            if not case.hindered:
                yield max(0.0, posts[0].at - warp.came_due(case.due, posts[0].at))

    def _named(self, key: Key) -> str:
        row = self._rows.get(key)
        return f"{key[0]} on {row.kind if row else key[1]} ({row.state if row else 'no row'})"


def _posted(scene: Scene, post: Mapping[str, Any]) -> Posted:
    number = number_in(post["caption"])
    account_id = scene.accounts.get((post["platform"], str(post["account"]["id"])))
    key = (number, account_id) if number is not None and account_id is not None else None
    files = tuple(str(image["sha256"]) for image in post["images"])
    known = key if key in scene.ledger.cases else None
    return Posted(known, post["caption"], files, float(post["at"]), str(post["permalink"]))


def _share(ordered: Sequence[float], share: float) -> float | None:
    """The smallest value that so many do not exceed."""
    if not ordered:
        return None
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 2)
