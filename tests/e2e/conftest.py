"""Everything as a person gets it: the start command, all real processes, a real browser."""

import contextlib
import functools
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from contentdesk.lib import ids
from tests.databases import run, sibling
from tests.e2e.saying import is_trouble
from tests.servers import ROOT, free_port, wait_until

PASSWORD = "latihan-kim-2026"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = {"width": 360, "height": 800}
DESKTOP = {"width": 1280, "height": 900}


class Service:
    """The whole service, started by the command of the README, in a folder of its own."""

    def __init__(self, folder: Path, database_url: str | None) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._env = os.environ | {"PORT": str(self.port), "DATA_DIR": str(folder)}
        if database_url:
            self._env["DATABASE_URL"] = database_url
        self.launcher: subprocess.Popen[bytes] | None = None

    def start(self) -> "Service":
        self.launcher = subprocess.Popen([sys.executable, "-m", "contentdesk.launch"], cwd=ROOT, env=self._env)
        wait_until(self._is_ready, deadline_s=90)
        return self

    def _is_ready(self) -> bool:
        assert self.launcher is not None
        if self.launcher.poll() is not None:
            raise AssertionError(f"ended with {self.launcher.returncode}:\n{self.logs()}")
        try:
            return requests.get(f"{self.url}/sehat", timeout=2).ok
        except requests.RequestException:
            return False

    def stop(self) -> int:
        """As Ctrl-C does it."""
        if self.launcher is None:
            return 0
        launcher, self.launcher = self.launcher, None
        launcher.send_signal(signal.SIGINT)
        return launcher.wait(60)

    def processes(self, word: str = "") -> list[psutil.Process]:
        """All processes of the service whose command line has `word`."""
        assert self.launcher is not None
        found = psutil.Process(self.launcher.pid).children(recursive=True)
        return [one for one in found if word in " ".join(_command(one))]

    def kill_all(self) -> None:
        """The power cut."""
        assert self.launcher is not None
        everything = [psutil.Process(self.launcher.pid), *self.processes()]
        for process in everything:
            _kill(process)
        psutil.wait_procs(everything, timeout=20)
        self.launcher.wait(20)
        self.launcher = None

    def kill(self, word: str) -> None:
        for process in self.processes(word):
            _kill(process)

    def sandbox(self, path: str) -> Any:
        """JSON of the sandbox's admin pages."""
        return requests.get(f"{self.sandbox_url}/_admin/{path}", timeout=10).json()

    @property
    def sandbox_url(self) -> str:
        for process in self.processes("contentdesk.sandbox"):
            return f"http://127.0.0.1:{process.environ()['SANDBOX_PORT']}"
        raise AssertionError("no sandbox")

    def logs(self) -> str:
        files = sorted((self.folder / "log").glob("*.log"))
        return "\n".join(f"--- {file.name}\n{file.read_text()[-3000:]}" for file in files)


def _command(process: psutil.Process) -> list[str]:
    try:
        return list(process.cmdline())
    except psutil.Error:
        return []


def _kill(process: psutil.Process) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        process.send_signal(signal.SIGKILL)


def _own_database(postgres: str | None) -> str | None:
    """A fresh one on the server that this run is for; None is the file of SQLite."""
    if not postgres:
        return None
    name = f"e{ids.new()}"
    run(postgres, f"CREATE DATABASE {name}")
    return sibling(postgres, name)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, postgres: str | None) -> Iterator[Service]:
    """On the database that this run is for; each file of tests has its own."""
    running = Service(tmp_path_factory.mktemp("own") / "var", _own_database(postgres))
    try:
        yield running.start()
    finally:
        running.stop()


@pytest.fixture(scope="session")
def shared_service(tmp_path_factory: pytest.TempPathFactory, postgres: str | None) -> Iterator[Service]:
    """One for all tests that only look at pages, or that bring the posts they work on."""
    running = Service(tmp_path_factory.mktemp("shared") / "var", _own_database(postgres))
    try:
        yield running.start()
    finally:
        running.stop()


def chromium() -> str:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    raise AssertionError("no Chromium: make browser installs it")


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    opened = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
    yield opened
    opened.close()


class Person:
    """Somebody at a browser of their own."""

    def __init__(self, browser: Browser, service: Service, viewport: dict[str, int]) -> None:
        self.context: BrowserContext = browser.new_context(
            viewport=viewport, locale="id-ID", timezone_id="Asia/Jakarta", base_url=service.url
        )
        self.page: Page = self.context.new_page()
        self.troubles: list[str] = []
        self.page.on("console", lambda said: self.troubles.append(said.text) if is_trouble(said, "error") else None)
        self.page.on("pageerror", lambda error: self.troubles.append(str(error)))

    def sign_in(self, login: str) -> Page:
        self.page.goto("/masuk")
        self.page.fill("input[name=login]", login)
        self.page.fill("input[name=password]", PASSWORD)
        self.page.click("main form button[type=submit], form button.primary")
        self.page.wait_for_url(lambda url: not url.endswith("/masuk"))
        return self.page


@pytest.fixture
def person(browser: Browser, service: Service) -> Iterator[Any]:
    opened: list[Person] = []

    def enter(login: str, viewport: dict[str, int] = PHONE) -> Person:
        somebody = Person(browser, service, viewport)
        opened.append(somebody)
        somebody.sign_in(login)
        return somebody

    yield enter
    for somebody in opened:
        somebody.context.close()


Door = Callable[..., BrowserContext]


@pytest.fixture(scope="session")
def cookies(browser: Browser, shared_service: Service) -> Callable[[str], Any]:
    """What a browser keeps after signing in. Each person of the practice signs in once."""

    @functools.cache
    def kept(login: str) -> Any:
        somebody = Person(browser, shared_service, PHONE)
        somebody.sign_in(f"{login}@latihan.test")
        state = somebody.context.storage_state()
        somebody.context.close()
        return state

    return kept


@pytest.fixture
def door(browser: Browser, shared_service: Service, cookies: Callable[[str], Any]) -> Iterator[Door]:
    """Opens a browser of its own for a person, or for a stranger."""
    opened: list[BrowserContext] = []

    def enter(login: str = "", viewport: dict[str, int] = PHONE, **options: Any) -> BrowserContext:
        if login:
            options["storage_state"] = cookies(login)
        size: Any = viewport
        options = {"locale": "id-ID", "timezone_id": "Asia/Jakarta"} | options
        context = browser.new_context(viewport=size, base_url=shared_service.url, **options)
        opened.append(context)
        return context

    yield enter
    for context in opened:
        context.close()
