"""The words of the screen: all collected, all in English, and Indonesian as our readers write it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.frontend import CommandLineInterface
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask
from flask.testing import FlaskClient

from contentdesk.channels.base import ChannelError
from contentdesk.demo import cast
from contentdesk.demo import services as demo
from contentdesk.lib.db import transaction
from contentdesk.lib.desk import desk
from contentdesk.lib.errors import DomainError
from contentdesk.posts import claims
from contentdesk.users import account
from tests import screen_words
from tests.screen_words import WORD

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "contentdesk" / "translations"
ENGLISH = FOLDER / "en" / "LC_MESSAGES" / "messages.po"
KEYWORDS = (FOLDER / "keywords.txt").read_text("utf-8").split()
PLACE = re.compile(r"%\(\w+\)[a-z]|%%|</?\w+>")


def catalogue(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale="en")


def forms(text: Any) -> list[str]:
    return list(text) if isinstance(text, tuple | list) else [text]


def words(text: str) -> set[str]:
    return {word.lower() for word in WORD.findall(PLACE.sub(" ", text))}


def run(*command: str) -> None:
    CommandLineInterface().run(["pybabel", "-q", *command])


MESSAGES: list[Message] = [message for message in catalogue(ENGLISH) if message.id]
INDONESIAN = sorted({text for message in MESSAGES for text in forms(message.id)})
ONLY_INDONESIAN = set().union(*map(words, INDONESIAN)) - {
    word for message in MESSAGES for text in forms(message.string) for word in words(text)
}
"""Words that no English sentence of ours has: where one shows, something was left in Indonesian."""


@pytest.fixture
def collected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What `make translations` finds in the code."""
    monkeypatch.chdir(ROOT)
    found = tmp_path / "messages.pot"
    keywords = " ".join(KEYWORDS)
    config = str(FOLDER / "babel.cfg")
    run("extract", "-F", config, "-k", keywords, "--no-location", "--sort-output", "-o", str(found), ".")
    return found


def test_the_catalogue_holds_what_the_code_says_and_nothing_else(collected: Path) -> None:
    in_code = {message.id for message in catalogue(collected) if message.id}
    in_catalogue = {message.id for message in MESSAGES}
    assert in_code - in_catalogue == set(), "run make translations and translate what is new"
    assert in_catalogue - in_code == set(), "run make translations"
    assert len(in_code) > 1000


def test_collecting_again_changes_no_letter(collected: Path, tmp_path: Path) -> None:
    again = tmp_path / "en.po"
    again.write_bytes(ENGLISH.read_bytes())
    update = ("--no-fuzzy-matching", "--ignore-obsolete", "--ignore-pot-creation-date")
    run("update", "-i", str(collected), "-o", str(again), "-l", "en", *update)
    assert again.read_text("utf-8").splitlines() == ENGLISH.read_text("utf-8").splitlines()


def test_the_make_file_collects_with_these_settings() -> None:
    target = (ROOT / "Makefile").read_text("utf-8").partition("\ntranslations:")[2].partition("\n\n")[0]
    for part in ("babel.cfg", "keywords.txt", "--no-location", "--sort-output", "--no-fuzzy", "--ignore-obsolete"):
        assert part in target


def test_every_failure_that_is_shown_is_a_keyword() -> None:
    def below(kind: type) -> Iterator[str]:
        for one in kind.__subclasses__():
            yield one.__name__
            yield from below(one)

    collected = {keyword.partition(":")[0] for keyword in KEYWORDS}
    ours = {*below(DomainError), *below(ChannelError)}
    assert ours - collected == set()
    assert len(ours) > 10


def test_every_sentence_has_its_english() -> None:
    assert [message.id for message in MESSAGES if not all(forms(message.string)) or message.fuzzy] == []
    missing = [message.id for message in MESSAGES if len(forms(message.string)) != (2 if message.pluralizable else 1)]
    assert missing == []


def test_both_languages_have_the_same_places() -> None:
    def places(text: str) -> list[str]:
        return sorted(PLACE.findall(text))

    wrong = [
        (text, said)
        for message in MESSAGES
        for text, said in zip(forms(message.id), forms(message.string), strict=True)
        if places(text) != places(said)
    ]
    assert wrong == []


