"""Rows for tests. Each method makes what it needs and fills the rest with plausible values."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import wraps
from itertools import count
from typing import Any, ParamSpec, TypeVar

from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient

from contentdesk.access.permissions import Role
from contentdesk.campaigns.models import Campaign
from contentdesk.channels.models import Account
from contentdesk.kim.models import Kim
from contentdesk.lib import clock, ids
from contentdesk.lib.db import db, transaction
from contentdesk.media.models import Asset
from contentdesk.posts.models import (
    Post,
    Revision,
    RevisionBusiness,
    RevisionFile,
    RevisionPhoto,
    RevisionTarget,
)
from contentdesk.posts.states import PostState
from contentdesk.publishing.models import Delivery, Hold
from contentdesk.publishing.states import DeliveryState, HoldReason, HoldScope
from contentdesk.regions.models import City, Kecamatan, Kelurahan
from contentdesk.reviews.models import Review, Verdict
from contentdesk.umkm.models import PUBLISHING_PURPOSES, Business, Consent
from contentdesk.users.models import User

PASSWORD = "sandi-latihan-1"
HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
_HASHED = HASHER.hash(PASSWORD)
_numbers = count(1)
P = ParamSpec("P")
R = TypeVar("R")


def _at_once(make: Callable[P, R]) -> Callable[P, R]:
    """All its rows in one transaction: each commit has everybody's rows read again."""

    @wraps(make)
    def whole(*args: P.args, **kwargs: P.kwargs) -> R:
        with transaction():
            return make(*args, **kwargs)

    return whole


