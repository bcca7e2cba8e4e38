"""Whether the settings are such that the service starts with them."""

from collections.abc import Iterator

from contentdesk.channels import registry
from contentdesk.doctor.findings import Check, Finding, warning, wrong
from contentdesk.doctor.ward import NO_KEY, Ward


def _settings(ward: Ward) -> Iterator[Finding]:
    for name, sentence in ward.refused.items():
        if name != NO_KEY or not sentence.startswith(("Belum", "Kunci")):
            yield wrong(
                sentence,
                "Layanan tidak mau berjalan dengan setelan ini, jadi tidak ada yang terbit.",
                f"Betulkan {name}, lalu jalankan lagi.",
            )
    for kind in sorted(ward.config.half_apps & registry.KINDS.keys()):
        yield wrong(
            f"{kind.upper()}_CLIENT_ID dan {kind.upper()}_CLIENT_SECRET: hanya satu yang diisi.",
            "Layanan tidak mau berjalan dengan setelan ini.",
            "Isi keduanya, atau kosongkan keduanya.",
        )


def _data_dir(ward: Ward) -> Iterator[Finding]:
    folder = ward.config.data_dir
    if not folder.is_dir():
        yield wrong(
            f"Folder data {folder} tidak ada.",
            "Basis data, foto dan kunci dicari di sana. Bila ini folder yang salah, semua tampak kosong.",
            "Periksa DATA_DIR, atau jalankan `make run` sekali bila memang belum pernah berjalan di sini.",
        )
    elif folder.stat().st_mode & 0o077:
        yield warning(
            f"Folder data {folder} terbuka bagi pengguna lain di mesin ini.",
            "Orang lain dapat membaca kunci dan foto. Yang terbit tidak terpengaruh.",
            f"Jalankan: chmod 700 {folder}",
        )


CHECKS = (
    Check("settings", "Setelan", _settings, "Semua setelan dapat dipakai."),
    Check("data_dir", "Folder data", _data_dir, "Ada, dan tertutup bagi orang lain.", wants=frozenset({"DATA_DIR"})),
)
