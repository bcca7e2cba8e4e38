"""What happened before the practice begins: which KIM published what, when, and how it went.

Pure data from a fixed seed. Nothing here touches a row or the network.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from random import Random

from contentdesk.channels.base import Stats
from contentdesk.demo import cast
from contentdesk.demo.captions import Words, about_business, about_kelurahan
from contentdesk.demo.examples import Example, all_examples
from contentdesk.lib import clock

SEED = 3573
DAYS = 75
"""How far the past reaches back."""
RECENT = 18
"""Every KIM that is not silent published within so many days."""
HOURS = ((6, 45), (11, 40), (16, 25), (19, 0), (19, 20), (20, 10))
COUNTS = (1, 2, 2, 3, 3, 3, 4, 5)
HOME_COUNT = 9
KEPT_FOR_NOW = frozenset({"umkm-01", "umkm-04"})
"""Their briefs are on the way when the practice begins, so the past has only variations."""
SAMPLE_AGES = (timedelta(hours=24), timedelta(hours=72), timedelta(days=7), timedelta(days=21))
GROWN = (0.45, 0.78, 0.94, 1.0)
"""Share of the final figures at those ages."""


@dataclass(frozen=True)
class Group:
    """A KIM as the story needs it."""

    code: str
    kelurahan: str
    name: str

    @property
    def handle(self) -> str:
        return f"latihan.{cast.slug(self.name)}"


@dataclass(frozen=True)
class Past:
    """A post that went out."""

    group: Group
    words: Words
    example: Example | None
    sent_at: datetime
    final: Stats
    by_hand_too: bool
    """Also posted by a member where no platform tells figures."""

    @property
    def samples(self) -> list[tuple[datetime, Stats]]:
        """What was seen of it until now, oldest first; nothing for an account that is cut off."""
        if self.group.code in cast.CUT_OFF:
            return []
        seen = [(self.sent_at + age, grown(self.final, share)) for age, share in zip(SAMPLE_AGES, GROWN, strict=True)]
        past = [(at, stats) for at, stats in seen if at < clock.now()]
        return past or [(self.sent_at + timedelta(hours=1), grown(self.final, 0.2))]


def history(groups: Iterable[Group], now: datetime) -> list[Past]:
    """Oldest first."""
    random = Random(SEED)  # noqa: S311 - practice data, no secret
    active = [group for group in groups if group.code not in cast.SILENT]
    found = [past for number, group in enumerate(active) for past in _of_group(random, group, number, now)]
    return sorted(found, key=lambda past: past.sent_at)


def _of_group(random: Random, group: Group, number: int, now: datetime) -> Iterator[Past]:
    count = HOME_COUNT if group.code == cast.HOME else random.choice(COUNTS)
    fame = random.lognormvariate(0, 0.55)
    example = _example_of(group.code)
    first = int(example is not None and example.id in KEPT_FOR_NOW)
    for place in range(count):
        recent = place == 0 or group.code in cast.CUT_OFF
        sent_at = _moment(random, now, RECENT if recent else DAYS)
        about = example if example and example.may_be_published and place % 3 != 2 else None
        words = (
            about_business(about, first + place)
            if about
            else about_kelurahan(group.name, group.kelurahan, number + place)
        )
        by_hand_too = group.code == cast.HOME and place % 4 == 1
        yield Past(group, words, about, sent_at, _figures(random, fame), by_hand_too)


def _example_of(code: str) -> Example | None:
    """Only a business of the KIM's own kelurahan is written about."""
    return next((each for each in all_examples() if each.kelurahan_code == code), None)


def _moment(random: Random, now: datetime, days: int) -> datetime:
    day = clock.to_wib(now).date() - timedelta(days=random.randint(1, days - 1))
    hour, minute = random.choice(HOURS)
    moment = clock.from_wib(datetime.combine(day, time(hour, minute)))
    return moment + timedelta(seconds=random.randint(20, 70))


def _figures(random: Random, fame: float) -> Stats:
    reach = round(min(2500, max(100, 520 * fame * random.lognormvariate(0, 0.45))))
    return Stats(
        reach=reach,
        views=round(reach * random.uniform(1.15, 1.8)),
        likes=round(reach * random.uniform(0.04, 0.13)),
        comments=round(reach * random.uniform(0.003, 0.014)),
        shares=round(reach * random.uniform(0.004, 0.03)),
        saves=round(reach * random.uniform(0.004, 0.045)),
    )


def grown(final: Stats, share: float) -> Stats:
    values = (final.reach, final.views, final.likes, final.comments, final.shares, final.saves)
    return Stats(*(round(value * share) if value is not None else None for value in values))
