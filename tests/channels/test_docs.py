"""The guide's example of a new channel, taken from the guide as it stands, is all that a new channel needs."""

import os
import re
import shutil
import subprocess
import sys
import types
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from contentdesk.access.permissions import Role
from contentdesk.channels import registry
from tests.factories import Factory

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs" / "channels.md"
REGISTRY = "contentdesk/channels/registry.py"
COPIED = ("contentdesk", "workers", "templates", "tests", "docs", "migrations")
TRIED = (
    "tests/channels/test_suite.py",
    "tests/channels/test_rules.py",
    "tests/channels/test_registry.py",
    "tests/channels/test_named_nowhere.py",
    "tests/channels/test_docs_table.py",
    "tests/sandbox/test_keys.py",
)
WANTED = "papan or every_channel or named_nowhere or recognised or has_a_row"
"""What is about the new channel, and what looks at all channels together."""
FEWEST = 60


def blocks() -> dict[str, str]:
    """Of the example, by the first file that the paragraph in front of each names."""
    text = GUIDE.read_text("utf-8").partition("## A new channel")[2]
    found = re.finditer(r"((?:(?!```).)*?)```(?:python|markdown)\n(.*?)```", text, re.DOTALL)
    return {re.findall(r"`([\w/]+\.\w+)`", one[1].rpartition("\n**")[2])[0]: one[2] for one in found}


def put(project: Path, name: str, block: str) -> None:
    path = project / name
    if name == REGISTRY:
        block = _with_channel(path.read_text("utf-8"), *block.splitlines())
    elif name.endswith(".md"):
        block = re.sub(r"(\n\| WhatsApp [^\n]*\n)", rf"\1{block}", path.read_text("utf-8"), count=1)
    path.write_text(block, "utf-8")


def _with_channel(text: str, imported: str, listed: str) -> str:
    """Both lines as a person adds them: among the imports in their order, and last in the list."""
    before = next(
        line for line in text.splitlines() if line.startswith("from contentdesk.channels.kinds.") and line > imported
    )
    return text.replace(before, f"{imported}\n{before}", 1).replace("\n)\n\nONE_BY_ONE", f"\n{listed}\n)\n\nONE_BY_ONE")


def run(project: Path, *command: str) -> str:
    """What it says, when all went well. The worker's name stays: it says which ports are its own."""
    ours = ("PYTEST_CURRENT_TEST", "PYTEST_ADDOPTS", "PYTEST_XDIST_TESTRUNUID", "PYTEST_XDIST_WORKER_COUNT")
    env = {name: value for name, value in os.environ.items() if name not in ours}
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=project, env=env, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy with what the guide tells to write, and nothing else."""
    for folder in COPIED:
        shutil.copytree(ROOT / folder, tmp_path / folder)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for name, block in blocks().items():
        put(tmp_path, name, block)
    return tmp_path


@pytest.mark.long
def test_a_channel_that_is_added_as_the_guide_says_passes_what_every_channel_must_pass(project: Path) -> None:
    assert len(blocks()) == 5
    written = [name for name in blocks() if name.endswith(".py")]
    run(project, "ruff", "check", "--no-cache", *written)
    run(project, "ruff", "format", "--no-cache", "--check", *written)
    said = run(project, "pytest", "-n0", "-p", "no:randomly", "-p", "no:cacheprovider", "-k", WANTED, *TRIED)
    [passed] = re.findall(r"(\d+) passed", said)
    assert int(passed) > FEWEST, said


def test_one_line_in_the_registry_puts_it_on_every_page(
    app: Flask, make: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "KINDS", {**registry.KINDS, "papan": papan()})
    kim = make.kim()
    account = make.account(kim, "papan", handle="kim_papan")
    chair = make.signed_in(make.user(Role.CHAIR, kim))
    assert "Papan" in chair.get("/akun/baru").text
    assert "kim_papan" in chair.get("/akun").text
    composer = chair.get("/unggahan/baru").text
    assert account.id in composer
    assert 'data-max="800"' in composer


def papan() -> Any:
    module = types.ModuleType("papan")
    exec(compile(blocks()["contentdesk/channels/kinds/papan.py"], GUIDE.name, "exec"), module.__dict__)
    return module.Papan()
