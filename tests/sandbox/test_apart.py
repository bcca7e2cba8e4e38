"""The sandbox and the application know nothing of each other."""

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SANDBOX = ROOT / "contentdesk" / "sandbox"


def imported(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{name.name}" for name in node.names}
    return found


def of_sandbox(name: str) -> bool:
    return name == "contentdesk.sandbox" or name.startswith("contentdesk.sandbox.")


def test_the_sandbox_imports_nothing_of_the_application() -> None:
    files = list(SANDBOX.rglob("*.py"))
    assert len(files) > 10
    for path in files:
        names = {name for name in imported(path) if name.split(".")[0] in ("contentdesk", "workers")}
        assert all(of_sandbox(name) for name in names), path


def test_the_application_imports_nothing_of_the_sandbox() -> None:
    files = [*(ROOT / "contentdesk").rglob("*.py"), *(ROOT / "workers").rglob("*.py")]
    others = [path for path in files if SANDBOX not in path.parents]
    assert others
    for path in others:
        assert not any(of_sandbox(name) for name in imported(path)), path
