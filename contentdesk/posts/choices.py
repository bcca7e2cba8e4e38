"""What the composer offers to choose from, each with why it cannot be chosen."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload, selectinload

from contentdesk.channels import limits, registry, rules
from contentdesk.channels.base import Channel, Rules
from contentdesk.channels.models import Account, AccountState
from contentdesk.channels.queries import published_by_hand, usable_accounts
from contentdesk.lib.db import db
from contentdesk.posts import checks, claims, following
from contentdesk.posts.problems import Problem, Subject
from contentdesk.umkm.models import Business, Consent, Purpose
from contentdesk.umkm.queries import Standing, standing

MOST_BUSINESSES = 500


@dataclass(frozen=True)
class BusinessChoice:
    business: Business
    standing: Standing
    chosen: bool

    @property
    def may_choose(self) -> bool:
        return self.standing is Standing.READY

    @property
    def price(self) -> str:
        return claims.prices_of(self.business) or ""

    @property
    def hours(self) -> str:
        return claims.hours_of(self.business) or ""

    @property
    def contact(self) -> str:
        """Only what its owner allows to be public."""
        agreed = any(_in_force(consent) for consent in self.business.consents)
        return self.business.contact if agreed else ""


@dataclass(frozen=True)
class AccountChoice:
    account: Account
    channel: Channel
    chosen: bool
    by_hand: bool
    follows: bool = False
    """Whether it is on or off as the media want it."""

    @property
    def unsuited(self) -> tuple[str, ...]:
        """The media for which it is left out."""
        return following.unsuited(self.channel)

    @property
    def is_left_out(self) -> bool:
        return self.follows and not self.chosen

    @property
    def is_ready(self) -> bool:
        return self.account.state == AccountState.CONNECTED


@dataclass(frozen=True)
class KindChoice:
    """A kind of channel among the accounts: its limits, and what is wrong for it."""

    channel: Channel
    handle: str
    rules: Rules
    """Of the format that the post goes out in."""
    chosen: bool = False
    """Whether an account of this kind is chosen."""
    problems: tuple[Problem, ...] = ()

    def tags(self, words: str) -> int:
        """Hashtags in the text, where the platform limits them."""
        return len(rules.hashtags(words)) if self.rules.text.max_hashtags is not None else 0

    @property
    def own_count(self) -> bool:
        """The platform counts in a way of its own, so the browser waits for the server's number."""
        return self.rules.text.count is not len


def _in_force(consent: Consent) -> bool:
    return consent.purpose == Purpose.CONTACT and consent.withdrawn_at is None


def businesses(kim_id: str, chosen: Iterable[str]) -> list[BusinessChoice]:
    """Of the KIM, chosen ones first. Four queries however many there are."""
    wanted = set(chosen)
    query = (
        select(Business)
        .where(Business.kim_id == kim_id, or_(Business.archived_at.is_(None), Business.id.in_(wanted)))
        .options(joinedload(Business.kelurahan), selectinload(Business.products), selectinload(Business.consents))
        .order_by(Business.name)
        .limit(MOST_BUSINESSES)
    )
    found = [BusinessChoice(one, standing(one), one.id in wanted) for one in db.session.scalars(query)]
    return sorted(found, key=lambda choice: (not choice.chosen, not choice.may_choose))


def accounts(kim_id: str, chosen: Iterable[str], follows: Iterable[str] = ()) -> list[AccountChoice]:
    wanted, following_media = set(chosen), set(follows)
    return [
        AccountChoice(one, registry.get(one.kind), one.id in wanted, published_by_hand(one), one.id in following_media)
        for one in usable_accounts(kim_id)
    ]


def kinds(offered: Iterable[AccountChoice], subject: Subject, found: Iterable[Problem] = ()) -> list[KindChoice]:
    """One for each kind that may be chosen, in the order of the registry."""
    first: dict[str, AccountChoice] = {}
    for choice in sorted(offered, key=lambda choice: not choice.chosen):
        first.setdefault(choice.account.kind, choice)
    chosen = set(subject.kinds)
    problems = list(found)
    return [
        KindChoice(
            channel,
            first[kind].account.handle,
            rules_for(channel, subject, first[kind].account),
            kind in chosen,
            tuple(problem for problem in problems if problem.channel == channel.name),
        )
        for kind, channel in registry.KINDS.items()
        if kind in first
    ]


def rules_for(channel: Channel, subject: Subject, offered: Account) -> Rules:
    """Of the format that was chosen, or that suits the media; for the chosen accounts, else for the one offered."""
    chosen = subject.options.get(channel.kind, {})
    suited = rules.format_of(channel, chosen, subject.photo_count, bool(subject.videos)).rules
    if channel.kind in subject.kinds:
        return checks.own_rules(channel, suited, subject)
    return limits.of_accounts(channel, suited, [offered.limits])
