from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import requests
from PIL import Image

from tests.servers import MediaServer, SandboxProcess, wait_until

VERSION = "v25.0"


def jpeg(size: tuple[int, int] = (1080, 1350), colour: str = "#0b5563", **options: Any) -> bytes:
    held = BytesIO()
    Image.new("RGB", size, colour).save(held, "JPEG", **options)
    return held.getvalue()


class Graph:
    """A caller with the token of one account."""

    def __init__(self, sandbox: SandboxProcess, account: dict[str, Any]) -> None:
        self.sandbox, self.id, self.token = sandbox, account["id"], account["access_token"]
        self.host = "graph.instagram.com"

    def ask(self, method: str, path: str, timeout: float = 10, **args: Any) -> requests.Response:
        url = f"{self.sandbox.url}/{self.host}/{VERSION}/{path}"
        headers = {"Authorization": f"Bearer {self.token}"}
        body = {"params": args} if method == "GET" else {"data": args}
        return requests.request(method, url, headers=headers, timeout=timeout, **body)  # type: ignore[arg-type]  # one of two

    def get(self, path: str, **args: Any) -> Any:
        return self.ask("GET", path, **args).json()

    def post(self, path: str, **args: Any) -> Any:
        return self.ask("POST", path, **args).json()

    def container(self, **args: object) -> str:
        made = self.post(f"{self.id}/media", **args)
        assert "id" in made, made
        return str(made["id"])

    def status(self, container: str) -> dict[str, Any]:
        return dict(self.get(container, fields="status_code,status"))

    def settled(self, container: str) -> dict[str, Any]:
        def ask() -> dict[str, Any] | None:
            status = self.status(container)
            return status if status["status_code"] != "IN_PROGRESS" else None

        return dict(wait_until(ask))

    def finished(self, **args: object) -> str:
        container = self.container(**args)
        assert self.settled(container)["status_code"] == "FINISHED"
        return container

    def publish(self, container: str) -> Any:
        return self.post(f"{self.id}/media_publish", creation_id=container)


def code_of(reply: Any) -> tuple[int, int | None]:
    return reply["error"]["code"], reply["error"].get("error_subcode")


@pytest.fixture
def sandbox(platforms: SandboxProcess) -> SandboxProcess:
    """Empty again for each test."""
    return platforms.reset()


@pytest.fixture
def own_process(tmp_path: Path) -> Iterator[SandboxProcess]:
    """For tests that stop it."""
    with SandboxProcess(tmp_path) as sandbox:
        yield sandbox


@pytest.fixture
def media() -> Iterator[MediaServer]:
    server = MediaServer()
    yield server
    server.stop()


@pytest.fixture
def graph(sandbox: SandboxProcess) -> Graph:
    return Graph(sandbox, sandbox.account(followers=2400))
