"""Addresses that a person types or a server names, and what a server says of its limits."""

from datetime import timedelta

import pytest

from contentdesk.channels.base import Rejected
from contentdesk.channels.kinds.servers import asked_wait, typed_address
from contentdesk.lib.http import Reply


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
