"""What rings at an application that does not answer rings again, ever more seldom, for a day and a half."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.servers import SandboxProcess, wait_until

HOUR_S = 3600.0
MOMENTS = (60.0, 600.0, HOUR_S, 4 * HOUR_S, 12 * HOUR_S, 19 * HOUR_S)
"""After the second ring, which comes at once."""


@dataclass
class Door:
    """An application's address; says 503 as long as it is shut."""

    url: str = ""
    shut: bool = True
    heard: list[tuple[str, bytes]] = field(default_factory=list)


@pytest.fixture
def door() -> Iterator[Door]:
    door = Door()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(parse_qs(urlsplit(self.path).query)["hub.challenge"][0].encode())

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            door.heard.append((self.headers["X-Hub-Signature-256"], raw))
            self.send_response(503 if door.shut else 200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    door.url = f"http://127.0.0.1:{server.server_port}"
    yield door
    server.shutdown()
    server.server_close()


def ring(sandbox: SandboxProcess, door: Door) -> list[int]:
    bell = {"app": "instagram", "object": "instagram", "url": door.url, "secret": "r", "verify_token": "v"}
    assert sandbox.admin("webhooks/callback", bell)["echoed"]
    account = sandbox.account("kim.dering")
    address = f"{sandbox.url}/graph.instagram.com/v25.0/{account['id']}/subscribed_apps"
    form = {"subscribed_fields": "comments", "access_token": account["access_token"]}
    assert requests.post(address, data=form, timeout=10).ok
    about = {"app": "instagram", "object": "instagram", "account_id": account["id"], "post_id": "1"}
    return list(sandbox.admin("webhooks", about)["statuses"])


def kept(sandbox: SandboxProcess) -> int:
    with sqlite3.connect(sandbox.data / "sandbox.db") as db:
        return int(db.execute("SELECT count(*) FROM rings").fetchone()[0])


def test_it_rings_again_with_the_same_bytes_until_somebody_answers(sandbox: SandboxProcess, door: Door) -> None:
    assert ring(sandbox, door) == [503]
    wait_until(lambda: len(door.heard) == 2)
    door.shut = False
    sandbox.admin("clock", {"offset_s": 61})
    wait_until(lambda: not kept(sandbox))
    assert len(door.heard) == 3
    assert len(set(door.heard)) == 1


def test_it_gives_up_after_a_day_and_a_half(sandbox: SandboxProcess, door: Door) -> None:
    ring(sandbox, door)
    assert 36 * HOUR_S < sum(MOMENTS) <= 37 * HOUR_S
    for number in range(len(MOMENTS)):
        wait_until(lambda number=number: len(door.heard) == 2 + number)
        assert kept(sandbox) == 1
        sandbox.admin("clock", {"offset_s": sum(MOMENTS[: number + 1]) + 5})
    wait_until(lambda: not kept(sandbox))
    assert len(door.heard) == 2 + len(MOMENTS)


def test_who_answers_at_once_is_not_rung_for_again(sandbox: SandboxProcess, door: Door) -> None:
    door.shut = False
    assert ring(sandbox, door) == [200]
    assert kept(sandbox) == 0
