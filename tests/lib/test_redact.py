"""Logins do not get into a timeline; the platforms' own words do."""

import pytest

from contentdesk.lib import redact

WORDS = (
    "190/460",
    "http_429",
    "36003/2207009",
    "limit_2207009",
    "OffsetInvalidError",
    "ApplicationRequestLimitReachedException",
    "unaudited_client_can_only_post_to_private_accounts",
    "spam_risk_too_many_posts",
    "token_expired",
    "2026-12-01T10:00:00.123456+00:00",
)
TOKENS = (
    "EAAGm0PX4ZCpsBAKZCxZBdEoXyZB3abcdefgh",
    "ya29.a0AfB_byC1234567890abcdefghijklmn",
    "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N",
    "qwErTyUiOpAsDfGhJkLzXcVb",
)


@pytest.mark.parametrize("word", WORDS)
def test_a_platforms_word_stays_as_it_is(word: str) -> None:
    assert redact.word(word) == word


@pytest.mark.parametrize("token", TOKENS)
@pytest.mark.parametrize("around", ["{}", "190: {} tidak sah", "access_token={}", "https://api.contoh.test/bot{}/send"])
def test_a_token_does_not_stay_wherever_it_stands(token: str, around: str) -> None:
    said = redact.word(around.format(token))
    assert token not in said
    assert max(len(part) for part in said.replace(":", " ").replace(".", " ").split()) < 20


def test_what_is_named_as_a_secret_goes_however_short_it_is() -> None:
    assert redact.word("190 access_token=pendek") == f"190 {redact.HIDDEN}"
    assert "pendek" not in redact.word("Authorization: Bearer pendek")
    assert "pendek" not in redact.word("Bearer pendek")


def test_a_public_address_keeps_what_leads_there_and_loses_what_opens_something() -> None:
    link = "https://orang:sandi@www.facebook.com/permalink.php?story_fbid=12&id=4&access_token=EA#bagian"
    assert redact.address(link) == "https://www.facebook.com/permalink.php?story_fbid=12&id=4"
    assert redact.address("https://www.youtube.com/watch?v=abc") == "https://www.youtube.com/watch?v=abc"
