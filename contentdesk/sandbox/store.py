"""All state of the sandbox: one SQLite file, so that a restart or a kill keeps everything."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SCHEMA = """
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS clock (id INTEGER PRIMARY KEY, offset_s REAL NOT NULL);
CREATE TABLE IF NOT EXISTS counters (kind TEXT PRIMARY KEY, value INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS accounts (
  id TEXT PRIMARY KEY, platform TEXT NOT NULL, username TEXT NOT NULL, name TEXT NOT NULL,
  followers INTEGER NOT NULL, created_at REAL NOT NULL, UNIQUE (platform, username));
CREATE TABLE IF NOT EXISTS tokens (
  token TEXT PRIMARY KEY, account_id TEXT NOT NULL, login TEXT NOT NULL, kind TEXT NOT NULL,
  scopes TEXT NOT NULL, issued_at REAL NOT NULL, expires_at REAL NOT NULL, revoked INTEGER);
CREATE TABLE IF NOT EXISTS codes (
  code TEXT PRIMARY KEY, account_id TEXT NOT NULL, client_id TEXT NOT NULL, redirect_uri TEXT NOT NULL,
  scopes TEXT NOT NULL, issued_at REAL NOT NULL, used_at REAL);
CREATE TABLE IF NOT EXISTS posts (
  id TEXT PRIMARY KEY, platform TEXT NOT NULL, account_id TEXT NOT NULL, shortcode TEXT NOT NULL UNIQUE,
  permalink TEXT NOT NULL,
  product TEXT NOT NULL, media_type TEXT NOT NULL, caption TEXT NOT NULL, created_at REAL NOT NULL,
  by_hand INTEGER NOT NULL, source_id TEXT UNIQUE, figures TEXT NOT NULL DEFAULT '{}');
CREATE INDEX IF NOT EXISTS posts_of_account ON posts (account_id, created_at);
CREATE TABLE IF NOT EXISTS post_media (
  id TEXT PRIMARY KEY, post_id TEXT NOT NULL, position INTEGER NOT NULL, url TEXT NOT NULL,
  sha256 TEXT NOT NULL, alt_text TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS media_of_post ON post_media (post_id, position);
CREATE TABLE IF NOT EXISTS files (
  sha256 TEXT PRIMARY KEY, name TEXT NOT NULL, content_type TEXT NOT NULL, size INTEGER NOT NULL,
  width INTEGER NOT NULL, height INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS comments (
  id TEXT PRIMARY KEY, post_id TEXT NOT NULL, username TEXT NOT NULL, text TEXT NOT NULL,
  created_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS calls (
  id INTEGER PRIMARY KEY, at REAL NOT NULL, method TEXT NOT NULL, host TEXT NOT NULL, path TEXT NOT NULL,
  query TEXT NOT NULL, form TEXT NOT NULL, status INTEGER NOT NULL, committed INTEGER NOT NULL,
  fault TEXT, account_id TEXT);
CREATE INDEX IF NOT EXISTS calls_at ON calls (at);
CREATE TABLE IF NOT EXISTS callbacks (
  app TEXT NOT NULL, object TEXT NOT NULL, url TEXT NOT NULL, secret TEXT NOT NULL, PRIMARY KEY (app, object));
CREATE TABLE IF NOT EXISTS rings (
  id INTEGER PRIMARY KEY, url TEXT NOT NULL, body BLOB NOT NULL, headers TEXT NOT NULL, tries INTEGER NOT NULL,
  due_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS faults (
  id INTEGER PRIMARY KEY, rule TEXT NOT NULL, seen INTEGER NOT NULL DEFAULT 0,
  fired INTEGER NOT NULL DEFAULT 0);
"""

# Counters outlive a reset: an id that once named a post never names another one.
KEPT_AT_RESET = {"counters"}


class Outdated(Exception):
    """What was begun before a reset wanted to go on after it."""


class Store:
    """One connection behind one lock: calls are answered one after the other, so no race can hide a bug."""

    def __init__(self, path: Path, schemas: tuple[str, ...] = ()) -> None:
        self._lock = threading.RLock()
        self._resets = 0
        self._begun = threading.local()
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=30)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        for schema in (SCHEMA, *schemas):
            self._db.executescript(schema)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside happens or nothing; may be nested, then the outermost one decides."""
        with self._lock:
            if self._db.in_transaction:
                yield
                return
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    @contextmanager
    def until_reset(self) -> Iterator[None]:
        """What this thread reads or writes inside raises Outdated once everything was emptied."""
        self._begun.after = self._resets
        try:
            yield
        finally:
            del self._begun.after

    def _refuse_outdated(self) -> None:
        if getattr(self._begun, "after", self._resets) != self._resets:
            raise Outdated

    def rows(self, sql: str, *values: object) -> list[sqlite3.Row]:
        with self._lock:
            self._refuse_outdated()
            return self._db.execute(sql, values).fetchall()

    def row(self, sql: str, *values: object) -> sqlite3.Row | None:
        found = self.rows(sql, *values)
        return found[0] if found else None

    def number(self, sql: str, *values: object) -> int:
        found = self.row(sql, *values)
        return int(found[0] or 0) if found else 0

    def run(self, sql: str, *values: object) -> int:
        """Changes rows and says how many."""
        with self._lock:
            self._refuse_outdated()
            return self._db.execute(sql, values).rowcount

    def changes(self) -> int:
        """How many rows this process ever changed: the difference tells whether a call had an effect."""
        with self._lock:
            return self._db.total_changes

    def next_number(self, kind: str) -> int:
        self.run("INSERT INTO counters VALUES (?, 1) ON CONFLICT (kind) DO UPDATE SET value = value + 1", kind)
        return self.number("SELECT value FROM counters WHERE kind = ?", kind)

    def empty(self) -> None:
        with self.transaction():
            for table in self.rows("SELECT name FROM sqlite_master WHERE type = 'table'"):
                if table["name"] not in KEPT_AT_RESET:
                    # The name comes from the schema above, never from a caller.
                    self.run(f'DELETE FROM "{table["name"]}"')  # noqa: S608
            self._resets += 1
