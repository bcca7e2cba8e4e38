"""Rows that the story plays on: KIM, people, businesses with consents, accounts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import select

from contentdesk.access.permissions import Role
from contentdesk.channels import registry
from contentdesk.channels.holders import hold
from contentdesk.channels.models import Account, AccountState
from contentdesk.channels.services import BY_HAND
from contentdesk.demo import cast, outside
from contentdesk.demo.examples import Example, all_examples
from contentdesk.demo.story import DAYS, Group
from contentdesk.kim.models import Kim
from contentdesk.lib import clock, ids
from contentdesk.lib.crypto import Box
from contentdesk.lib.db import Model, db
from contentdesk.lib.i18n import N_
from contentdesk.regions.models import Kelurahan
from contentdesk.umkm.models import Business, Consent, Product
from contentdesk.users import passwords
from contentdesk.users.models import User

NO_STAGE = N_("Platform latihan tidak menjawab saat data latihan dibuat. Sambungkan akun ini lagi.")
CUT_OFF = N_("Akun ini terputus. Tidak ada yang hilang. Sambungkan lagi.")
AUTOMATIC = next(kind for kind, channel in registry.KINDS.items() if not channel.by_hand)
MANUAL = next(kind for kind, channel in registry.KINDS.items() if channel.by_hand)


@dataclass
class Crew:
    """Who and what is there, by kelurahan of the KIM; people by sign-in."""

    kims: dict[str, Kim] = field(default_factory=dict)
    people: dict[str, User] = field(default_factory=dict)
    authors: dict[str, User] = field(default_factory=dict)
    businesses: dict[str, Business] = field(default_factory=dict)
    """By the example's id."""
    accounts: dict[tuple[str, str], Account] = field(default_factory=dict)
    """By kelurahan and kind."""

    @property
    def reviewer(self) -> User:
        return self.people[cast.REVIEWER]


def groups_of(city: str) -> list[Group]:
    """The KIM of Malang's story, or the one KIM of any other city, in the order of the codes."""
    found = db.session.scalars(select(Kelurahan).where(Kelurahan.code.startswith(city)).order_by(Kelurahan.code)).all()
    if city != cast.CITY:
        return [Group(one.code, one.name, f"KIM {one.name}") for one in found[:1]]
    return [
        Group(one.code, one.name, cast.kim_name(one.code, one.name))
        for one in found
        if one.code not in cast.WITHOUT_KIM
    ]


def keep(*rows: Model) -> None:
    db.session.add_all(rows)
    db.session.flush()


def gather(groups: Sequence[Group], stage: outside.Stage, box: Box) -> Crew:
    crew = Crew()
    home = next((group for group in groups if group.code == cast.HOME), groups[0])
    crew.kims = {group.code: _kim(group, number) for number, group in enumerate(groups, start=1)}
    keep(*crew.kims.values())
    _add_people(crew, groups, home)
    _add_businesses(crew)
    _add_accounts(crew, groups, stage, box)
    return crew


def _kim(group: Group, number: int) -> Kim:
    since = clock.today() - timedelta(days=400 + number)
    return Kim(
        id=ids.new(),
        name=group.name,
        kelurahan_code=group.code,
        decree_number=f"LATIHAN/{number:02}",
        decree_date=since,
        decree_by="wali_kota",
        term_until=date(since.year + 3, 12, 31),
        created_at=clock.now() - timedelta(days=400),
    )


def _add_people(crew: Crew, groups: Sequence[Group], home: Group) -> None:
    """All share one password, so it is worked through the slow hash only once."""
    secret = passwords.hashed(cast.PASSWORD)
    for person in cast.PEOPLE:
        kim = crew.kims[home.code] if person.of_home else None
        name = f"{person.name} {home.name}" if kim else person.name
        crew.people[person.login] = _user(name, person.login, person.role, kim, secret)
    crew.authors[home.code] = crew.people[cast.MEMBER]
    for group in groups:
        if group is not home:
            login = f"anggota.{cast.slug(group.name)}@latihan.test"
            name = f"Anggota 1 {group.name}"
            crew.authors[group.code] = _user(name, login, Role.MEMBER, crew.kims[group.code], secret)
    keep(*crew.people.values(), *(user for code, user in crew.authors.items() if code != home.code))


