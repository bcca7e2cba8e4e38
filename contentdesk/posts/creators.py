"""What a platform says about an account before a person chooses: asked for the composer, kept for a few minutes.

It narrows what the page offers and stops handing in what cannot go out. Nothing is believed at sending: there the
channel asks again. A platform that does not answer stops nobody.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from contentdesk.channels import registry
from contentdesk.channels.abilities import Creator, TellsFirst
from contentdesk.channels.base import Channel, ChannelError, Login, Option
from contentdesk.channels.models import Account, AccountState
from contentdesk.channels.queries import published_by_hand
from contentdesk.channels.renewal import usable_login
from contentdesk.channels.services import login_of
from contentdesk.lib.desk import Desk
from contentdesk.lib.http import NoAnswer, PrivateAddress
from contentdesk.lib.i18n import N_, Message
from contentdesk.lib.shelf import Shelf
from contentdesk.posts import options
from contentdesk.posts.problems import Problem, Severity, Subject

KEPT_S = 300
TOO_LONG = "creator_seconds"
SILENT = N_("Belum ada jawaban. Anda tetap bisa menulis; pilihan diperiksa lagi saat dikirim.")
_STOPPED = N_("Akun %(handle)s belum bisa dipakai mengunggah sekarang. Coba lagi nanti, atau matikan akun ini.")
_NOT_OFFERED = N_("%(option)s: pilihan ini tidak tersedia untuk akun %(handle)s. Pilih yang lain.")
_OFF = N_("%(option)s dimatikan di aplikasi untuk akun %(handle)s. Matikan juga di sini.")
_TOO_LONG = N_("Video %(length)s detik. Untuk akun %(handle)s paling lama %(limit)s detik. Potong dulu videonya.")


@dataclass(frozen=True)
class Told:
    """For the chosen accounts of one kind of channel, by handle."""

    creators: Mapping[str, Creator] = field(default_factory=dict)
    silent: tuple[tuple[str, str], ...] = ()
    """(handle, sentence of the catalogue) of those the platform said nothing about."""

    @property
    def names(self) -> list[str]:
        return [creator.nickname for creator in self.creators.values()]

    def offers(self, option: str, value: str) -> bool:
        """Whether every account may choose it."""
        return all(value in each.choices.get(option, (value,)) for each in self.creators.values())

    @property
    def notes(self) -> list[str]:
        return list(dict.fromkeys(creator.note for creator in self.creators.values() if creator.note))

    def is_off(self, option: str) -> bool:
        return any(option in each.off for each in self.creators.values())


def with_what_is_left(chosen: options.Chosen, told: Mapping[str, Told]) -> dict[str, dict[str, Any]]:
    """The choices as they can be shown: where a preset is not to be had and one choice is left, that one."""
    found = {kind: dict(values) for kind, values in chosen.items()}
    for kind, each in told.items():
        for option in registry.get(kind).options:
            left = [value for value, _ in option.choices if each.offers(option.name, value)]
            value = found.get(kind, {}).get(option.name, option.default)
            if option.default is not None and len(left) == 1 and value not in left:
                found.setdefault(kind, {})[option.name] = left[0]
    return found


def asks_first(kind: str) -> bool:
    return isinstance(registry.get(kind), TellsFirst)


def to_ask(accounts: Iterable[Account]) -> list[Account]:
    """Those that publish by themselves on a platform that tells first."""
    return [
        account
        for account in accounts
        if asks_first(account.kind) and not published_by_hand(account) and account.state == AccountState.CONNECTED
    ]


def known(accounts: Iterable[Account], desk: Desk) -> dict[str, Told]:
    """By kind, where every chosen account's answer is still kept. Asks nobody."""
    kept = {account: _kept(account.id, desk) for account in to_ask(accounts)}
    complete = {account.kind for account in kept} - {account.kind for account, found in kept.items() if not found}
    return {
        kind: Told({account.handle: found for account, found in kept.items() if found and account.kind == kind})
        for kind in complete
    }


@dataclass(frozen=True)
class Question:
    """About an account, good without the database."""

    account_id: str
    kind: str
    login: Login


