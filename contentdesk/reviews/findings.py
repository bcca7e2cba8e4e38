"""What the machine noticed about a post, by point of the checklist."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from contentdesk.lib.i18n import N_
from contentdesk.posts.models import Post, Revision
from contentdesk.umkm.queries import consented_ids

CONSENT = "C02"
PHOTO_SOURCE = "C10"
READY = "C12"


@dataclass(frozen=True)
class Finding:
    """`sentence` is an Indonesian message for the catalogue, with `%(name)s` places for `values`."""

    item: str
    sentence: str
    values: Mapping[str, object] = field(default_factory=dict)
    blocks: bool = False
    """It cannot be handed in like this."""

    def __str__(self) -> str:
        return self.sentence % self.values if self.values else self.sentence


def of(post: Post, revision: Revision) -> list[Finding]:
    """Needs photos, businesses and targets of the revision loaded."""
    return [*_consent(revision), *_incomplete(revision)]


def _consent(revision: Revision) -> Iterator[Finding]:
    agreed = consented_ids(business.id for business in revision.businesses)
    for business in revision.businesses:
        if business.id not in agreed:
            yield Finding(
                CONSENT,
                N_("Persetujuan %(name)s belum tercatat atau sudah dicabut. Catat dulu di halaman UMKM."),
                {"name": business.name},
                blocks=True,
            )


def _incomplete(revision: Revision) -> Iterator[Finding]:
    if not revision.photos:
        yield Finding(READY, N_("Belum ada foto. Tambah paling sedikit satu."), blocks=True)
    if not revision.text.strip():
        yield Finding(READY, N_("Teks masih kosong. Tulis dulu."), blocks=True)
    if not revision.targets:
        yield Finding(READY, N_("Belum ada akun tujuan. Pilih paling sedikit satu."), blocks=True)
    if revision.photo_source is None:
        yield Finding(PHOTO_SOURCE, N_("Sumber foto belum diisi. Wajib sebelum dikirim."), blocks=True)


def touched(found: Iterable[Finding]) -> set[str]:
    """Ids of the points that have a finding."""
    return {one.item for one in found}
