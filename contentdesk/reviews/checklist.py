"""The reviewers' twelve points on one post: what applies, what the machine noticed, what stops an approval."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from contentdesk.posts import checks
from contentdesk.posts.checklist import Item, items
from contentdesk.posts.content import content_of
from contentdesk.posts.models import Post, Revision
from contentdesk.posts.problems import Problem
from contentdesk.reviews.risks import is_risky

CONSENT = "C02"
ASKED_OF_A_PERSON = frozenset({"C03", "C04"})
"""Where it applies nobody but a person can say whether the people in the picture agreed."""


class Mark(StrEnum):
    OK = "ok"
    FAIL = "fail"
    NOT_APPLICABLE = "na"


MARKS = frozenset(Mark)


@dataclass(frozen=True)
class Point:
    """One line of the list, as the reviewer finds it."""

    item: Item
    applies: bool
    found: Sequence[Problem]
    mark: Mark | None
    """Chosen beforehand; None where the reviewer has to say it."""


@dataclass(frozen=True)
class Sheet:
    points: tuple[Point, ...]
    problems: tuple[Problem, ...]

    @property
    def applying(self) -> list[Point]:
        return [point for point in self.points if point.applies]

    @property
    def others(self) -> list[Point]:
        return [point for point in self.points if not point.applies]

    @property
    def missing_consent(self) -> list[Problem]:
        return [problem for problem in self.problems if problem.blocks and problem.item == CONSENT]

    def stopping(self, marks: Mapping[str, str]) -> list[Item]:
        """Required points that stop an approval: failed ones, and those that apply but were not confirmed."""
        return [
            point.item
            for point in self.points
            if point.item.required and _stops(marks.get(point.item.id), point.applies)
        ]


def _stops(mark: str | None, applies: bool) -> bool:
    return mark == Mark.FAIL or (applies and mark != Mark.OK)


def sheet(post: Post, revision: Revision) -> Sheet:
    """Needs photos, businesses and targets of the revision loaded."""
    subject = checks.subject_of(post.kim_id, content_of(post, revision))
    problems = checks.problems(subject)
    by_item = checks.by_item(problems)
    ids = {item.id for item in checks.applying_items(subject)} | {one.item for one in problems}
    return Sheet(tuple(_point(item, item.id in ids, by_item.get(item.id, [])) for item in items()), tuple(problems))


def _point(item: Item, applies: bool, found: Sequence[Problem]) -> Point:
    return Point(item, applies, found, _beforehand(item, applies, found))


def _beforehand(item: Item, applies: bool, found: Sequence[Problem]) -> Mark | None:
    if not applies:
        return Mark.NOT_APPLICABLE
    if any(is_risky(problem) for problem in found):
        return Mark.FAIL
    return None if item.id in ASKED_OF_A_PERSON else Mark.OK
