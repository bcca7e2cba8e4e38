"""The guide's table of what works where says what the code does, and names tests that exist."""

import re
from pathlib import Path

import pytest

from contentdesk.channels import registry
from contentdesk.channels.abilities import MeasuresAccounts, ReadsComments
from tests.channels.subject import subjects
from tests.publishing import test_by_hand_everywhere as by_hand_everywhere

ROOT = Path(__file__).resolve().parents[2]
COLUMNS = ("platform", "published", "measured", "approval", "by hand")
TYPES: dict[str, dict[str, set[str]]] = {}
"""Post types by kind and by what the table calls the way; \"\" is the usual one."""
for one in subjects():
    TYPES.setdefault(one.kind, {}).setdefault(one.said, set()).update(one.posts)


def rows() -> dict[str, dict[str, str]]:
    """By the platform's name."""
    text = (ROOT / "docs" / "channels.md").read_text("utf-8").partition("## What works where")[2]
    lines = [line for line in text.partition("\n## ")[0].splitlines() if line.startswith("| ")][1:]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {row[0]: dict(zip(COLUMNS, row, strict=True)) for row in cells}


def words(text: str) -> set[str]:
    return {word.strip() for word in text.split(",") if word.strip()}


def test_every_platform_has_a_row_and_no_other() -> None:
    assert set(rows()) == {channel.name for channel in registry.KINDS.values()}


@pytest.mark.parametrize("kind", registry.KINDS)
def test_what_is_published_is_what_the_suite_publishes(kind: str) -> None:
    parts = [part.rpartition(": ") for part in rows()[registry.name(kind)]["published"].split("; ")]
    assert {way: words(types) for way, _colon, types in parts} == TYPES.get(kind, {"": {"nothing"}})


@pytest.mark.parametrize("kind", registry.KINDS)
def test_what_is_measured_is_what_the_channel_promises(kind: str) -> None:
    channel, said = registry.get(kind), rows()[registry.name(kind)]["measured"].split("; ")
    by_people = channel.by_hand or registry.figures_by_people(kind)
    assert ("account" in said) == isinstance(channel, MeasuresAccounts)
    assert ("comments read" in said) == isinstance(channel, ReadsComments)
    [figures] = [part for part in said if part not in ("account", "comments read")]
    assert figures.startswith("by people: ") == by_people
    assert words(figures.removeprefix("by people: ")) == channel.figures


@pytest.mark.parametrize("kind", registry.KINDS)
def test_approval_names_tests_against_the_platforms_own_software_or_says_unverified(kind: str) -> None:
    """The sandbox proves nothing here: it asks for what we wrote into it."""
    said = rows()[registry.name(kind)]["approval"]
    named = re.findall(r"`(test_\w+)`", said)
    assert named or "unverified" in said
    real = ROOT / "tests" / "real" / f"real_{kind}.py"
    known = re.findall(r"^def (test_\w+)", real.read_text("utf-8"), re.MULTILINE) if named else []
    assert [name for name in named if name not in known] == []
    assert not named or f"test_the_server_is_{kind}" in "".join(known)


@pytest.mark.parametrize("kind", registry.KINDS)
def test_by_hand_is_said_for_each(kind: str) -> None:
    assert rows()[registry.name(kind)]["by hand"] == ("only" if registry.is_by_hand(kind) else "yes")
    assert set(by_hand_everywhere.KINDS) == set(registry.KINDS)
