"""Links of platforms in our pages."""

import pytest

from contentdesk.channels.base import Sent
from contentdesk.lib import links

GOOD = ["https://a.id/p/1?x=1#y", "http://127.0.0.1:8000/x", "https://[::1]:8/x", "HTTPS://A.ID/kué"]
BAD = ["javascript:alert(1)", "\tjavascript:x", "//a.id", "/p/1", "https:a", "https://a\\b", "https://a b", "", None, 7]


def test_web_addresses_are_shown_and_nothing_else_is() -> None:
    assert [links.shown(link) for link in GOOD] == GOOD
    assert [links.shown(link) for link in BAD] == [None] * len(BAD)


@pytest.mark.parametrize("link", BAD)
def test_a_post_with_a_link_that_is_none_is_sent_all_the_same(link: str | None) -> None:
    assert Sent("1", link).permalink is None
