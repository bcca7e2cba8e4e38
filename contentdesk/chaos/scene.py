"""Who is there, and what is planned: groups, people, businesses, accounts, and approved posts, written in bulk."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from io import BytesIO
from random import Random

from PIL import Image
from sqlalchemy import select

from contentdesk.access.permissions import Role
from contentdesk.channels import registry
from contentdesk.channels import services as accounts
from contentdesk.channels.models import Account
from contentdesk.chaos.asked import Asked
from contentdesk.chaos.ledger import Case, Ledger, code
from contentdesk.chaos.outside import Outside
from contentdesk.chaos.places import PLACES
from contentdesk.kim.models import Kim
from contentdesk.lib import clock, ids
from contentdesk.lib.db import db
from contentdesk.lib.desk import Desk
from contentdesk.media.services import take_upload
from contentdesk.posts import parts
from contentdesk.posts.content import Content, ContentPhoto
from contentdesk.posts.models import Post, Revision
from contentdesk.posts.states import PostState
from contentdesk.publishing import timeline
from contentdesk.publishing.models import Delivery
from contentdesk.regions.models import Kelurahan
from contentdesk.regions.services import load_city
from contentdesk.reviews.models import Review, Verdict
from contentdesk.umkm.models import PUBLISHING_PURPOSES, Business, Category, Consent
from contentdesk.users.models import User

GROUPS = 3
LEAD_S, LEAD_EACH_S = 5.0, 0.01
"""Until the first one is due, what may be prepared ahead is."""
GRACE = timedelta(hours=1)
SHORT_GRACE = timedelta(seconds=15)
SIDES = ((400, 500), (480, 480))


@dataclass
class Group:
    kim: Kim
    author: User
    chair: User
    accounts: list[Account]
    photos: list[ContentPhoto]
    businesses: list[Business]


@dataclass
class Planned:
    """One post, as the people who act on it know it."""

    number: int
    post_id: str
    author_id: str
    chair_id: str
    business_id: str | None
    due: datetime


@dataclass
class Scene:
    reviewer_id: str
    begins: datetime
    ledger: Ledger = field(default_factory=Ledger)
    posts: list[Planned] = field(default_factory=list)
    accounts: dict[tuple[str, str], str] = field(default_factory=dict)
    """By kind and id there: id here."""


def words(number: int, revision: int) -> str:
    again = " Harga sudah diperiksa lagi." if revision > 1 else ""
    return f"Keripik tempe dari Sanan, garing dua kali goreng.{again} Pesan lewat toko, {code(number, revision)}."


class Builder:
    """Everything is written in the transaction that is open."""

    def __init__(self, at: Desk, outside: Outside, asked: Asked) -> None:
        self._at, self._outside, self._asked = at, outside, asked
        self._chance = Random(f"scene {asked.seed}")  # noqa: S311 - repeatable, guards nothing
        self._left, self._deliveries = asked.deliveries, list[Delivery]()

    def build(self) -> Scene:
        load_city(self._at.config.city)
        reviewer = self._user("Peninjau", Role.REVIEWER, None)
        where = db.session.scalars(select(Kelurahan.code).order_by(Kelurahan.code).limit(GROUPS)).all()
        groups = [self._group(number, place) for number, place in enumerate(where, start=1)]
        scene = Scene(reviewer.id, clock.now())
        for group in groups:
            scene.accounts |= {(one.kind, one.external_id): one.id for one in group.accounts}
        number = 0
        while self._left > 0:
            number += 1
            self._post(scene, number, self._chance.choice(groups), reviewer)
        self._begin_from_now(scene)
        return scene

    def _begin_from_now(self, scene: Scene) -> None:
        """How long the writing took is not taken from the time before the first one is due."""
        lead = timedelta(seconds=LEAD_S + LEAD_EACH_S * self._asked.deliveries)
        later = clock.now() + lead - scene.begins
        scene.begins += later
        for delivery in self._deliveries:
            delivery.due_at, delivery.next_at = delivery.due_at + later, delivery.next_at + later
            delivery.expires_at += later
        for post in scene.posts:
            post.due += later
        for case in scene.ledger.cases.values():
            case.due += later.total_seconds()

    def _user(self, name: str, role: Role, kim: Kim | None) -> User:
        login = f"{ids.new()}@kacau.test"
        user = User(name=name, login=login, password_hash="", role=role, kim_id=kim.id if kim else None)
        db.session.add(user)
        db.session.flush()
        return user

    def _group(self, number: int, place: str) -> Group:
        kim = Kim(name=f"KIM Kacau {number}", kelurahan_code=place)
        db.session.add(kim)
        db.session.flush()
        author, chair = self._user("Anggota", Role.MEMBER, kim), self._user("Ketua", Role.CHAIR, kim)
        mine = [self._account(chair, kim, kind, number) for kind in PLACES]
        photos = [self._photo(author, kim, sides, number) for sides in SIDES]
        businesses = [self._business(chair, kim, place, n) for n in range(max(2, self._asked.deliveries // 60))]
        return Group(kim, author, chair, mine, photos, businesses)

    def _account(self, chair: User, kim: Kim, kind: str, number: int) -> Account:
        place = PLACES[kind]
        wish = {"platform": kind, "username": f"kimkacau{number}{place.host}", "name": kim.name}
        opened = self._outside.tell("accounts", wish)
        return accounts.connect(chair, kind, kim.id, place.login(opened), self._at.box)

    def _photo(self, author: User, kim: Kim, sides: tuple[int, int], number: int) -> ContentPhoto:
        held = BytesIO()
        Image.new("RGB", sides, (40 * number, sides[1] % 250, 90)).save(held, "JPEG")
        asset = take_upload(author, kim.id, held.getvalue(), self._at.files)
        return ContentPhoto(asset.id, "Keripik di atas piring")

    def _business(self, chair: User, kim: Kim, place: str, number: int) -> Business:
        business = Business(
            kim_id=kim.id,
            kelurahan_code=place,
            name=f"Usaha {number} {kim.name}",
            category=Category.FOOD,
            product_kind="Keripik tempe",
        )
        db.session.add(business)
        db.session.flush()
        for purpose in PUBLISHING_PURPOSES:
            given = {"form": "formulir", "given_on": date(2026, 1, 10), "recorded_by": chair.id}
            db.session.add(Consent(business_id=business.id, purpose=purpose, **given))
        return business

    def _post(self, scene: Scene, number: int, group: Group, reviewer: User) -> None:
        content, due = self._content(group, number), scene.begins + timedelta(seconds=self._moment())
        gathered = parts.gather(group.kim.id, content, self._at.files)
        business_id = content.business_ids[0] if content.business_ids else None
        post = self._approved(group, content)
        scene.posts.append(Planned(number, post.id, group.author.id, group.chair.id, business_id, due))
        revision = self._revision(post, group, gathered, reviewer)
        grace = SHORT_GRACE if self._chance.random() < 0.04 else GRACE
        chosen = [account for account in group.accounts if account.id in content.account_ids]
        for account in chosen:
            self._deliver(post, revision, account, due, grace)
            files = tuple(made.sha256 for made in gathered.files.get(account.kind, ()))
            case = Case(number, account.id, account.kind, files, due.timestamp())
            scene.ledger.add(case, content.text, clock.now().timestamp())

    def _content(self, group: Group, number: int) -> Content:
        """For one account or several. One that wants photos gets one."""
        chosen = self._chance.sample(group.accounts, min(self._left, self._chance.choice([1, 2, 3, 4])))
        self._left -= len(chosen)
        with_photo = self._chance.random() < 0.4 or any(PLACES[one.kind].wants_photo for one in chosen)
        about = [self._chance.choice(group.businesses).id] if self._chance.random() < 0.25 else []
        return Content(
            title=f"Keripik {number}",
            text=words(number, 1),
            photos=(self._chance.choice(group.photos),) if with_photo else (),
            business_ids=tuple(about),
            account_ids=tuple(sorted(one.id for one in chosen)),
            photo_source="buatan_kim",
            faces="tidak_ada",
            children="tidak_ada",
        )

    def _moment(self) -> float:
        """Seconds after the begin. A third comes due at the same moments as many others, as on a full hour."""
        moment = self._chance.uniform(0, self._asked.window_s)
        return moment // 10 * 10 if self._chance.random() < 1 / 3 else moment

    def _approved(self, group: Group, content: Content) -> Post:
        post = Post(
            kim_id=group.kim.id,
            author_id=group.author.id,
            title=content.title,
            state=PostState.SCHEDULED,
            newest_number=1,
            approved_number=1,
        )
        db.session.add(post)
        db.session.flush()
        return post

    def _revision(self, post: Post, group: Group, gathered: parts.Parts, reviewer: User) -> Revision:
        content = gathered.content
        answers = {name: getattr(content, name) for name in ("photo_source", "faces", "children")}
        revision = Revision(
            post_id=post.id,
            number=1,
            author_id=group.author.id,
            title=content.title,
            text=content.text,
            options=dict(content.options),
            digest=gathered.digest,
            **answers,
        )
        db.session.add(revision)
        db.session.flush()
        yes = Review(post_id=post.id, revision_id=revision.id, reviewer_id=reviewer.id, verdict=Verdict.APPROVE)
        db.session.add_all([*parts.rows(revision.id, gathered), yes])
        return revision

    def _deliver(self, post: Post, revision: Revision, account: Account, due: datetime, grace: timedelta) -> None:
        """As `schedule` plans it. Some are planned so late that little is left for preparing ahead."""
        ahead = registry.ahead(account.kind) if self._chance.random() < 0.6 else timedelta(seconds=3)
        delivery = Delivery(
            post_id=post.id,
            revision_id=revision.id,
            account_id=account.id,
            due_at=due,
            next_at=due - (ahead if registry.ahead(account.kind) else timedelta(0)),
            expires_at=due + grace,
            checkpoint={},
        )
        db.session.add(delivery)
        db.session.flush()
        self._deliveries.append(delivery)
        timeline.note(delivery.id, "planned")
