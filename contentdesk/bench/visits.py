"""People who look around, so that memory is read after use and not only at rest."""

import re
from collections.abc import Iterator
from html import unescape
from http.cookiejar import CookieJar
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

from contentdesk.demo.cast import PASSWORD

WHO = ("anggota@latihan.test", "ketua@latihan.test", "peninjau@latihan.test", "admin@latihan.test")
PAGES = 25
"""For each visit: the pages that links lead to, nearest first."""
ROUNDS = 3
_FIELD = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
_LINK = re.compile(r'href="(/[^"#]*)"')


def look_around(base: str) -> int:
    """Each of the practice people signs in and reads pages, several times. Returns how many pages came."""
    return sum(sum(1 for _ in _visit(base, login)) for _ in range(ROUNDS) for login in WHO)


def _visit(base: str, login: str) -> Iterator[str]:
    browser = build_opener(HTTPCookieProcessor(CookieJar()))
    found = _FIELD.search(_read(browser, f"{base}/masuk"))
    assert found is not None
    form = urlencode({"csrf_token": found[1], "login": login, "password": PASSWORD}).encode()
    todo, seen = _links(_read(browser, f"{base}/masuk", form)), set[str]()
    while todo and len(seen) < PAGES:
        path = todo.pop(0)
        if path in seen:
            continue
        seen.add(path)
        todo += _links(_read(browser, base + path))
        yield path


def _read(browser: OpenerDirector, url: str, form: bytes | None = None) -> str:
    with browser.open(url, form, timeout=30) as answer:
        return str(answer.read().decode("utf-8", "replace"))


def _links(page: str) -> list[str]:
    return [unescape(link) for link in _LINK.findall(page) if not link.startswith(("/static", "/keluar"))]