def test_both_languages_end_alike() -> None:
    """A sentence stays a sentence, a label stays a label."""

    def end(text: str) -> str:
        return text[-1:] if text[-1:] in ".?:,…" else ""

    wrong = [
        message.id
        for message in MESSAGES
        for text, said in zip(forms(message.id), forms(message.string), strict=True)
        if end(text) != end(said) and text != "No"
    ]
    assert wrong == []


# What stands in the code


_FOLDERS = ("sandbox/", "bench/", "chaos/", "demo/", "doctor/", "static/")
NOT_FOR_THE_SCREEN = (*_FOLDERS, "cli.py", "config.py", "launch.py", "child.py")
"""The played platforms, the practice story, and what is said to whoever runs the server."""


def sources() -> Iterator[tuple[str, ast.Module]]:
    for folder in ("contentdesk", "workers"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if not any(part in name for part in NOT_FOR_THE_SCREEN):
                yield name, ast.parse(path.read_text("utf-8"))


def constants(tree: ast.Module) -> Iterator[ast.Constant]:
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node


def test_no_sentence_in_the_code_stays_outside_the_catalogue() -> None:
    known = {*INDONESIAN, claims.MARKER, claims.MARKER.partition(",")[0], *account.LANGUAGES.values()}
    left_out = [
        f"{name}:{node.lineno}: {node.value}"
        for name, tree in sources()
        for node in constants(tree)
        if " " in node.value and "\\b" not in node.value and node.value not in known
        if len(words(node.value) & ONLY_INDONESIAN) > 1
    ]
    assert left_out == []


def test_no_words_are_looked_up_inside_an_f_string() -> None:
    """There the collecting of words depends on the version of Python."""
    hidden = [
        f"{name}:{call.lineno}"
        for name, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in {"_", "_l", "gettext"}
    ]
    assert hidden == []


def test_no_template_says_words_outside_the_catalogue() -> None:
    bare = []
    for path in sorted((ROOT / "templates").rglob("*.html")):
        text = re.sub(r"{% block (?:main|body)_class %}.*?{% endblock %}", " ", path.read_text("utf-8"), flags=re.S)
        text = re.sub(r"{#.*?#}|{% *trans.*?endtrans *%}|{{.*?}}|{%.*?%}", " ", text, flags=re.S)
        bare += [f"{path.name}: {said}" for said in screen_words.read(text) if words(said) & ONLY_INDONESIAN]
    assert bare == []


# The Indonesian itself


UNWANTED = re.compile(
    r"!|\b(silah?kan|mohon|maaf|kamu|kau|log ?in|log ?out|e-?mail|links?|upload|download|posting(an)?|password|online"
    r"|offline|users?|username|submit|posts?|share|save|edit|delete|captions?|hash-?tags?|dash-?board|files?|schedule"
    r"|review|deadline|preview|handphone|oke?|cancel|update|feedback|search|filter|settings?|device|browser|account"
    r"|website|error)\b",
    re.IGNORECASE,
)
NAMES = (
    "Anda|ContentDesk|WhatsApp|Instagram|WebP|Malpro|Diskominfo|Pemkot|Indonesia|Magrib|Jumat|Minggu|Rodowo"
    "|Oro-oro Dowo|Dinas Komunikasi dan Informatika|Bidang Informasi dan Komunikasi Publik|Kepala Dinas|Wali Kota"
    "|Kelurahan %|Redis|REDIS_URL"
    "|TikTok|Facebook|Google|Telegram|YouTube|WebM|tab Reels|Threads|Mastodon|Business Manager"
    # So they are called on the platforms.
    "|Kebijakan Konten Bermerek|Kebijakan Privasi|Konfirmasi Penggunaan Musik|Persyaratan Layanan"
    r"|Pengaturan, Privasi dan keamanan|Profil|Kata Sandi Aplikasi|Penulis \(Author\)"
    # What stands on a button or in the menu is called by that name.
    "|Akun kanal|Anggota|Bagikan|Salin|Simpan draf|Pindah jadwal|Sambungkan lagi"
    "|halaman Masuk|sebagai Ditarik|tekan Sudah saya hapus"
)


def test_the_indonesian_is_plain_and_polite() -> None:
    assert [text for text in INDONESIAN if UNWANTED.search(PLACE.sub(" ", text))] == []
    assert UNWANTED.search("Silakan login lewat link ini!")


def test_the_indonesian_is_in_sentence_case() -> None:
    inside = re.compile(r"(?<=[\w,;)\"] )[A-Z][a-z]+")
    bare = [re.sub(NAMES, "x", text) for text in INDONESIAN]
    assert [text for text in bare if inside.search(text)] == []


def test_times_are_written_with_a_point() -> None:
    assert [text for text in INDONESIAN if re.search(r"\b\d\d:\d\d\b|\.\.\.$|  |^ | $| [.,;:]", text)] == []


# What an English reader sees


@pytest.fixture
def english(app: Flask, tmp_path: Path) -> Flask:
    """Speaks the committed catalogue, whether or not it was compiled since."""
    compiled = tmp_path / "en" / "LC_MESSAGES" / "messages.mo"
    compiled.parent.mkdir(parents=True)
    with compiled.open("wb") as file:
        write_mo(file, catalogue(ENGLISH))
    app.extensions["babel"].translation_directories[:] = [str(tmp_path)]
    return app


QUOTED = re.compile(r'"[^"]*"|https?://\S+|Sumber-|\bbeku\b')
"""An author's word is quoted as it was written; one kelurahan's name is broken in two on the map."""


def indonesian_in(html: str, typed: screen_words.Typed) -> list[str]:
    return [said for said in screen_words.read(html) if words(QUOTED.sub(" ", typed.without(said))) & ONLY_INDONESIAN]


def enter(app: Flask, login: str, locale: str) -> FlaskClient:
    client = app.test_client()
    client.post("/masuk", data={"login": login, "password": cast.PASSWORD})
    client.post("/lainnya/tampilan", data={"locale": locale, "theme": "light"})
    return client


@pytest.mark.parametrize("settings", [{"practice": True}])
@pytest.mark.own_app
@pytest.mark.long
def test_an_english_reader_meets_no_indonesian_on_any_page(english: Flask) -> None:
    with transaction():
        demo.load(desk(), None)
    typed = screen_words.Typed()
    left, opened = set(), set()
    for person in {person.role: person for person in cast.PEOPLE}.values():
        for endpoint, path, html in screen_words.pages(english, enter(english, person.login, "en")):
            opened.add(endpoint)
            left |= {(path.partition("?")[0], said) for said in indonesian_in(html, typed)}
    assert left == set()
    assert len(opened) > 25
    same_eye = indonesian_in(enter(english, cast.REVIEWER, "id").get("/tinjauan").text, typed)
    assert len(same_eye) > 20, "the same look finds Indonesian where there is some"


FORMS: tuple[tuple[str, str, str], ...] = (
    (cast.MEMBER, "/unggahan/baru", "text"),
    (cast.MEMBER, "/unggahan/baru/kirim", "text"),
    (cast.MEMBER, "/unggahan/periksa", "text"),
    (cast.MEMBER, "/umkm/baru", "name"),
    (cast.CHAIR, "/akun/manual", "handle"),
    (cast.CHAIR, "/anggota/undang", "role"),
    (cast.MEMBER, "/lainnya/kata-sandi", "password"),
)
"""What a person sends to see what is wrong: who, where, and the one field that is filled."""
RISKY = "Diskon besar, obat kuat nomor 1 di dunia, pasti halal, hubungi 0812-3456-7890."


@pytest.mark.parametrize("settings", [{"practice": True}])
@pytest.mark.own_app
def test_what_is_refused_is_said_in_english_too(english: Flask) -> None:
    with transaction():
        demo.load(desk(), None)
    typed, left, refused = screen_words.Typed(), set(), 0
    for login, path, field in FORMS:
        answer = enter(english, login, "en").post(path, data={field: RISKY}, follow_redirects=True)
        said = answer.text.replace(RISKY, "")
        left |= {(path, one) for one in indonesian_in(said, typed)}
        refused += answer.status_code == 422 or "stop" in said
    assert left == set()
    assert refused > 4


@pytest.mark.own_app
def test_strangers_may_read_english(english: Flask) -> None:
    client = english.test_client()
    client.post("/bahasa", data={"locale": "en"})
    typed, left = screen_words.Typed(), set()
    wrong = client.post("/masuk", data={"login": "x@contoh.test", "password": "salah"})
    for answer in (
        client.get("/masuk"),
        wrong,
        client.get("/undangan/x"),
        client.get("/masuk/lupa"),
        client.get("/nirwana"),
    ):
        left |= {(answer.request.path, one) for one in indonesian_in(answer.text, typed)}
        assert 'lang="en"' in answer.text
    assert left == set()