class Factory:
    def __init__(self, app: Flask) -> None:
        self.app = app

    def _keep(self, *rows: Any) -> Any:
        with transaction() as session:
            for row in rows:
                session.add(row)
                session.flush()
        return rows[0]

    @_at_once
    def kelurahan(self, code: str = "35.73.01.1007", name: str = "Purwantoro", **values: Any) -> Kelurahan:
        found = db.session.get(Kelurahan, code)
        if found:
            return found
        if db.session.get(City, code[:5]) is None:
            self._keep(City(code=code[:5], name="Kota Malang", province="Jawa Timur"))
        if db.session.get(Kecamatan, code[:8]) is None:
            self._keep(Kecamatan(code=code[:8], city_code=code[:5], name=f"Kecamatan {code[6:8]}"))
        return self._keep(Kelurahan(code=code, kecamatan_code=code[:8], name=name, **values))

    @_at_once
    def kim(self, name: str = "", kelurahan: Kelurahan | None = None, **values: Any) -> Kim:
        kelurahan = kelurahan or self.kelurahan()
        return self._keep(Kim(name=name or f"KIM {next(_numbers)}", kelurahan_code=kelurahan.code, **values))

    @_at_once
    def user(self, role: str = Role.MEMBER, kim: Kim | None = None, **values: Any) -> User:
        number = next(_numbers)
        if role in {Role.MEMBER, Role.CHAIR} and kim is None:
            kim = self.kim()
        values.setdefault("name", f"{role} {number}")
        values.setdefault("login", f"orang{number}@contoh.test")
        return self._keep(User(role=role, kim_id=kim.id if kim else None, password_hash=_HASHED, **values))

    @_at_once
    def business(self, kim: Kim, *, consent: bool = True, **values: Any) -> Business:
        values.setdefault("name", f"Usaha {next(_numbers)}")
        values.setdefault("category", "makanan_minuman")
        values.setdefault("product_kind", "Keripik tempe")
        business = self._keep(Business(kim_id=kim.id, kelurahan_code=kim.kelurahan_code, **values))
        if consent:
            recorder = self.user(kim=kim)
            for purpose in PUBLISHING_PURPOSES:
                self._keep(
                    Consent(
                        business_id=business.id,
                        purpose=purpose,
                        form="formulir",
                        given_on=date(2026, 11, 10),
                        recorded_by=recorder.id,
                    )
                )
        return business

    def account(self, kim: Kim | None = None, kind: str = "instagram", **values: Any) -> Account:
        number = next(_numbers)
        values.setdefault("external_id", str(17_000_000 + number))
        values.setdefault("handle", f"akun_{number}")
        return self._keep(Account(kind=kind, kim_id=kim.id if kim else None, **values))

    def asset(self, user: User, **values: Any) -> Asset:
        sha = ids.digest(ids.new())
        defaults = {"sha256": sha, "size": 1000, "width": 1080, "height": 1080}
        defaults |= {"thumb_sha256": sha, "preview_sha256": sha}
        return self._keep(Asset(kim_id=user.kim_id, uploaded_by=user.id, **(defaults | values)))

    @_at_once
    def post(
        self,
        author: User | None = None,
        *,
        state: str = PostState.DRAFT,
        text: str = "Keripik tempe Sanan, Rp15.000.",
        accounts: tuple[Account, ...] = (),
        businesses: tuple[Business, ...] = (),
        **values: Any,
    ) -> Post:
        """A post with one revision; from `approved` on that revision is the approved one."""
        author = author or self.user()
        approved = state in {PostState.APPROVED, PostState.SCHEDULED}
        values.setdefault("title", f"Unggahan {next(_numbers)}")
        post = self._keep(
            Post(
                kim_id=author.kim_id,
                author_id=author.id,
                state=state,
                newest_number=1,
                approved_number=1 if approved else None,
                **values,
            )
        )
        revision = self.revision(post, author, number=1, text=text, accounts=accounts, businesses=businesses)
        if approved:
            self.approval(revision)
        return post

    @_at_once
    def approval(self, revision: Revision, reviewer: User | None = None) -> Review:
        """By somebody other than the author unless said otherwise."""
        reviewer = reviewer or self.user(Role.REVIEWER)
        return self._keep(
            Review(
                post_id=revision.post_id,
                revision_id=revision.id,
                reviewer_id=reviewer.id,
                verdict=Verdict.APPROVE,
            )
        )

    @_at_once
    def revision(
        self,
        post: Post,
        author: User,
        number: int,
        text: str,
        accounts: tuple[Account, ...] = (),
        businesses: tuple[Business, ...] = (),
    ) -> Revision:
        asset = self.asset(author)
        revision = self._keep(
            Revision(
                post_id=post.id,
                number=number,
                author_id=author.id,
                title=post.title,
                text=text,
                digest=ids.digest(text),
                photo_source="buatan_kim",
                faces="tidak_ada",
                children="tidak_ada",
            )
        )
        self._keep(RevisionPhoto(revision_id=revision.id, position=0, asset_id=asset.id, alt_text="Keripik"))
        for business in businesses:
            self._keep(RevisionBusiness(revision_id=revision.id, business_id=business.id))
        for account in accounts:
            self._keep(RevisionTarget(revision_id=revision.id, account_id=account.id))
        for kind in {account.kind for account in accounts}:
            self._keep(
                RevisionFile(
                    revision_id=revision.id,
                    kind=kind,
                    position=0,
                    sha256=asset.sha256,
                    size=1000,
                    width=1080,
                    height=1080,
                )
            )
        return revision

    @_at_once
    def delivery(self, post: Post, account: Account, **values: Any) -> Delivery:
        """Of the post's newest revision, due now unless said otherwise."""
        due = values.pop("due_at", clock.now())
        revision = db.session.scalars(
            db.select(Revision).where(Revision.post_id == post.id).order_by(Revision.number.desc())
        ).first()
        assert revision is not None
        values.setdefault("state", DeliveryState.WAITING)
        values.setdefault("expires_at", due + timedelta(hours=3))
        values.setdefault("next_at", due)
        return self._keep(
            Delivery(post_id=post.id, revision_id=revision.id, account_id=account.id, due_at=due, **values)
        )

    @_at_once
    def campaign(self, **values: Any) -> Campaign:
        """One that runs, unless its days say otherwise."""
        today = clock.today()
        values.setdefault("name", f"Kampanye {next(_numbers)}")
        values.setdefault("about", "Satu usaha tiap kelurahan.")
        values.setdefault("first_day", today - timedelta(days=10))
        values.setdefault("last_day", today + timedelta(days=10))
        values.setdefault("made_by", self.user(Role.REVIEWER).id)
        return self._keep(Campaign(**values))

    def hold(self, kim: Kim | None = None, **values: Any) -> Hold:
        """By the city, on a KIM or on all of it."""
        values.setdefault("placed_by", self.user(Role.REVIEWER).id)
        scope = HoldScope.KIM if kim else HoldScope.CITY
        values = {"reason": HoldReason.MOURNING, "by_city": True} | values
        return self._keep(Hold(scope=scope, kim_id=kim.id if kim else None, **values))

    def signed_in(self, user: User) -> FlaskClient:
        """A browser-like client in which `user` has signed in through the real form."""
        client = self.app.test_client()
        answer = client.post("/masuk", data={"login": user.login, "password": PASSWORD})
        assert answer.status_code in {302, 303}, answer.text
        return client
