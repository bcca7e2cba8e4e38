"""The process itself: restarts, the book of calls, the admin's door, the page for people."""

import socket
import threading

import pytest
import requests

from tests.sandbox.conftest import Graph, jpeg
from tests.servers import MediaServer, SandboxProcess, wait_until


@pytest.mark.parametrize("ending", ["kill", "stop"])
def test_nothing_is_lost_by_a_restart(own_process: SandboxProcess, media: MediaServer, ending: str) -> None:
    own_process.admin("clock", {"offset_s": 5})
    graph = Graph(own_process, own_process.account())
    post = graph.publish(graph.finished(image_url=media.add("a.jpg", jpeg()), caption="tetap"))["id"]
    published, calls = own_process.published(), own_process.calls()
    getattr(own_process, ending)()
    own_process.start()
    assert own_process.published() == published
    assert own_process.calls() == calls
    assert own_process.admin("clock")["offset_s"] == 5
    assert graph.get(post, fields="caption")["caption"] == "tetap"
    assert requests.get(own_process.url + published[0]["images"][0]["stored"], timeout=5).ok


def test_a_fetch_that_a_kill_cut_off_is_taken_up_again(own_process: SandboxProcess, media: MediaServer) -> None:
    graph = Graph(own_process, own_process.account())
    held = threading.Event()
    container = graph.container(image_url=media.add("a.jpg", jpeg(), wait=held))
    wait_until(lambda: media.asked)
    own_process.kill()
    held.set()
    own_process.start()
    assert graph.settled(container)["status_code"] == "FINISHED"


def test_the_book_masks_what_is_secret(sandbox: SandboxProcess, graph: Graph) -> None:
    url = f"{sandbox.url}/graph.instagram.com/v25.0/me"
    requests.get(url, params={"access_token": graph.token, "fields": "id"}, timeout=5)
    [call] = sandbox.calls("/me$", "get", "graph.instagram.com")
    assert call["query"]["fields"] == "id"
    assert call["query"]["access_token"] == f"…{graph.token[-4:]}"
    assert graph.token not in requests.get(f"{sandbox.url}/_admin/calls", timeout=5).text
    assert sandbox.calls("/me$", "POST") == []


def test_ids_never_come_back_after_a_reset(sandbox: SandboxProcess) -> None:
    first = sandbox.account("kim.satu")["id"]
    sandbox.admin("reset", {})
    assert sandbox.published() == []
    assert sandbox.account("kim.satu")["id"] != first


def test_the_same_post_asked_for_by_many_at_once_is_made_once(
    sandbox: SandboxProcess, graph: Graph, media: MediaServer
) -> None:
    container = graph.finished(image_url=media.add("a.jpg", jpeg()))
    replies: list[dict[str, object]] = []
    callers = [threading.Thread(target=lambda: replies.append(graph.publish(container))) for _ in range(8)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert sum("id" in reply for reply in replies) == 1
    assert len(sandbox.published()) == 1


def test_the_admin_opens_to_loopback_alone(sandbox: SandboxProcess) -> None:
    url = f"{sandbox.url}/_admin/calls"
    assert requests.get(url, timeout=5).ok
    for headers in ({"X-Forwarded-For": "203.0.113.7"}, {"Origin": "https://elsewhere.example"}):
        assert requests.get(url, headers=headers, timeout=5).status_code == 403


def test_the_admin_refuses_another_address(tmp_path: object) -> None:
    from contentdesk.sandbox.admin import _is_loopback

    assert [_is_loopback(a) for a in ("127.0.0.1", "::1", "192.168.1.5", "::ffff:10.0.0.1", "x")] == [
        True,
        True,
        False,
        False,
        False,
    ]


@pytest.mark.parametrize(
    "wrong", [{"unknown": 1}, {"quota_total": "many"}, {"quota_total": -1}, {"container_delay_s": True}]
)
def test_a_wrong_setting_is_named(sandbox: SandboxProcess, wrong: dict[str, object]) -> None:
    reply = requests.post(f"{sandbox.url}/_admin/settings", json=wrong, timeout=5)
    assert reply.status_code == 400
    assert next(iter(wrong)) in reply.json()["error"]


@pytest.mark.parametrize(
    ("path", "body"), [("clock", {}), ("posts", {"account_id": "1"}), ("accounts", {"username": "A B"})]
)
def test_a_wrong_order_is_answered_clearly(sandbox: SandboxProcess, path: str, body: dict[str, object]) -> None:
    reply = requests.post(f"{sandbox.url}/_admin/{path}", json=body, timeout=5)
    assert (reply.status_code, bool(reply.json()["error"])) == (400, True)


def test_people_see_what_was_published(sandbox: SandboxProcess, graph: Graph, media: MediaServer) -> None:
    assert "Belum ada yang terbit" in requests.get(sandbox.url, timeout=5).text
    url = media.add("a.jpg", jpeg())
    graph.publish(graph.finished(image_url=url, caption="<script>Halo</script>", alt_text="Sebuah toko"))
    sandbox.admin("faults", {"fault": "slow", "path_regex": "nowhere"})
    reply = requests.get(sandbox.url, timeout=5)
    assert "Platform latihan" in reply.text
    assert "&lt;script&gt;Halo" in reply.text
    assert 'alt="Sebuah toko"' in reply.text
    assert "@kim.latihan" in reply.text
    assert "media_publish" in reply.text
    assert "<code>slow</code>" in reply.text
    assert "style=" not in reply.text
    assert "default-src 'none'" in reply.headers["Content-Security-Policy"]


def test_an_unknown_host_is_not_played(sandbox: SandboxProcess) -> None:
    assert requests.get(f"{sandbox.url}/example.org/v25.0/me", timeout=5).status_code == 404


def test_a_taken_port_ends_with_an_error(sandbox: SandboxProcess, tmp_path: object) -> None:
    import subprocess
    import sys

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        command = [sys.executable, "-m", "contentdesk.sandbox", "--data", str(tmp_path), "--port"]
        ended = subprocess.run([*command, str(taken.getsockname()[1])], capture_output=True, timeout=20)
    assert ended.returncode != 0
    assert b"Traceback" not in ended.stderr
