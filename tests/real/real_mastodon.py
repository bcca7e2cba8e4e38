"""Against a mock of Mastodon's interface from a package. It is no Mastodon: what passes here is likely, not proven."""

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from contentdesk.channels.base import Login, LoginExpired, Outgoing, Rejected, Sent
from contentdesk.channels.kinds.mastodon import Mastodon
from contentdesk.lib import ids
from contentdesk.lib.http import Http
from tests.channels.conftest import Later
from tests.channels.engine import Engine
from tests.channels.sent_photos import photos_sent
from tests.real.cutting import CutWire

CHANNEL = Mastodon()
BACK = "http://127.0.0.1:8000/akun/kembali/x"
VERIFIER = "v" * 60
TEXT = "Pasar ramai, lihat https://kim.latihan.test/pasar?a=1&b=2\n\n#PasarMinggu"


def login_at(http: Http, server: str) -> Login:
    """Through the mock's page, on which anybody may be anybody."""
    leaving = CHANNEL.leave(http, None, BACK, "s1", VERIFIER, {"server": server})
    page = requests.get(leaving.url, timeout=20)
    username = page.text.partition('name="username" value="')[2].partition('"')[0]
    asked = {name: values[0] for name, values in parse_qs(urlsplit(leaving.url).query).items()}
    address = leaving.url.partition("?")[0]
    answer = requests.post(address, data=asked | {"username": username}, allow_redirects=False, timeout=20)
    brought = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert brought["state"] == ["s1"]
    [login] = CHANNEL.exchange(http, None, BACK, brought["code"][0], VERIFIER, leaving.keep)
    return login


def delivery(http: Http, login: Login, later: Later, **more: Any) -> Engine:
    words = f"{TEXT} {ids.new()[-8:]}"
    return Engine(http, "mastodon", replace(Outgoing(ids.new(), login, words, ()), **more), later)


def statuses(http: Http, login: Login, engine: Engine) -> list[dict[str, Any]]:
    mark = engine.outgoing.text[-8:]
    url = f"{login.details['server']}/api/v1/accounts/{login.details['account']}/statuses?limit=40"
    rows = requests.get(url, headers={"Authorization": f"Bearer {login.token}"}, timeout=20).json()
    return [row for row in rows if mark in row["content"]]


def test_an_account_is_connected(http: Http, mock: str) -> None:
    login = login_at(http, mock)
    assert set(login.scopes) == {"read:accounts", "read:statuses", "write:statuses", "write:media"}
    CHANNEL.check(http, login)
    with pytest.raises(LoginExpired):
        CHANNEL.check(http, replace(login, token="salah"))


@pytest.mark.parametrize("count", [0, 1, 4])
def test_text_and_photos_arrive(http: Http, mock: str, later: Later, count: int) -> None:
    login = login_at(http, mock)
    engine = delivery(http, login, later, photos=photos_sent(count))
    settled = engine.settle()
    [status] = statuses(http, login, engine)
    assert isinstance(settled, Sent)
    assert (status["id"], status["url"]) == (settled.external_id, settled.permalink)
    assert [one["description"] for one in status["media_attachments"]] == [f"Foto ke-{n + 1}" for n in range(count)]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("count", [0, 2])
def test_a_cut_off_call_makes_one_post(
    http: Http, mock: str, later: Later, wire: CutWire, when: str, count: int
) -> None:
    wire.target = mock
    login = login_at(http, wire.url)
    engine = delivery(http, login, later, photos=photos_sent(count))
    wire.cut(when, "POST /api/v1/statuses")
    assert isinstance(engine.settle(), Sent)
    assert len(statuses(http, login, engine)) == 1


def test_the_same_key_is_the_same_post(http: Http, mock: str, later: Later) -> None:
    login = login_at(http, mock)
    engine = delivery(http, login, later)
    engine.prepare()
    assert engine.publish() == engine.publish()
    assert len(statuses(http, login, engine)) == 1


def test_a_text_that_is_too_long_is_refused(http: Http, mock: str, later: Later) -> None:
    engine = delivery(http, login_at(http, mock), later, text="a" * 501)
    with pytest.raises(Rejected):
        engine.settle()
    with pytest.raises(Rejected):  # by the server, too
        engine.publish()


def test_figures_are_read(http: Http, mock: str, later: Later) -> None:
    login = login_at(http, mock)
    settled = delivery(http, login, later).settle()
    assert isinstance(settled, Sent)
    headers = {"Authorization": f"Bearer {login.token}"}
    requests.post(f"{mock}/api/v1/statuses/{settled.external_id}/favourite", headers=headers, timeout=20)
    said = {"status": "Buka jam berapa?", "in_reply_to_id": settled.external_id}
    requests.post(f"{mock}/api/v1/statuses", json=said, headers=headers, timeout=20).raise_for_status()
    measured = CHANNEL.measure(http, login, [settled.external_id, "115482390184756123"])
    print(measured)
    assert set(measured) == {settled.external_id}
    assert measured[settled.external_id].comments == 1
    [comment] = CHANNEL.comments(http, login, settled.external_id).newest
    assert (comment.text, comment.by_us) == ("Buka jam berapa?", True)
    assert CHANNEL.measure_account(http, login).posts
