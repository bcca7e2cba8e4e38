"""The pieces of OAuth 2 that connectors share, against a token endpoint over real HTTP."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from contentdesk.channels.base import AppKeys, ChannelError, LoginExpired, NotAllowed, TryLater
from contentdesk.channels.kinds.oauth import OAuth, Token
from contentdesk.lib import clock
from contentdesk.lib.http import Http
from tests.channels.scripted import HTML, Answer, ScriptedPlatform

APP = AppKeys("aplikasi-kota", "rahasia-kota")
BACK = "https://desk.example/akun/kembali/uji"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
UJI = OAuth("Uji", "https://uji.example/authorize?lang=id", "https://api.uji.example/token", ("baca", "tulis"))
OTHER = OAuth("Uji", "https://uji.example/a", "https://api.uji.example/t", ("a", "b"), ",", "client_key", pkce=False)


def fields(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def exchanged(scripted: ScriptedPlatform) -> Token:
    return UJI.exchange(Http(scripted.url), APP, BACK, "kode-rahasia", VERIFIER)


def refreshed(scripted: ScriptedPlatform) -> Token:
    return UJI.refresh(Http(scripted.url), APP, "segar-lama", "kim_uji")


def test_the_address_has_the_challenge_of_the_standards_example_and_no_secret() -> None:
    address = UJI.address(APP, BACK, "s1", VERIFIER, prompt="consent")
    assert fields(address) == {
        "lang": "id",
        "response_type": "code",
        "client_id": "aplikasi-kota",
        "redirect_uri": BACK,
        "scope": "baca tulis",
        "state": "s1",
        "prompt": "consent",
        "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        "code_challenge_method": "S256",
    }
    assert VERIFIER not in address


def test_a_platform_with_other_habits_gets_its_own_names() -> None:
    found = fields(OTHER.address(APP, BACK, "s1", VERIFIER))
    assert (found["client_key"], found["scope"]) == ("aplikasi-kota", "a,b")
    assert not {"client_id", "code_challenge"} & set(found)


def test_a_code_becomes_a_token_with_its_ends_and_scopes(scripted: ScriptedPlatform) -> None:
    body = {"access_token": "a1", "refresh_token": "r1", "expires_in": 7200, "refresh_expires_in": "864000"}
    scripted.on("POST", "/token", Answer(body | {"scope": "baca,tulis", "open_id": "u-1"}))
    token = exchanged(scripted)
    assert (token.access, token.refresh, token.scopes, token.body["open_id"]) == ("a1", "r1", ("baca", "tulis"), "u-1")
    assert token.expires_at
    assert token.refresh_expires_at
    assert timedelta(minutes=119) < token.expires_at - clock.now() <= timedelta(hours=2)
    assert token.refresh_expires_at - clock.now() > timedelta(days=9)
    assert "a1" not in repr(token)
    assert "r1" not in repr(token)
    assert "kode-rahasia" not in "".join(scripted.asked)


@pytest.mark.parametrize("lifetime", [None, 0, -5, "lama", 10**30])
def test_a_lifetime_that_is_none_means_no_known_end(scripted: ScriptedPlatform, lifetime: object) -> None:
    scripted.on("POST", "/token", Answer({"access_token": "a1", "expires_in": lifetime}))
    assert exchanged(scripted).expires_at is None


def test_too_little_granted_is_named(scripted: ScriptedPlatform) -> None:
    scripted.on("POST", "/token", Answer({"access_token": "a1", "scope": "baca"}))
    with pytest.raises(NotAllowed) as caught:
        UJI.must_have(exchanged(scripted), UJI.scopes)
    assert caught.value.values["missing"] == ["tulis"]
    UJI.must_have(Token("a1"), UJI.scopes)


@pytest.mark.parametrize(
    ("answer", "starting", "renewing"),
    [
        (Answer({"error": "invalid_grant"}, 400), LoginExpired, LoginExpired),
        (Answer({"error": "invalid_grant", "log_id": "1"}, 200), LoginExpired, LoginExpired),
        (Answer({"error": "invalid_client"}, 401), NotAllowed, NotAllowed),
        (Answer({"error": "invalid_request"}, 400), LoginExpired, TryLater),
        (Answer({"error": {"code": 190}}, 400), LoginExpired, TryLater),
        (Answer({"error": "temporarily_unavailable"}, 503), TryLater, TryLater),
        (Answer({"error": "slow_down"}, 429), TryLater, TryLater),
        (Answer({"token": "?"}), TryLater, TryLater),
        (Answer({"access_token": ""}), TryLater, TryLater),
        (Answer("", 302, {"Location": "http://127.0.0.1/"}), TryLater, TryLater),
        (HTML, TryLater, TryLater),
        (Answer("", 500), TryLater, TryLater),
    ],
    ids=str,
)
def test_only_a_clear_word_ends_a_login(
    scripted: ScriptedPlatform, answer: Answer, starting: type[ChannelError], renewing: type[ChannelError]
) -> None:
    scripted.on("POST", "/token", answer)
    for ask, expected in ((exchanged, starting), (refreshed, renewing)):
        with pytest.raises(expected) as caught:
            ask(scripted)
        error = caught.value
        assert error.sentence % error.values
        chain = f"{error!r} {error.values} {error.__cause__!r} {error.__context__!r}"
        assert not any(secret in chain for secret in ("rahasia", "segar-lama", VERIFIER))


def test_a_platform_that_cannot_be_reached_may_be_asked_later(scripted: ScriptedPlatform) -> None:
    scripted.stop()
    with pytest.raises(TryLater):
        refreshed(scripted)


def test_without_a_refresh_token_a_person_has_to_sign_in(scripted: ScriptedPlatform) -> None:
    with pytest.raises(LoginExpired):
        UJI.refresh(Http(scripted.url), APP, "", "kim_uji")
    assert scripted.asked == []


def test_a_token_address_in_a_private_network_is_refused_in_a_sentence() -> None:
    door = OAuth("Uji", "https://uji.example/a", "http://10.0.0.7/token", ())
    with pytest.raises(NotAllowed) as caught:
        door.exchange(Http(), APP, BACK, "kode")
    assert "jaringan tertutup" in caught.value.sentence
