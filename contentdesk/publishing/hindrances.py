"""Why an approved post cannot be planned as it is, and what its people have to do."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from contentdesk.channels.models import Account, AccountState
from contentdesk.lib import clock
from contentdesk.lib.db import db
from contentdesk.lib.i18n import N_, Several
from contentdesk.posts import checks
from contentdesk.posts.models import Post, Revision
from contentdesk.posts.planning import LATEST
from contentdesk.posts.problems import Problem
from contentdesk.posts.queries import newest_revision
from contentdesk.publishing.models import Delivery
from contentdesk.publishing.states import GIVEN_UP, MOVABLE


@dataclass(frozen=True)
class Hindrance:
    """Sentences of the catalogue, for the author and for who approved."""

    notice: str
    said: str
    needs_edit: bool = False
    """Another time does not help."""
    values: Mapping[str, object] = field(default_factory=dict)


_UNFIT = (
    N_("%(title)s disetujui, tetapi belum bisa dijadwalkan. Ubah isinya, lalu kirim lagi untuk ditinjau. %(points)s"),
    N_("Disetujui, tetapi belum bisa dijadwalkan: penulis harus mengubah isinya dulu. %(points)s"),
)
_NO_ACCOUNT = (
    N_("%(title)s disetujui, tetapi tidak ada akun tujuan yang bisa dipakai. Pilih akunnya, lalu kirim lagi."),
    N_("Disetujui, tetapi tidak ada akun tujuan yang bisa dipakai. Penulis harus memilih akun dulu."),
)
_ALL_OUT = (
    N_("%(title)s disetujui, tetapi sudah terbit di semua akunnya, jadi tidak diterbitkan lagi."),
    N_("Disetujui, tetapi sudah terbit di semua akunnya, jadi tidak diterbitkan lagi."),
)
_WRONG_TIME = (
    N_(
        "%(title)s disetujui, tetapi belum dijadwalkan karena waktu usulannya lewat atau terlalu jauh. Pilih yang baru."
    ),
    N_("Disetujui, tetapi belum dijadwalkan: waktu usulannya lewat atau terlalu jauh. Penulis diminta memilih lagi."),
)


def hindrance(post: Post, due_at: datetime | None) -> Hindrance | None:
    """What has to be mended first, the worst named. Consent is not asked: without it there is no approval."""
    revision, now = newest_revision(post), clock.now()
    if found := of(post):
        return Hindrance(*_UNFIT, needs_edit=True, values={"points": Several(one.whole for one in found)})
    if not _still_to_go(revision):
        return Hindrance(*(_ALL_OUT if open_targets(revision) else _NO_ACCOUNT), needs_edit=True)
    if due_at is not None and not now < due_at < now + LATEST:
        return Hindrance(*_WRONG_TIME)
    return None


def of(post: Post) -> list[Problem]:
    """What the platforms of the accounts still to go would refuse of the newest revision, as far as is known now."""
    revision = newest_revision(post)
    return checks.of_channels(post, revision, _still_to_go(revision))


def open_targets(revision: Revision) -> list[Account]:
    return [account for account in revision.targets if account.state != AccountState.CLOSED]


def _still_to_go(revision: Revision) -> set[str]:
    """Ids of open accounts of the revision that neither have it nor may have it."""
    targets = {account.id for account in open_targets(revision)}
    gone = Delivery.state.not_in((*GIVEN_UP, *MOVABLE))
    out = select(Delivery.account_id).where(Delivery.post_id == revision.post_id, gone)
    return targets - set(db.session.scalars(out))
