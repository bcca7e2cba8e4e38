"""The base of channels that cannot be published to by a program: a member posts and brings the link."""

from collections.abc import Mapping, Sequence, Set
from datetime import datetime
from typing import ClassVar, NoReturn

from contentdesk.channels.base import (
    CannotTell,
    Checkpoint,
    Format,
    Login,
    NotAllowed,
    Option,
    Outgoing,
    Stats,
)
from contentdesk.channels.kinds.links import lies_on
from contentdesk.lib.http import Http
from contentdesk.lib.i18n import N_


class ByHand:
    """`figures` are those a member can read in the app and type in."""

    kind: str
    name: str
    icon: str
    formats: tuple[Format, ...]
    options: tuple[Option, ...] = ()
    figures: frozenset[str]
    by_hand = True

    hosts: ClassVar[Set[str]]
    post_path: ClassVar[str] = r"/.+"

    def prepare(self, http: Http, outgoing: Outgoing, checkpoint: Checkpoint) -> NoReturn:
        self._refuse()

    def publish(self, http: Http, outgoing: Outgoing, checkpoint: Checkpoint) -> NoReturn:
        self._refuse()

    def find(self, http: Http, outgoing: Outgoing, checkpoint: Checkpoint, since: datetime) -> CannotTell:
        return CannotTell()

    def measure(self, http: Http, login: Login, external_ids: Sequence[str]) -> Mapping[str, Stats]:
        """Nothing: the platform tells figures only to people."""
        return {}

    def owns_link(self, link: str) -> bool:
        return lies_on(link, self.hosts, self.post_path)

    def _refuse(self) -> NoReturn:
        raise NotAllowed(
            N_("%(platform)s tidak bisa diterbitkan otomatis. Seorang anggota mengunggahnya dari ponsel."),
            code="by_hand",
            platform=self.name,
        )
