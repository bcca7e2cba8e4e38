"""Addresses that a person types or a server names, and what a server says of its limits."""

from datetime import timedelta

import pytest

from contentdesk.channels.base import Login, NotAllowed, OutcomeUnknown, Outgoing, Rejected, TryLater
from contentdesk.channels.kinds.bluesky import Bluesky
from contentdesk.channels.kinds.mastodon import Mastodon
from contentdesk.channels.kinds.servers import asked_wait, typed_address
from contentdesk.channels.kinds.wordpress import WordPress
from contentdesk.lib.http import Http, Reply
from tests.channels.scripted import HTML, Answer, ScriptedPlatform

WALL = Answer(HTML.body, 403)
PLACE = {"site": "https://a.test", "server": "https://a.test", "pds": "https://a.test", "user": "kim", "account": "7"}
LOGIN = Login("did:plc:kim", "kim", "rahasia", details=PLACE)


@pytest.mark.parametrize(
    "typed", ["a.test/../b", "https://a.test/blog/..", "a.test/%2e%2E/b", "a.test/./b", "https://a.test/.%2e"]
)
def test_a_path_that_leads_out_of_itself_is_refused(typed: str) -> None:
    """Whatever stands before the servers, such as the stand-in of the platforms, would be left by it."""
    with pytest.raises(Rejected) as told:
        typed_address(typed, "https://a.test")
    assert told.value.code == "address"


def test_dots_within_names_are_names() -> None:
    assert typed_address("A.test/blog..x/.kim/", "x") == "https://a.test/blog..x/.kim"


@pytest.mark.parametrize("header", ["9" * 5000, "-1", "\u0663", "besok", ""])
def test_a_wait_that_cannot_be_read_is_none(header: str) -> None:
    assert asked_wait(Reply(429, {"Retry-After": header}, b"")) is None


def test_a_wait_is_never_longer_than_a_day() -> None:
    assert asked_wait(Reply(429, {"Retry-After": "99999999"}, b"")) == timedelta(hours=24)


@pytest.mark.parametrize("channel", [WordPress(), Mastodon(), Bluesky()], ids=lambda one: one.kind)
@pytest.mark.parametrize("answer", [WALL, Answer("", 408), Answer({"error": "x"}, 425)], ids=["wall", "408", "425"])
def test_a_wall_before_a_server_disconnects_nobody(
    scripted: ScriptedPlatform, channel: WordPress | Mastodon | Bluesky, answer: Answer
) -> None:
    """A guard that takes us for a machine, or a page of the hoster's, says nothing about the account."""
    scripted.on("GET", "", answer)
    with pytest.raises(TryLater):
        channel.check(Http(scripted.url), LOGIN)


def test_a_servers_own_refusal_counts(scripted: ScriptedPlatform) -> None:
    scripted.on("GET", "", Answer({"code": "rest_forbidden"}, 403))
    with pytest.raises(NotAllowed):
        WordPress().check(Http(scripted.url), LOGIN)


@pytest.mark.parametrize("status", [402, 409, 423, 451])
def test_a_refusal_that_nobody_knows_leaves_the_outcome_open(scripted: ScriptedPlatform, status: int) -> None:
    scripted.on("POST", "", Answer({"code": "plugin_says_no"}, status))
    with pytest.raises(OutcomeUnknown):
        WordPress().publish(Http(scripted.url), Outgoing("d1", LOGIN, "Pasar ramai", ()), {"post": 12})