def questions(accounts: Iterable[Account], desk: Desk) -> list[Question]:
    return [Question(account.id, account.kind, login_of(account, desk.box)) for account in to_ask(accounts)]


def ask(asked: Iterable[Question], desk: Desk) -> dict[str, Told]:
    """By kind. Speaks HTTP for what is not kept: outside a transaction."""
    told: dict[str, Told] = {}
    for one in asked:
        before, handle = told.get(one.kind, Told()), one.login.handle
        answer = _kept(one.account_id, desk) or _asked(one, desk)
        if isinstance(answer, Creator):
            told[one.kind] = replace(before, creators={**before.creators, handle: answer})
        else:
            told[one.kind] = replace(before, silent=(*before.silent, (handle, answer)))
    return told


def _asked(one: Question, desk: Desk) -> Creator | str:
    channel = registry.get(one.kind)
    assert isinstance(channel, TellsFirst)
    try:
        login = usable_login(one.account_id, one.kind, one.login, desk)
        creator = channel.creator(desk.http, login)
    except ChannelError as error:
        # Sentences of channels may have places; without their values the general one is said.
        return SILENT if error.values else error.sentence
    except (NoAnswer, PrivateAddress):
        return SILENT
    _shelf(desk).put(one.account_id, _plain(creator), KEPT_S)
    return creator


def _shelf(desk: Desk) -> Shelf:
    return Shelf(desk.bell.connection, "creator")


def _plain(creator: Creator) -> dict[str, Any]:
    return {
        "nickname": creator.nickname,
        "choices": {name: list(values) for name, values in creator.choices.items()},
        "off": sorted(creator.off),
        "max_seconds": creator.max_seconds,
        "may_post": creator.may_post,
        "sentence": creator.sentence,
        "note": creator.note,
    }


def _kept(account_id: str, desk: Desk) -> Creator | None:
    found = _shelf(desk).take(account_id)
    if not isinstance(found, dict):
        return None
    return Creator(
        nickname=found["nickname"],
        choices={name: tuple(values) for name, values in found["choices"].items()},
        off=frozenset(found["off"]),
        max_seconds=found["max_seconds"],
        may_post=found["may_post"],
        sentence=found["sentence"],
        note=found.get("note", ""),
    )


def problems(subject: Subject, told: Mapping[str, Told], known: Iterable[Problem] = ()) -> list[Problem]:
    """What the platforms will not take from these accounts. `known`: found already; a length is not told twice."""
    too_long = {one.channel for one in known if one.code == "video_too_long"}
    return [
        problem
        for kind, each in told.items()
        for handle, creator in each.creators.items()
        for problem in _of(registry.get(kind), handle, creator, subject)
        if not (problem.code == TOO_LONG and problem.channel in too_long)
    ]


def _of(channel: Channel, handle: str, creator: Creator, subject: Subject) -> Iterator[Problem]:
    def stop(code: str, sentence: str, place: str, **values: object) -> Problem:
        return Problem(code, Severity.BLOCK, "C12", sentence, values, place=place, channel=channel.name)

    if creator.note:
        yield Problem("creator_note", Severity.ADVICE, "C12", creator.note, place="accounts", channel=channel.name)
    if not creator.may_post:
        yield stop("creator_stopped", creator.sentence or _STOPPED, "accounts", handle=handle)
    for option, value in _chosen(channel, subject):
        place = options.field_name(channel.kind, option.name)
        values = {"option": Message(option.label), "handle": handle}
        if option.name in creator.off and value not in (False, "", []):
            yield stop("creator_off", _OFF, place, **values)
        elif option.name in creator.choices and value not in creator.choices[option.name]:
            yield stop("creator_choice", _NOT_OFFERED, place, **values)
    for clip in (each.clip for each in subject.videos if each.clip):
        if creator.max_seconds is not None and clip.seconds > creator.max_seconds:
            length, limit = round(clip.seconds), round(creator.max_seconds)
            yield stop(TOO_LONG, _TOO_LONG, "photos", handle=handle, length=length, limit=limit)


def _chosen(channel: Channel, subject: Subject) -> list[tuple[Option, Any]]:
    values = subject.options.get(channel.kind, {})
    return [(option, values[option.name]) for option in channel.options if option.name in values]
