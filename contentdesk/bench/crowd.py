"""A database full of deliveries that wait in the future, beside many that are out. One statement for each table."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Engine, Table, insert, text

from contentdesk.channels import registry
from contentdesk.channels.models import Account
from contentdesk.kim.models import Kim
from contentdesk.lib import clock
from contentdesk.media.models import Asset
from contentdesk.metrics.models import LatestFigures
from contentdesk.posts.models import Post, Revision
from contentdesk.posts.states import PostState
from contentdesk.publishing.models import Delivery
from contentdesk.publishing.states import DeliveryState
from contentdesk.regions.models import City, Kecamatan, Kelurahan
from contentdesk.users.models import User

KIND = next(iter(registry.KINDS))
ACCOUNTS = 10
"""Of one KIM; each post goes to all of them."""
SENT = 100_000
BETWEEN_S = 15
"""A million of them fill the 180 days that can be planned ahead."""
SENT_BETWEEN_S = 52
"""A hundred thousand fill the 60 days whose posts are followed."""
SOON_S = 600


class Crowd:
    """Those that wait can become more; those that are out are so many from the beginning."""

    def __init__(self, engine: Engine, sent: int = SENT) -> None:
        self._engine = engine
        self._waiting = 0
        self._now = clock.now()
        with engine.begin() as connection:
            _first_rows(connection)
            self._add_sent(connection, sent)

    def grow(self, waiting: int) -> None:
        """So many wait afterwards."""
        with self._engine.begin() as connection:
            place = _posts(connection, "w", self._waiting, waiting)
            _copy(connection, Delivery.__table__, self._waiting, waiting, place | self._planned(connection))
        self._waiting = waiting
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE"))

    def _add_sent(self, connection: Connection, count: int) -> None:
        place = _posts(connection, "s", 0, count)
        out = {"state": f"'{DeliveryState.SENT}'", "external_id": "'x' || n"}
        past = self._after(connection, f"-{SENT_BETWEEN_S} * n")
        out |= dict.fromkeys(("due_at", "next_at", "sent_at", "expires_at", "intent_at"), past)
        _copy(connection, Delivery.__table__, 0, count, place | out)
        polled = {"delivery_id": "'s' || n", "poll_at": self._after(connection, f"{SOON_S} + 7 * n")}
        _copy(connection, LatestFigures.__table__, 0, count, polled, "delivery_id")

    def _planned(self, connection: Connection) -> dict[str, str]:
        due = self._after(connection, f"{SOON_S} + {BETWEEN_S} * n")
        too_late = self._after(connection, f"{SOON_S} + 10800 + {BETWEEN_S} * n")
        return {"state": f"'{DeliveryState.WAITING}'", "due_at": due, "next_at": due, "expires_at": too_late}

    def _after(self, connection: Connection, seconds: str) -> str:
        """The moment so many seconds from now, as each database writes it."""
        if connection.dialect.name == "sqlite":
            now = self._now.strftime("%Y-%m-%d %H:%M:%S")
            return f"strftime('%Y-%m-%d %H:%M:%f', '{now}', ({seconds}) || ' seconds') || '000'"
        return f"timestamptz '{self._now.isoformat()}' + ({seconds}) * interval '1 second'"


def _posts(connection: Connection, mark: str, have: int, want: int) -> dict[str, str]:
    """Posts, revisions and photos whose ids begin with `mark`, and how a delivery is placed on them, ten on each."""
    named, posts = {"id": f"'{mark}' || n"}, (-(-have // ACCOUNTS), -(-want // ACCOUNTS))
    _copy(connection, Post.__table__, *posts, named)
    _copy(connection, Revision.__table__, *posts, named | {"post_id": f"'{mark}' || n"})
    _copy(connection, Asset.__table__, *posts, named | {"sha256": f"'{mark}' || n"})
    post = f"'{mark}' || (n / {ACCOUNTS})"
    return named | {"post_id": post, "revision_id": post, "account_id": f"'a' || (n % {ACCOUNTS})"}


def _copy(
    connection: Connection, table: Table | Any, first: int, last: int, changes: Mapping[str, str], key: str = "id"
) -> None:
    """Rows `first` to `last`, like the one that is called 'like' but for `changes` (by column, in SQL with n)."""
    columns = [column.name for column in table.columns]
    values = ", ".join(changes.get(name, f"{table.name}.{name}") for name in columns)
    numbers = f"SELECT {first} UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < {last}"  # noqa: S608 - numbers of ours
    rows = f"SELECT {values} FROM numbers, {table.name} WHERE {table.name}.{key} = 'like' AND n < {last}"  # noqa: S608 - names of ours
    head = f"WITH RECURSIVE numbers(n) AS ({numbers}) INSERT INTO {table.name} ({', '.join(columns)})"
    connection.execute(text(f"{head} {rows}"))


def _first_rows(connection: Connection) -> None:
    """A city with one KIM, its accounts, and the row of each table that the others are like."""
    now = clock.now()
    like = {"post_id": "like", "revision_id": "like", "account_id": "a0"}
    gone = {"state": DeliveryState.CANCELLED, "due_at": now, "next_at": now, "expires_at": now}
    written = {"title": "Keripik tempe", "author_id": "u"}
    rows: list[tuple[Any, dict[str, Any]]] = [
        (City, {"code": "35.73", "name": "Kota Malang", "province": "Jawa Timur"}),
        (Kecamatan, {"code": "35.73.01", "city_code": "35.73", "name": "Blimbing"}),
        (Kelurahan, {"code": "35.73.01.1007", "kecamatan_code": "35.73.01", "name": "Purwantoro"}),
        (Kim, {"id": "k", "name": "KIM", "kelurahan_code": "35.73.01.1007"}),
        (User, {"id": "u", "name": "Anggota", "login": "u", "password_hash": "", "role": "anggota", "kim_id": "k"}),
        *((Account, _account(n)) for n in range(ACCOUNTS)),
        (Post, written | {"id": "like", "kim_id": "k", "state": PostState.SCHEDULED, "newest_number": 1}),
        (Revision, written | {"id": "like", "post_id": "like", "number": 1, "text": "Rp15.000", "digest": ""}),
        (Asset, _photo()),
        (Delivery, like | gone | {"id": "like"}),
        (LatestFigures, {"delivery_id": "like", "source": "api", "taken_at": now}),
    ]
    for model, values in rows:
        connection.execute(insert(model).values(values))


def _account(n: int) -> dict[str, Any]:
    return {"id": f"a{n}", "kind": KIND, "kim_id": "k", "external_id": str(n), "handle": f"akun_{n}"}


def _photo() -> dict[str, Any]:
    files = dict.fromkeys(("sha256", "thumb_sha256", "preview_sha256"), "")
    return files | {"id": "like", "kim_id": "k", "uploaded_by": "u", "size": 1000, "width": 1080, "height": 1080}
