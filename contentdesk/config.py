"""Settings, read once from the environment and checked at start.

A wrong setting is refused with its name and what it wants, in one sentence.
"""

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import NamedTemporaryFile, gettempdir
from urllib.parse import SplitResult, urlsplit

from cryptography.fernet import Fernet

from contentdesk.lib import ids
from contentdesk.lib.crypto import new_key


class WrongSetting(Exception):
    """Says which setting is wrong and what it wants, never a secret."""


@dataclass(frozen=True)
class Config:
    data_dir: Path
    database_url: str
    redis_url: str
    public_url: str
    """Where people and platforms reach this service; no slash at the end."""
    platform_base_url: str
    """Set: host H of every platform is reached as `<base>/H/…`."""
    practice: bool
    """Shows on each page that nothing goes out for real."""
    city: str
    """Kemendagri code of the city."""
    secret_keys: tuple[str, ...] = field(repr=False)
    """First seals and signs, all open."""
    apps: Mapping[str, tuple[str, str]] = field(repr=False, default_factory=dict)
    """The city's apps on platforms: (id, secret) by channel kind."""
    half_apps: frozenset[str] = frozenset()
    """Of which only one of the two settings is there: a mistake, if a channel has that name."""
    grace_hours: int = 3
    """A post later than this is no longer useful."""
    metrics_token: str = field(repr=False, default="")
    """Who asks for `/metrics` says it; empty: there is no such page."""

    @property
    def files_dir(self) -> Path:
        return self.data_dir / "files"

    @property
    def is_https(self) -> bool:
        return self.public_url.startswith("https://")


def from_env(env: Mapping[str, str] = os.environ) -> Config:
    data_dir = data_dir_of(env)
    return Config(
        data_dir=data_dir,
        database_url=_database(env.get("DATABASE_URL", ""), data_dir),
        redis_url=_redis(env.get("REDIS_URL", ""), data_dir),
        public_url=_public(env),
        platform_base_url=_web(env, "PLATFORM_BASE_URL", ""),
        practice=_yes_no(env, "PRACTICE"),
        city=_city(env.get("CITY", "35.73")),
        secret_keys=_keys(env.get("SECRET_KEYS", ""), data_dir),
        apps={kind: pair for kind, pair in _apps(env).items() if all(pair)},
        half_apps=frozenset(kind for kind, pair in _apps(env).items() if any(pair) and not all(pair)),
        grace_hours=_whole(env, "GRACE_HOURS", 3, 1, 72),
        metrics_token=_token(env.get("METRICS_TOKEN", "")),
    )


def close_to_others(data_dir: Path) -> None:
    """From now on this process writes for its own user only, and nobody else looks into the folder."""
    os.umask(0o077)
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        data_dir.chmod(0o700)
    except OSError as error:
        raise WrongSetting(f"DATA_DIR: folder {data_dir} tidak dapat ditulis ({error.strerror}).") from error


def data_dir_of(env: Mapping[str, str]) -> Path:
    return Path(env.get("DATA_DIR", "var")).resolve()


def _database(value: str, data_dir: Path) -> str:
    if not value:
        return f"sqlite:///{data_dir / 'contentdesk.db'}"
    scheme, _, rest = value.partition("://")
    if scheme in {"postgres", "postgresql", "postgresql+psycopg"} and rest and _split("DATABASE_URL", value):
        return f"postgresql+psycopg://{rest}"
    if scheme == "sqlite" and rest:
        return value
    raise WrongSetting("DATABASE_URL: harus diawali postgresql:// atau sqlite:///, atau dikosongkan.")


def socket_path(data_dir: Path) -> Path:
    """Where the embedded Valkey listens. A socket path holds 107 bytes; a deep folder gets a short one."""
    path = data_dir / "valkey" / "valkey.sock"
    if len(bytes(path)) <= 100:
        return path
    folder = f"contentdesk-{os.getuid()}-{ids.digest(str(data_dir))[:12]}"
    return Path(gettempdir()) / folder / "valkey.sock"


