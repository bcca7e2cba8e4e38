"""Finds the pages of a role by following links, and looks at each as a browser shows it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from typing import Any

import requests
from axe_playwright_python.base import AXE_SCRIPT
from flask import Flask
from playwright.sync_api import BrowserContext, Page
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from tests.e2e.saying import is_trouble

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "resultTypes": ["violations"],
}
MOST_TRIES, MOST_KEPT = 8, 3
"""Addresses opened, and kept, of each endpoint that shows one thing of many."""
SMALLEST_TARGET = 44


class Finder:
    """Addresses of pages by endpoint. One more of the same endpoint only if it shows something new."""

    def __init__(self, app: Flask, url: str, cookies: dict[str, str]) -> None:
        self.found: dict[str, list[str]] = {}
        self.broken: list[str] = []
        self._adapter = app.url_map.bind("localhost")
        self._url, self._session = url, requests.Session()
        self._session.cookies.update(cookies)
        self._known: dict[str, set[str]] = {}
        self._tried: dict[str, int] = {}
        self._asked: set[str] = set()

    def follow(self, paths: list[str]) -> "Finder":
        waiting = list(paths)
        while waiting:
            waiting += [path for path in self._open(waiting.pop(0)) if path not in self._asked]
        return self

    def guess(self, endpoints: set[str]) -> set[str]:
        """Tries pages that no link led to with the ids of those that were found; what stays unfound."""
        for endpoint in sorted(endpoints - set(self.found)):
            for rule in self._adapter.map.iter_rules(endpoint):
                for one in self._ids(rule.rule)[:MOST_TRIES] if len(rule.arguments) == 1 else ():
                    self._open(self._adapter.build(endpoint, {next(iter(rule.arguments)): one}, method="GET"), False)
        return endpoints - set(self.found)

    def _ids(self, rule: str) -> list[str]:
        """Ids of the same kind of thing: figures and work by hand belong to a delivery."""
        start = re.sub("^/(angka|tugas)/", "/terbitan/", rule.partition("<")[0])
        asked = [path.removeprefix(start) for path in sorted(self._asked) if path.startswith(start)]
        return [one.partition("/")[0] for one in asked if re.match("[0-9a-f]{28}", one)]

    def _open(self, path: str, must_work: bool = True) -> list[str]:
        endpoint = self._endpoint(path)
        if endpoint is None or path in self._asked or self._tried.get(endpoint, 0) >= MOST_TRIES:
            return []
        self._asked.add(path)
        self._tried[endpoint] = self._tried.get(endpoint, 0) + 1
        answer = self._session.get(self._url + path, timeout=20, allow_redirects=False)
        if answer.status_code >= 400 and must_work:
            self.broken.append(f"{path}: {answer.status_code}")
        if answer.status_code != 200 or not answer.headers["Content-Type"].startswith("text/html"):
            return []
        self._keep(endpoint, path, answer.text)
        return [unescape(link) for link in re.findall(r'href="(/[^"#]*)', answer.text)]

    def _endpoint(self, path: str) -> str | None:
        try:
            endpoint = str(self._adapter.match(path.partition("?")[0], method="GET")[0])
        except (RequestRedirect, HTTPException):
            self.broken.append(f"{path}: leads nowhere")
            return None
        return None if endpoint == "static" else endpoint

    def _keep(self, endpoint: str, path: str, html: str) -> None:
        shows = set(re.findall(r'class="([^"]+)"|formaction="(/[a-z]+)|#([a-z0-9-]+)"/>', html))
        flat = {part for found in shows for part in found}
        kept, known = self.found.setdefault(endpoint, []), self._known.setdefault(endpoint, set())
        if len(kept) < MOST_KEPT and not flat <= known:
            kept.append(path)
            known |= flat


@dataclass
class Walker:
    """One page object that visits addresses and writes down what is wrong with them."""

    context: BrowserContext
    page: Page = field(init=False)
    wrong: list[str] = field(default_factory=list)
    _said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page = self.context.new_page()
        self.page.on(
            "console", lambda said: self._said.append(said.text) if is_trouble(said, "error", "warning") else None
        )
        self.page.on("pageerror", lambda error: self._said.append(str(error)))

    def visit(self, path: str, sizes: dict[int, bool], expected: int = 200) -> None:
        """`sizes`: each width, and whether the rules of accessibility are checked at it."""
        self._said.clear()
        self.page.set_viewport_size({"width": min(sizes), "height": 800})
        answer = self.page.goto(path, wait_until="load")
        assert answer is not None
        if answer.status != expected:
            self.wrong.append(f"{path}: {answer.status}")
        self.wrong += [f"{path}: {said}" for said in self._said if str(expected) not in said]
        self.look(sizes)

    def look(self, sizes: dict[int, bool]) -> None:
        """At the page that is open now."""
        for width, with_rules in sizes.items():
            self.page.set_viewport_size({"width": width, "height": 800})
            self.page.evaluate(SETTLE)
            self.wrong += [f"{self.page.url} at {width}: {what}" for what in self._looks(width, with_rules)]

    def _looks(self, width: int, with_rules: bool) -> Iterator[str]:
        seen: dict[str, Any] = self.page.evaluate(LOOK, SMALLEST_TARGET if width == 360 else 0)
        if seen["wide"]:
            yield f"scrolls sideways: {seen['wide']}"
        if seen["headings"] != 1:
            yield f"{seen['headings']} visible h1"
        if not re.fullmatch(r"(Latihan: )?\S.* \| ContentDesk", seen["title"]):
            yield f"title {seen['title']!r}"
        yield from (f"without a name: {one}" for one in seen["nameless"])
        yield from (f"small target: {one}" for one in seen["small"])
        if with_rules:
            # As tall as the page: a bar that stays at the bottom would cover whatever is under it just then.
            self.page.set_viewport_size({"width": width, "height": min(max(800, seen["height"]), 16_000)})
            yield from self._violations()

    def _violations(self) -> Iterator[str]:
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE_SCRIPT)
        for found in self.page.evaluate("rules => axe.run(rules).then((seen) => seen.violations)", RULES):
            for node in found["nodes"][:3]:
                yield f"{found['id']}: {node['html'][:160]} {node.get('failureSummary', '')[:200]}"


SETTLE = "document.getAnimations().filter((one) => one instanceof CSSTransition).forEach((one) => one.finish())"
LOOK = """smallest => {
  const all = (query) => [...document.querySelectorAll(query)]
  const shown = (one) => one.checkVisibility({visibilityProperty: true, opacityProperty: true}) &&
    !one.closest('.vh, .skip, [hidden]')
  const text = (one) => one.outerHTML.replace(/\\s+/g, ' ').slice(0, 120)
  const box = (one) => one.getBoundingClientRect()
  const root = document.documentElement, room = root.clientWidth
  const wide = root.scrollWidth > room || document.body.scrollWidth > room
    ? all('body *').filter((one) => box(one).right > room + 1 && shown(one)).map(text).slice(0, 3) : null
  const named = (one) => one.labels?.length || one.getAttribute('aria-label') || one.getAttribute('aria-labelledby')
  const controls = all('input:not([type=hidden]), select, textarea').filter((one) => one.checkVisibility())
  const tooSmall = (one) => Math.min(box(one).width, box(one).height) < smallest - .5
  const small = smallest ? all(TARGETS).filter((one) => shown(one) && box(one).width && tooSmall(one)) : []
  return {
    wide, title: document.title, height: root.scrollHeight, headings: all('h1').filter(shown).length,
    nameless: controls.filter((one) => !named(one)).map(text),
    small: small.map((one) => `${Math.round(box(one).width)}x${Math.round(box(one).height)} ` + text(one)),
  }
}""".replace(
    "TARGETS",
    "'nav a, nav button, .bar a, .bar button, .top a, .top button, .row, .row a, .row button, .rows a, "
    ".btn, .chip, a.link, button.link, .seg > *, summary, .check-card, .switch-row'",
)
