"""When a platform is asked for the figures of a post, as data: often while they change fast, then seldom."""

from datetime import datetime, timedelta


def _hours(*values: int) -> tuple[timedelta, ...]:
    return tuple(timedelta(hours=value) for value in values)


def _days(*values: int) -> tuple[timedelta, ...]:
    return tuple(timedelta(days=value) for value in values)


AGES: tuple[timedelta, ...] = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    *_hours(1, 3, 6, 12, 24, 36, 48, 72),
    *_days(*range(4, 15)),
    *_days(21, 28, 35, 42, 49, 56, 60),
)
"""Ages of a post, counted from when it went out, at which it is asked about."""

LEASE = timedelta(minutes=10)
"""So long one worker has a row to itself; after that it is due again, whatever became of the worker."""
AT_LEAST_APART = timedelta(minutes=1)
"""Between two polls that a person asks for."""

FIRST_WAIT = timedelta(minutes=2)
LONGEST_WAIT = timedelta(hours=12)
LONGEST_ABSENCE = timedelta(days=7)
"""The same for a post that the platform leaves out while it tells of others: mostly it was deleted there."""
SPREAD = 0.25
"""The wait after a failure varies by this share, so that many rows do not come back at once."""


def first_poll(sent_at: datetime) -> datetime:
    return sent_at + AGES[0]


def next_poll(sent_at: datetime, now: datetime) -> datetime | None:
    """The next moment of the plan; None once the post is too old to change. Missed moments are one poll, not many."""
    return next((sent_at + age for age in AGES if sent_at + age > now), None)


def retry_poll(
    sent_at: datetime,
    now: datetime,
    failures: int,
    chance: float,
    at_least: timedelta = timedelta(),
    longest: timedelta = LONGEST_WAIT,
) -> datetime | None:
    """After a poll that brought nothing: twice the wait each time, spread by `chance` (0 to 1).

    `at_least` is what the platform itself asked for. A post beyond the plan is asked no more.
    """
    if now > sent_at + AGES[-1] + LONGEST_WAIT:
        return None
    wait = min(FIRST_WAIT * (1 << min(failures, 16)), longest)
    return now + max(wait * (1 + SPREAD * (2 * chance - 1)), at_least)
