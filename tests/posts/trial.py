"""A platform that exists only in tests, with every kind of option and what it asks before a person chooses."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import pytest

from contentdesk.channels import registry
from contentdesk.channels.abilities import Consent, Creator
from contentdesk.channels.base import (
    ChannelError,
    Forbids,
    Format,
    Login,
    Option,
    OptionType,
    PhotoRule,
    Problem,
    Rules,
    TextRule,
    VideoRule,
)
from contentdesk.channels.kinds.snackvideo import SnackVideo
from contentdesk.lib.http import Http

KIND = "coba"
TALL = PhotoRule(max_count=1, min_ratio=0.56, max_ratio=0.57)
PICTURES = Rules(TextRule(max_chars=100), PhotoRule(min_ratio=0.8, max_ratio=1.91))
REELS = Rules(TextRule(max_chars=50), PhotoRule(min_count=1, max_count=0), VideoRule(min_seconds=3, max_seconds=90))
STORIES = Rules(TextRule(max_chars=10), TALL, VideoRule(max_seconds=60))


class Trial(SnackVideo):
    """Answers of the platform are put into `told`; each asking is counted."""

    kind = KIND
    name = "Coba"
    by_hand = False
    formats: tuple[Format, ...] = (
        Format("feed", "Kiriman", PICTURES),
        Format("reel", "Rel", REELS),
        Format("story", "Cerita", STORIES, chosen_only=True),
    )
    options: tuple[Option, ...] = (
        Option(
            "privacy",
            "Siapa yang melihat",
            OptionType.CHOICE,
            (("semua", "Semua orang"), ("teman", "Teman"), ("sendiri", "Hanya saya")),
            required=True,
        ),
        Option("comments", "Boleh dikomentari", OptionType.TOGGLE, default=False),
        Option("duet", "Boleh duet", OptionType.TOGGLE, default=True, formats=frozenset({"reel"})),
        Option("paid", "Konten berbayar", OptionType.TOGGLE, default=False),
        Option(
            "brand",
            "Merek lain",
            OptionType.TOGGLE,
            default=False,
            under="paid",
            forbids=(Forbids("privacy", "sendiri", "Konten merek lain tidak bisa dibuat hanya untuk Anda."),),
        ),
        Option("own", "Merek sendiri", OptionType.TOGGLE, default=False, under="paid"),
        Option("partners", "Bersama akun", OptionType.NAMES, max_names=2),
        Option("comment", "Komentar pertama", OptionType.TEXT, max_chars=20),
    )

    def __init__(self) -> None:
        self.told: dict[str, Creator | ChannelError] = {}
        self.asked: list[str] = []

    def option_problems(self, options: Mapping[str, Any], format_key: str) -> Sequence[Problem]:
        if options.get("paid") and not (options.get("brand") or options.get("own")):
            return [Problem("disclosure_open", "Katakan dulu ini mempromosikan siapa.", option="paid")]
        return []

    def creator(self, http: Http, login: Login) -> Creator:
        self.asked.append(login.handle)
        answer = self.told.get(login.handle, Creator(login.handle))
        if isinstance(answer, ChannelError):
            raise answer
        return answer

    def consent(self, options: Mapping[str, Any], format_key: str) -> Consent:
        music = ("Konfirmasi Musik", "https://coba.test/musik")
        if options.get("brand"):
            brands = ("Aturan Merek", "https://coba.test/merek")
            return Consent(
                "Dengan mengirim, Anda menyetujui %(brands)s dan %(music)s.", {"brands": brands, "music": music}
            )
        return Consent("Dengan mengirim, Anda menyetujui %(music)s.", {"music": music})


def install(monkeypatch: pytest.MonkeyPatch) -> Trial:
    channel = Trial()
    monkeypatch.setattr(registry, "KINDS", MappingProxyType({**registry.KINDS, KIND: channel}))
    return channel