def _redis(value: str, data_dir: Path) -> str:
    if not value:
        return f"unix://{socket_path(data_dir)}"
    if _split("REDIS_URL", value).scheme not in {"redis", "rediss", "unix"}:
        raise WrongSetting("REDIS_URL: harus diawali redis://, rediss:// atau unix://, atau dikosongkan.")
    return value


def _web(env: Mapping[str, str], name: str, default: str) -> str:
    value = env.get(name, default).rstrip("/")
    parts = _split(name, value)
    if value and (parts.scheme not in {"http", "https"} or not parts.netloc):
        raise WrongSetting(f"{name}: harus alamat lengkap seperti https://contoh.go.id.")
    return value


def _split(name: str, value: str) -> SplitResult:
    try:
        parts = urlsplit(value)
        parts.port  # noqa: B018 - read to see whether it is one
    except ValueError as error:
        raise WrongSetting(f"{name}: porta atau alamatnya salah tulis.") from error
    return parts


def _public(env: Mapping[str, str]) -> str:
    """Outside practice never without TLS: passwords and logins of the city's accounts travel on it."""
    value = _web(env, "PUBLIC_URL", "http://127.0.0.1:8000")
    parts = urlsplit(value)
    if _yes_no(env, "PRACTICE") or parts.scheme == "https" or parts.hostname in {"127.0.0.1", "::1", "localhost"}:
        return value
    raise WrongSetting("PUBLIC_URL: harus diawali https:// bila PRACTICE=0, agar kata sandi tidak terbaca di jalan.")


def _apps(env: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """From `<KIND>_CLIENT_ID` and `<KIND>_CLIENT_SECRET`; either may be empty."""
    names = {name.removesuffix(end) for name in env for end in ("_CLIENT_ID", "_CLIENT_SECRET") if name.endswith(end)}
    return {name.lower(): (env.get(f"{name}_CLIENT_ID", ""), env.get(f"{name}_CLIENT_SECRET", "")) for name in names}


def _yes_no(env: Mapping[str, str], name: str) -> bool:
    value = env.get(name, "0").lower()
    if value not in {"0", "1"}:
        raise WrongSetting(f"{name}: harus 0 atau 1.")
    return value == "1"


def _whole(env: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    value = env.get(name, str(default))
    if not value.isdigit() or not low <= int(value) <= high:
        raise WrongSetting(f"{name}: harus bilangan bulat {low} sampai {high}.")
    return int(value)


def _city(value: str) -> str:
    if len(value) != 5 or value[2] != "." or not value.replace(".", "").isdigit():
        raise WrongSetting("CITY: harus kode kota Kemendagri seperti 35.73.")
    return value


def _token(value: str) -> str:
    """Whoever guesses it reads the figures of the engine."""
    if value and (len(value) < 20 or not value.isascii() or not value.isprintable() or " " in value):
        raise WrongSetting("METRICS_TOKEN: harus 20 huruf atau lebih tanpa spasi, atau dikosongkan.")
    return value


def _keys(value: str, data_dir: Path) -> tuple[str, ...]:
    keys = tuple(key.strip() for key in value.split(",") if key.strip()) or (_kept_key(data_dir),)
    try:
        for key in keys:
            Fernet(key)
    except ValueError as error:
        raise WrongSetting(
            "SECRET_KEYS: tiap kunci harus 32 byte dalam base64; buat dengan `contentdesk new-key`."
        ) from error
    return keys


def _kept_key(data_dir: Path) -> str:
    """The key of this installation, made at the first start and readable by its owner only."""
    path = data_dir / "secret.key"
    if not path.exists():
        data_dir.mkdir(parents=True, exist_ok=True)
        _write_key(path)
    return path.read_text().strip()


def _write_key(path: Path) -> None:
    """Whole or not at all: the name is given once the bytes are on the disk, and the first of several stays."""
    with NamedTemporaryFile("w", dir=path.parent, prefix=".key") as part:
        part.write(new_key())
        part.flush()
        os.fsync(part.fileno())
        with suppress(FileExistsError):
            os.link(part.name, path)
