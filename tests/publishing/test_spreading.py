"""New times for what was missed. No database but for what is planned."""

from datetime import timedelta
from itertools import pairwise

from contentdesk.lib import clock
from contentdesk.posts import planning
from contentdesk.publishing.spreading import DAYS, spread

QUARTER = timedelta(minutes=15)


def test_each_kim_gets_one_post_a_day_in_the_busy_hours_far_enough_from_all_others() -> None:
    times = spread({f"kim{n}": [f"{n}a", f"{n}b"] for n in range(20)}, QUARTER, [])
    assert len(times) == 40
    every = sorted(times.values())
    assert all(later - earlier >= QUARTER for earlier, later in pairwise(every))
    starts = planning.suggestions(DAYS)
    assert all(any(start <= one < start + planning.busy_for() for start in starts) for one in every)
    for n in range(20):
        assert clock.to_wib(times[f"{n}a"]).date() < clock.to_wib(times[f"{n}b"]).date()


def test_what_is_planned_already_keeps_its_distance() -> None:
    first = planning.suggestions(1)[0]
    times = spread({"kim": ["a"]}, QUARTER, [first + timedelta(minutes=5)])
    assert times == {"a": first + timedelta(minutes=30)}


def test_where_there_is_no_room_nothing_is_suggested() -> None:
    many = [f"p{n}" for n in range(DAYS + 5)]
    assert len(spread({"kim": many}, QUARTER, [])) == DAYS
