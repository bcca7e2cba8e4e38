"""Replies that get lost, late and false: always the same way with the same seed."""

import time

import pytest
import requests

from tests.sandbox.conftest import Graph, code_of, jpeg
from tests.servers import MediaServer, SandboxProcess, wait_until

PUBLISH = {"method": "POST", "path_regex": "media_publish$"}


@pytest.fixture
def container(graph: Graph, media: MediaServer) -> str:
    return graph.finished(image_url=media.add("a.jpg", jpeg()), caption="Sekali saja")


def committed(sandbox: SandboxProcess) -> list[bool]:
    return [call["committed"] for call in sandbox.calls("media_publish$")]


def test_a_dropped_reply_leaves_the_post_public(sandbox: SandboxProcess, graph: Graph, container: str) -> None:
    sandbox.admin("faults", PUBLISH | {"fault": "commit_then_drop"})
    with pytest.raises(requests.ConnectionError):
        graph.publish(container)
    assert len(sandbox.published()) == 1
    assert graph.status(container)["status_code"] == "PUBLISHED"
    [call] = sandbox.calls("media_publish$")
    assert (call["committed"], call["status"], call["fault"]) == (True, 0, "commit_then_drop")


def test_a_call_dropped_before_has_no_effect(sandbox: SandboxProcess, graph: Graph, container: str) -> None:
    sandbox.admin("faults", PUBLISH | {"fault": "drop_before"})
    with pytest.raises(requests.ConnectionError):
        graph.publish(container)
    assert (sandbox.published(), committed(sandbox)) == ([], [False])
    assert "id" in graph.publish(container)


def test_a_server_error_may_come_with_or_without_the_effect(
    sandbox: SandboxProcess, graph: Graph, container: str
) -> None:
    sandbox.admin("faults", PUBLISH | {"fault": "5xx"})
    sandbox.admin("faults", PUBLISH | {"fault": "commit_then_5xx", "http": 503})
    assert graph.ask("POST", f"{graph.id}/media_publish", creation_id=container).status_code == 500
    assert sandbox.published() == []
    reply = graph.ask("POST", f"{graph.id}/media_publish", creation_id=container)
    assert (reply.status_code, reply.json()["error"]["is_transient"]) == (503, True)
    assert len(sandbox.published()) == 1


def test_the_spam_answer_may_lie_about_a_live_post(sandbox: SandboxProcess, graph: Graph, container: str) -> None:
    lie = {"fault": "error", "code": 4, "subcode": 2207051, "http": 403, "after_commit": True}
    sandbox.admin("faults", PUBLISH | lie)
    reply = graph.ask("POST", f"{graph.id}/media_publish", creation_id=container)
    assert (reply.status_code, code_of(reply.json())) == (403, (4, 2207051))
    assert len(sandbox.published()) == 1


def test_an_error_without_effect_passes_after_its_times(sandbox: SandboxProcess, graph: Graph, container: str) -> None:
    sandbox.admin("faults", PUBLISH | {"fault": "error", "code": 24, "subcode": 2207006, "times": 2})
    assert [code_of(graph.publish(container)) for _ in range(2)] == [(24, 2207006)] * 2
    assert "id" in graph.publish(container)
    assert len(sandbox.published()) == 1


def test_a_slow_reply_comes_after_the_effect(sandbox: SandboxProcess, graph: Graph, container: str) -> None:
    sandbox.admin("faults", PUBLISH | {"fault": "slow", "delay_s": 2})
    with pytest.raises(requests.ReadTimeout):
        graph.ask("POST", f"{graph.id}/media_publish", timeout=0.5, creation_id=container)
    assert len(sandbox.published()) == 1


def test_a_late_effect_comes_after_the_caller_gave_up(sandbox: SandboxProcess, graph: Graph, container: str) -> None:
    sandbox.admin("faults", PUBLISH | {"fault": "slow", "delay_s": 1.5, "after_commit": False})
    with pytest.raises(requests.ReadTimeout):
        graph.ask("POST", f"{graph.id}/media_publish", timeout=0.3, creation_id=container)
    assert sandbox.published() == []
    wait_until(sandbox.published)


def pattern(sandbox: SandboxProcess, graph: Graph, seed: int) -> list[int]:
    sandbox.admin("faults", method="DELETE")
    rule = {"fault": "5xx", "path_regex": "/me$", "times": None, "probability": 0.5, "seed": seed}
    sandbox.admin("faults", rule)
    return [graph.ask("GET", "me").status_code for _ in range(24)]


def test_the_same_seed_strikes_the_same_calls(sandbox: SandboxProcess, graph: Graph) -> None:
    first = pattern(sandbox, graph, 7)
    assert set(first) == {200, 500}
    assert pattern(sandbox, graph, 7) == first
    assert pattern(sandbox, graph, 8) != first


def test_faults_end_when_they_are_taken_away(sandbox: SandboxProcess, graph: Graph) -> None:
    sandbox.admin("faults", {"fault": "5xx", "times": None})
    assert graph.ask("GET", "me").status_code == 500
    [shown] = sandbox.admin("faults")["faults"]
    assert (shown["fired"], shown["fault"]) == (1, "5xx")
    sandbox.admin("faults", method="DELETE")
    assert graph.ask("GET", "me").status_code == 200


def test_a_fault_names_host_method_and_path(sandbox: SandboxProcess, graph: Graph) -> None:
    for other in ({"host": "graph.facebook.com"}, {"method": "POST|PUT"}, {"path_regex": "/media$"}):
        sandbox.admin("faults", {"fault": "5xx", "times": None} | other)
    assert graph.ask("GET", "me").status_code == 200
    sandbox.admin("faults", {"fault": "5xx", "times": None, "method": "post|get"})
    assert graph.ask("GET", "me").status_code == 500


@pytest.mark.parametrize(
    "wrong",
    [
        {"fault": "boom"},
        {"fault": "5xx", "what": 1},
        {"fault": "5xx", "path_regex": "("},
        {"fault": "5xx", "method": "("},
        {"fault": "5xx", "times": "x"},
        {"fault": "5xx", "probability": True},
    ],
)
def test_a_wrong_rule_is_refused(sandbox: SandboxProcess, wrong: dict[str, object]) -> None:
    reply = requests.post(f"{sandbox.url}/_admin/faults", json=wrong, timeout=5)
    assert (reply.status_code, bool(reply.json()["error"])) == (400, True)


def test_a_stop_does_not_wait_for_slow_replies(own_process: SandboxProcess) -> None:
    own_process.admin("faults", {"fault": "slow", "delay_s": 60})
    graph = Graph(own_process, own_process.account())
    with pytest.raises(requests.ReadTimeout):
        graph.ask("GET", "me", timeout=0.3)
    began = time.monotonic()
    assert own_process.stop() == 0
    assert time.monotonic() - began < 5