def _user(name: str, login: str, role: Role, kim: Kim | None, secret: str) -> User:
    return User(
        id=ids.new(),
        name=name,
        login=login,
        role=role,
        kim_id=kim.id if kim else None,
        password_hash=secret,
        created_at=clock.now() - timedelta(days=DAYS + 10),
    )


def _add_businesses(crew: Crew) -> None:
    details: list[Model] = []
    for number, example in enumerate(all_examples()):
        kim = crew.kims.get(cast.HELPER_OF.get(example.kelurahan_code, example.kelurahan_code))
        if kim is None:
            continue
        business = _business(example, kim)
        crew.businesses[example.id] = business
        details += _products(example, business)
        details += _consents(example, business, crew.authors[kim.kelurahan_code], number)
    keep(*crew.businesses.values())
    keep(*details)


def _business(example: Example, kim: Kim) -> Business:
    return Business(
        id=ids.new(),
        kim_id=kim.id,
        kelurahan_code=example.kelurahan_code,
        name=example.name,
        category=example.category,
        product_kind=example.product_kind,
        address=example.address,
        hours=example.hours,
        contact=example.contact,
        permits=dict(example.permits),
        created_at=clock.now() - timedelta(days=DAYS + 5),
    )


def _products(example: Example, business: Business) -> Iterator[Product]:
    for place, one in enumerate(example.goods):
        yield Product(business_id=business.id, position=place, name=one.name, price=one.price, unit=one.unit)


def _consents(example: Example, business: Business, recorder: User, number: int) -> Iterator[Consent]:
    for purpose in example.purposes:
        yield Consent(
            business_id=business.id,
            purpose=purpose,
            form=example.consent_form,
            given_on=clock.today() - timedelta(days=DAYS + number),
            recorded_by=recorder.id,
        )


def _add_accounts(crew: Crew, groups: Sequence[Group], stage: outside.Stage, box: Box) -> None:
    looked_after = {business.kim_id for business in crew.businesses.values()}
    chair = crew.people[cast.CHAIR]
    for group in groups:
        crew.accounts[group.code, AUTOMATIC] = _automatic(crew.kims[group.code], group, stage, box, chair)
        if crew.kims[group.code].id in looked_after:
            crew.accounts[group.code, MANUAL] = _manual(crew.kims[group.code], group, chair)
    keep(*crew.accounts.values())
    for account in crew.accounts.values():
        if account.connected_by:
            hold(account, account.connected_by)
        if not account.by_hand:
            hold(account, crew.people[cast.ADMIN].id)


def _automatic(kim: Kim, group: Group, stage: outside.Stage, box: Box, chair: User) -> Account:
    opened = stage.accounts.get(group.code)
    account = Account(id=ids.new(), kind=AUTOMATIC, kim_id=kim.id, handle=group.handle, by_hand=False)
    account.connected_by = chair.id if chair.kim_id == kim.id else None
    account.connected_at = clock.now() - timedelta(days=DAYS)
    account.external_id = opened.external_id if opened else f"latihan:{group.handle}"
    if opened is None or group.code in cast.CUT_OFF:
        account.state, account.problem = AccountState.EXPIRED, NO_STAGE if opened is None else CUT_OFF
        account.stopped_at = clock.now()
        return account
    account.state, account.token_sealed = AccountState.CONNECTED, box.seal(opened.token)
    account.token_expires_at = opened.expires_at
    return account


def _manual(kim: Kim, group: Group, chair: User) -> Account:
    return Account(
        id=ids.new(),
        kind=MANUAL,
        kim_id=kim.id,
        external_id=BY_HAND + group.handle,
        handle=group.handle,
        by_hand=True,
        connected_by=chair.id if chair.kim_id == kim.id else None,
        connected_at=clock.now() - timedelta(days=DAYS),
    )
