"""Approved and scheduled posts in numbers, as a city would have them after some years."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from io import BytesIO
from itertools import count

from PIL import Image
from sqlalchemy import insert

from contentdesk.access.permissions import Role
from contentdesk.channels.models import Account, AccountState
from contentdesk.kim.models import Kim
from contentdesk.lib import clock, ids
from contentdesk.lib.db import Model, db
from contentdesk.lib.desk import Desk
from contentdesk.lib.files import StoredFile
from contentdesk.posts.models import Post, Revision, RevisionFile
from contentdesk.posts.states import PostState
from contentdesk.publishing.models import Delivery
from contentdesk.publishing.states import DeliveryState
from contentdesk.regions.models import City, Kecamatan, Kelurahan
from contentdesk.reviews.models import Review, Verdict
from contentdesk.users.models import User

_numbers = count(1)
Row = dict[str, object]


def fill(at: Desk, kind: str, deliveries: int, accounts: int, due: Iterator[datetime]) -> list[str]:
    """Each delivery with a post of its own, in turn on the accounts. Returns the ids; within a transaction."""
    author, reviewer, kim = _people()
    on = _accounts(at, kind, accounts)
    photo = _photo(at)
    rows: dict[type[Model], list[Row]] = {Post: [], Revision: [], RevisionFile: [], Review: [], Delivery: []}
    for number in range(deliveries):
        moment = next(due)
        post, revision, delivery = (ids.new() for _ in range(3))
        rows[Post].append(_post(post, kim, author))
        rows[Revision].append(_revision(revision, post, author, f"Keripik tempe Sanan nomor {number}"))
        rows[RevisionFile].append(_file(revision, kind, photo))
        rows[Review].append(_review(post, revision, reviewer))
        rows[Delivery].append(_delivery(delivery, post, revision, on[number % accounts], moment))
    for table, values in rows.items():
        db.session.execute(insert(table), values)
    return [str(row["id"]) for row in rows[Delivery]]


def _people() -> tuple[str, str, str]:
    """Author, reviewer and KIM."""
    city = f"{next(_numbers):02d}.01"
    db.session.add(City(code=city, name="Kota", province="Jawa Timur"))
    db.session.flush()
    db.session.add(Kecamatan(code=f"{city}.01", city_code=city, name="Kecamatan"))
    db.session.flush()
    db.session.add(Kelurahan(code=f"{city}.01.1001", kecamatan_code=f"{city}.01", name="Kelurahan"))
    db.session.flush()
    kim = Kim(name="KIM", kelurahan_code=f"{city}.01.1001")
    db.session.add(kim)
    db.session.flush()
    people = [
        User(name=role, login=f"{ids.new()}@contoh.test", password_hash="-", role=role, kim_id=of)  # noqa: S106 - opens nothing
        for role, of in ((Role.MEMBER, kim.id), (Role.REVIEWER, None))
    ]
    db.session.add_all(people)
    db.session.flush()
    return people[0].id, people[1].id, kim.id


def _accounts(at: Desk, kind: str, number: int) -> list[str]:
    token = at.box.seal("token")
    made = [
        Account(
            kind=kind,
            external_id=str(17_841_400_000_000 + next(_numbers)),
            handle=f"akun_{next(_numbers)}",
            state=AccountState.CONNECTED,
            token_sealed=token,
            token_expires_at=clock.now() + timedelta(days=50),
            connected_at=clock.now(),
            checked_at=clock.now(),
        )
        for _ in range(number)
    ]
    db.session.add_all(made)
    db.session.flush()
    return [account.id for account in made]


def _photo(at: Desk) -> StoredFile:
    picture = BytesIO()
    Image.effect_noise((1080, 1080), 40).convert("RGB").save(picture, "JPEG", quality=60)
    return at.files.put(picture.getvalue(), ".jpg")


def _post(post: str, kim: str, author: str) -> Row:
    numbers = {"state": PostState.SCHEDULED, "newest_number": 1, "approved_number": 1}
    return {"id": post, "kim_id": kim, "author_id": author, "title": "Keripik tempe", **numbers}


def _review(post: str, revision: str, reviewer: str) -> Row:
    return {"post_id": post, "revision_id": revision, "reviewer_id": reviewer, "verdict": Verdict.APPROVE}


def _revision(revision: str, post: str, author: str, text: str) -> Row:
    values = {"id": revision, "post_id": post, "number": 1, "author_id": author, "title": "Keripik tempe"}
    answers = {"photo_source": "buatan_kim", "faces": "tidak_ada", "children": "tidak_ada"}
    return {**values, "text": text, "digest": ids.digest(text), **answers}


def _file(revision: str, kind: str, photo: StoredFile) -> Row:
    sizes = {"size": photo.size, "width": 1080, "height": 1080}
    return {"revision_id": revision, "kind": kind, "position": 0, "sha256": photo.sha256, **sizes}


def _delivery(delivery: str, post: str, revision: str, account: str, due: datetime) -> Row:
    values = {"id": delivery, "post_id": post, "revision_id": revision, "account_id": account}
    times = {"due_at": due, "next_at": due, "expires_at": due + timedelta(hours=3)}
    return {**values, "state": DeliveryState.WAITING, **times}
