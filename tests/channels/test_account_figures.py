"""Figures of accounts: what one call brought is not lost with what another did not."""

from collections.abc import Callable

import pytest

from contentdesk.channels.abilities import AccountStats, MeasuresAccounts
from contentdesk.channels.base import Login, LoginExpired, TryLater
from contentdesk.channels.registry import KINDS
from contentdesk.lib.http import Http
from tests.channels.scripted import Answer, ScriptedPlatform, refusal

LOGIN = Login("1784", "kim.latihan", "rahasia")
FOLLOWERS = Answer(
    {"followers_count": 12, "data": [{"name": "followers_count", "total_value": {"value": 12}}]},
)
Tell = Callable[[], AccountStats]


def teller(scripted: ScriptedPlatform, kind: str) -> Tell:
    channel = KINDS[kind]
    assert isinstance(channel, MeasuresAccounts)
    return lambda: channel.measure_account(Http(scripted.url), LOGIN)


@pytest.mark.parametrize("kind", ["instagram", "facebook", "threads"])
def test_followers_are_not_lost_with_the_day_s_insights(scripted: ScriptedPlatform, kind: str) -> None:
    """Nor asked for in vain when the platform only wants to be left alone for a while."""
    tell = teller(scripted, kind)
    insights = r"insights\?(?!metric=followers_count)"
    for answer, again in ((refusal(2, status=500), True), (refusal(4), True), (refusal(10), False)):
        scripted.on("GET", "/1784", FOLLOWERS).on("GET", insights, answer)
        assert tell() == AccountStats(followers=12, again=again)
    scripted.on("GET", insights, refusal(190))
    with pytest.raises(LoginExpired):
        tell()
    scripted.on("GET", "/1784", refusal(4))
    with pytest.raises(TryLater):
        tell()
