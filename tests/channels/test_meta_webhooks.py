"""Rings of the Graph platforms, over HTTP from the sandbox."""

import hmac
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from contentdesk.channels.abilities import Event
from contentdesk.channels.kinds import meta_webhooks
from contentdesk.channels.kinds.facebook import Facebook
from contentdesk.channels.kinds.instagram import Instagram
from contentdesk.lib import clock
from tests.servers import SandboxProcess, wait_until


@pytest.fixture
def ears() -> Iterator[tuple[str, list[tuple[dict[str, str], bytes]]]]:
    """An address, and what rang there."""
    heard: list[tuple[dict[str, str], bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.append((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/dering/facebook", heard
    server.shutdown()
    server.server_close()


def test_a_ring_is_believed_by_its_signature_alone(
    sandbox: SandboxProcess, ears: tuple[str, list[tuple[dict[str, str], bytes]]]
) -> None:
    url, heard = ears
    ring = {"url": url, "secret": "rahasia", "account_id": "6155", "post_id": "6155_1", "times": 2}
    assert sandbox.admin("webhooks", ring) == {"statuses": [200, 200]}
    wait_until(lambda: len(heard) == 2)
    (headers, raw), again = heard
    assert again == (headers | {"Host": again[0]["Host"]}, raw)
    now = clock.now()
    assert Facebook().events("rahasia", headers, raw, now) == (Event("6155", "6155_1"),)
    assert Facebook().events("lain", headers, raw, now) is None
    assert Facebook().events("rahasia", headers, raw + b" ", now) is None
    assert Facebook().events("rahasia", {}, raw, now) is None
    assert Facebook().events("", headers, raw, now) is None


def test_an_account_that_came_with_a_page_rings_at_the_pages_bell(
    sandbox: SandboxProcess, ears: tuple[str, list[tuple[dict[str, str], bytes]]]
) -> None:
    url, heard = ears
    sandbox.admin("webhooks", {"url": url, "secret": "r", "object": "instagram", "account_id": "17", "post_id": "179"})
    sandbox.admin("webhooks", {"url": url, "secret": "r", "object": "page", "account_id": "615", "post_id": "615_1"})
    now, ((headers, raw), (page_headers, of_page)) = clock.now(), heard
    assert Facebook().events("r", headers, raw, now) == (Event("17", "179", "instagram"),)
    assert Instagram().events("r", headers, raw, now) == (Event("17", "179"),)
    assert Instagram().events("r", page_headers, of_page, now) == ()


def test_what_was_sent_too_long_ago_is_refused_however_well_signed() -> None:
    now = clock.now()

    def heard(*ages_h: float | None) -> Any:
        entry = [
            {"id": str(n), "changes": [{}]} | ({} if age is None else {"time": int(now.timestamp() - age * 3600)})
            for n, age in enumerate(ages_h)
        ]
        raw = json.dumps({"object": "page", "entry": entry}).encode()
        good = "sha256=" + hmac.new(b"r", raw, "sha256").hexdigest()
        return Facebook().events("r", {"X-Hub-Signature-256": good}, raw, now)

    assert heard(36) == (Event("0"),)
    assert heard(49) is None
    assert heard(None) is None
    assert heard(49, 1) == (Event("1"),)
    assert heard(-2) is None
    assert heard() == ()


def test_what_nobody_can_read_is_nothing_and_breaks_nothing() -> None:
    raw = b"[" * 100_000
    good = "sha256=" + hmac.new(b"r", raw, "sha256").hexdigest()
    assert Facebook().events("r", {"X-Hub-Signature-256": good}, raw, clock.now()) == ()


def test_the_question_whether_the_address_is_ours_is_answered_with_our_word_alone() -> None:
    asked = {"hub.mode": "subscribe", "hub.challenge": "1158201444"}
    ours = asked | {"hub.verify_token": meta_webhooks.verify_token("rahasia")}
    assert Facebook().handshake("rahasia", ours) == "1158201444"
    assert Facebook().handshake("rahasia", asked | {"hub.verify_token": "rahasia"}) is None
    assert Facebook().handshake("rahasia", asked) is None
    assert Facebook().handshake("rahasia", ours | {"hub.challenge": "<script>"}) is None
    assert "rahasia" not in meta_webhooks.verify_token("rahasia")
