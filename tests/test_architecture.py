"""Rules of the house that no linter knows."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("contentdesk", "workers")
FILES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
LONGEST_FILE = 400
LONGEST_FUNCTION = 40
FEATURES = sorted(path.parent.name for path in (ROOT / "contentdesk").glob("*/services.py"))
Function = ast.FunctionDef | ast.AsyncFunctionDef


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def functions(path: Path) -> Iterator[Function]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def test_no_file_outgrows_one_idea() -> None:
    assert [name(path) for path in FILES if len(path.read_text().splitlines()) > LONGEST_FILE] == []


def test_no_function_outgrows_one_screen() -> None:
    long = [
        f"{name(path)}:{function.name}"
        for path in FILES
        for function in functions(path)
        if (function.end_lineno or 0) - function.lineno + 1 > LONGEST_FUNCTION
    ]
    assert long == []


@pytest.mark.parametrize("feature", FEATURES)
def test_services_never_commit_and_know_no_flask(feature: str) -> None:
    path = ROOT / "contentdesk" / feature / "services.py"
    assert {module.split(".")[0] for module in imports(path)} & {"flask", "flask_login", "flask_babel"} == set()
    assert not re.search(r"\bcommit\(\)|with transaction\(\)", path.read_text())


def test_only_edges_open_transactions() -> None:
    edges = re.compile(
        r"(^workers/|posts/composer\.py$|channels/renewal\.py$|views\.py$|/cli\.py$|/setup\.py$|/lib/db\.py$|/demo/"
        r"|/chaos/|/bench/|_cli\.py$)"
    )
    inside = [name(path) for path in FILES if "with transaction()" in path.read_text()]
    assert [path for path in inside if not edges.search(path)] == []


def test_templates_call_no_queries_and_mark_nothing_safe_but_the_action_bar() -> None:
    texts = {str(path.relative_to(ROOT)): path.read_text() for path in (ROOT / "templates").rglob("*.html")}
    assert [path for path, text in texts.items() if "session." in text or "query." in text] == []
    assert {path for path, text in texts.items() if re.search(r"\|\s*safe\b", text)} <= {"templates/base.html"}


def test_requirements_hold_versions_and_hashes_but_no_download_addresses() -> None:
    files = sorted(ROOT.glob("requirements/*.txt"))
    assert files
    assert [name(path) for path in files if "://" in path.read_text()] == []
    assert all("--hash=sha256:" in path.read_text() for path in files)
