"""What leaves the house, and what never does."""

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from contentdesk.lib.http import Heard, Http, NoAnswer, PrivateAddress, Reply, refuse_private
from tests.servers import free_port


class Listener:
    """Gives everybody a cookie and notes what comes."""

    def __init__(self) -> None:
        seen: list[str | None] = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                seen.append(self.headers.get("Cookie"))
                self.send_response(200)
                self.send_header("Set-Cookie", "who=account-1; Path=/")
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_: object) -> None:
                pass

        self.cookies = seen
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def listener() -> Iterator[Listener]:
    found = Listener()
    yield found
    found.stop()


def test_a_cookie_given_to_one_account_is_not_shown_for_the_next(listener: Listener) -> None:
    http = Http(f"http://127.0.0.1:{listener.port}")
    for _ in range(2):
        assert http.call("GET", "https://graph.instagram.com/me").status == 200
    assert listener.cookies == [None, None]


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_name_that_turns_private_between_check_and_connect_is_told_nothing(
    listener: Listener, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    answers = ["93.184.215.14", "127.0.0.1"]

    def resolved(_host: object, port: object, *_args: object, **_more: object) -> list[object]:
        place = answers.pop(0) if len(answers) > 1 else answers[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (place, port))]

    monkeypatch.setattr("socket.getaddrinfo", resolved)
    with pytest.raises(PrivateAddress):
        Http().call("GET", f"{scheme}://berpindah.example:{listener.port}/")
    assert listener.cookies == []


def test_a_trusted_address_may_be_private(listener: Listener) -> None:
    assert Http(may_be_private=True).call("GET", f"http://127.0.0.1:{listener.port}/").json() == {}


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/", "http://10.1.2.3/", "http://[::1]/", "http://[::ffff:10.0.0.1]/", "file:///etc/passwd"]
)
def test_private_and_odd_addresses_are_refused(url: str) -> None:
    with pytest.raises(PrivateAddress):
        refuse_private(url)


def test_a_closed_door_is_known_not_to_have_been_reached(listener: Listener) -> None:
    listener.stop()
    with pytest.raises(NoAnswer) as caught:
        Http(may_be_private=True).call("GET", f"http://127.0.0.1:{listener.port}/")
    assert not caught.value.reached


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"a":' * 100_000, b"<html>", b"\xff\xfe\xff"])
def test_an_answer_that_is_no_json_or_has_no_end_is_none(body: bytes) -> None:
    assert Reply(200, {}, body).json() is None


def test_signs_that_no_database_takes_never_come_in() -> None:
    body = b'{"te\\u0000xt": ["a\\u0000b", "half \\ud83d", "\\ud83d\\ude00", 7, null]}'
    assert Reply(200, {}, body).json() == {"text": ["ab", "half ?", "\U0001f600", 7, None]}


@pytest.fixture
def dripping() -> Iterator[str]:
    """Sends a byte now and then, without end, until the listener goes."""
    stop = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "5000000")
            self.end_headers()
            with suppress(OSError):
                while not stop.wait(0.02):
                    self.wfile.write(b" ")

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    stop.set()
    server.shutdown()
    server.server_close()


def test_a_server_that_drips_holds_nobody(dripping: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("contentdesk.lib.http.LONGEST_BODY_S", 0.2)
    with pytest.raises(NoAnswer) as told:
        Http(dripping).call("GET", "https://a.test/")
    assert told.value.reached


def test_who_observes_hears_of_each_call_and_shares_the_connections() -> None:
    heard: list[Heard] = []
    http = Http()
    view = http.observed(heard.append)
    with pytest.raises(NoAnswer):
        Http(f"http://127.0.0.1:{free_port()}").observed(heard.append).call("GET", "https://uji.example/a")
    assert [(one.method, one.url, one.reply) for one in heard] == [("GET", "https://uji.example/a", None)]
    assert view._pools is http._pools
    assert http._hear is None
