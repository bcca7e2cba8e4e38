"""What is chosen for a platform: read, kept in one form, part of what is approved."""

from dataclasses import replace
from typing import Any

import pytest
from werkzeug.datastructures import MultiDict

from contentdesk.channels.models import Account
from contentdesk.kim.models import Kim
from contentdesk.lib.db import db, transaction
from contentdesk.lib.desk import desk
from contentdesk.posts import checks, options, queries, services
from contentdesk.posts.content import Content, ContentPhoto
from contentdesk.posts.models import Revision
from contentdesk.users.models import User
from tests.factories import Factory
from tests.posts.photos import photo
from tests.posts.trial import KIND, Trial, install


@pytest.fixture
def channel(monkeypatch: pytest.MonkeyPatch) -> Trial:
    return install(monkeypatch)


@pytest.fixture
def account(make: Factory, kim: Kim, channel: Trial) -> Account:
    return make.account(kim, kind=KIND)


def _read(**typed: str) -> dict[str, Any]:
    return options.read(MultiDict({f"opt_{KIND}_{name}": value for name, value in typed.items()})).get(KIND, {})


def _kept(chosen: dict[str, Any], photos: int = 1, video: bool = False, automatic: bool = True) -> dict[str, Any]:
    return options.kept({KIND: chosen}, {KIND: automatic}, photos, video).get(KIND, {})


def _saved(member: User, content: Content) -> Revision:
    with transaction():
        post = services.create_post(member, content, desk().files)
    return queries.newest_revision(post)


def test_each_field_is_read_by_its_type(channel: Trial) -> None:
    found = _read(privacy="teman", comments="1", partners="@satu, dua\n@dua;tiga", comment=" Mampir rek \r\n ya ")
    assert found == {
        "privacy": "teman",
        "comments": True,
        "partners": ["satu", "dua", "tiga"],
        "comment": "Mampir rek \n ya",
    }


def test_names_and_values_that_are_not_offered_are_dropped(channel: Trial) -> None:
    assert _read(privacy="rahasia", format="poster", hack="1") == {}
    assert options.read(MultiDict({"opt_tidakada_privacy": "semua"})) == {}
    assert _kept({"privacy": "rahasia", "comments": "ya", "partners": "satu", "hack": 1})["comments"] is False
    assert "privacy" not in _kept({"privacy": ["semua"]})


def test_a_box_without_a_tick_is_a_no_only_when_it_was_on_the_page(channel: Trial) -> None:
    assert _kept({}, video=True)["duet"] is True
    seen = options.read(MultiDict({f"opts_{KIND}": "1"}))[KIND]
    assert _kept(seen, video=True)["duet"] is False


def test_only_options_with_a_default_are_filled_in(channel: Trial) -> None:
    assert _kept({}) == {"comments": False, "paid": False}
    assert _kept({}, photos=0, video=True) == {"comments": False, "duet": True, "paid": False}


def test_what_hangs_under_a_toggle_is_kept_only_while_that_is_on(channel: Trial) -> None:
    assert "brand" not in _kept({"brand": True})
    assert _kept({"paid": True, "brand": True})["brand"] is True


def test_the_usual_format_is_not_kept_as_a_choice(channel: Trial) -> None:
    assert "format" not in _kept({"format": "feed"})
    assert "format" not in _kept({"format": "reel"}, photos=0, video=True)
    assert _kept({"format": "story"})["format"] == "story"


def test_for_an_account_by_hand_only_the_format_is_kept(channel: Trial) -> None:
    chosen = {"format": "story", "privacy": "teman", "comments": True}
    assert _kept(chosen, automatic=False) == {"format": "story"}


def test_choices_are_saved_and_change_the_digest(member: User, account: Account) -> None:
    def content(privacy: str) -> Content:
        return Content(text="Keripik", account_ids=(account.id,), options={KIND: {"privacy": privacy}})

    first = _saved(member, content("teman"))
    assert first.options == {KIND: {"privacy": "teman", "comments": False, "paid": False}}
    post = queries.post_alone(first.post_id)
    with transaction():
        same = services.edit_post(member, post, content("teman"), 1, desk().files)
    assert same.number == 1
    with transaction():
        other = services.edit_post(member, post, content("semua"), 1, desk().files)
    assert (other.number, other.options[KIND]["privacy"]) == (2, "semua")
    assert other.digest != first.digest


def test_choices_for_a_channel_that_is_not_chosen_are_not_kept(member: User, account: Account) -> None:
    content = Content(text="Keripik", options={KIND: {"privacy": "teman"}})
    assert _saved(member, content).options == {}


def test_pictures_are_cut_for_the_chosen_format(member: User, account: Account) -> None:
    asset = photo(member)
    usual = Content(text="Keripik", account_ids=(account.id,), photos=(ContentPhoto(asset.id),))
    shapes = []
    for chosen in ({}, {"format": "story"}):
        revision = _saved(member, replace(usual, options={KIND: chosen}))
        shapes.append(revision.files[0].width / revision.files[0].height)
    assert 0.8 <= shapes[0] <= 1.91
    assert shapes[1] == pytest.approx(9 / 16, abs=0.01)


def _problems(kim: Kim, account: Account, **chosen: Any) -> list[tuple[str, str]]:
    text = chosen.pop("text", "Keripik")
    content = Content(text=text, account_ids=(account.id,), options={KIND: chosen})
    found = checks.blocking(checks.of_content(kim.id, content))
    return [(one.code, one.place) for one in found if one.channel == "Coba"]


def test_a_choice_without_a_default_has_to_be_made(kim: Kim, account: Account) -> None:
    assert ("option_missing", f"opt_{KIND}_privacy") in _problems(kim, account)
    assert not [code for code, _place in _problems(kim, account, privacy="semua") if code.startswith("option")]


def test_choices_that_do_not_go_together_stop_sending(kim: Kim, account: Account) -> None:
    assert ("disclosure_open", f"opt_{KIND}_paid") in _problems(kim, account, privacy="semua", paid=True)
    found = _problems(kim, account, privacy="sendiri", paid=True, brand=True)
    assert ("option_forbidden", f"opt_{KIND}_privacy") in found
    assert "option_forbidden" not in dict(_problems(kim, account, privacy="sendiri", brand=True))
    found = _problems(kim, account, privacy="semua", partners=["a", "b", "c"], comment="x" * 21)
    assert {"too_many_names", "option_too_long"} <= set(dict(found))


def test_the_limits_are_those_of_the_chosen_format(kim: Kim, account: Account) -> None:
    assert "text_too_long" not in dict(_problems(kim, account, privacy="semua", text="a" * 60))
    assert ("text_too_long", f"text_{KIND}") in _problems(kim, account, privacy="semua", text="a" * 60, format="story")


def test_an_account_by_hand_is_asked_for_nothing(make: Factory, kim: Kim, channel: Trial) -> None:
    by_hand = make.account(kim, kind=KIND, by_hand=True)
    assert not [code for code, _place in _problems(kim, by_hand) if code.startswith("option")]


def test_a_video_is_judged_by_the_format_it_goes_out_in(make: Factory, member: User, account: Account) -> None:
    def found(seconds: float | None, state: str = "ready", **chosen: Any) -> set[str]:
        asset = make.asset(member, media="video", seconds=seconds, state=state, width=1080, height=1920)
        content = Content(account_ids=(account.id,), photos=(ContentPhoto(asset.id),), options={KIND: chosen})
        return {one.code for one in checks.blocking(checks.of_content(account.kim_id or "", content))}

    assert not {code for code in found(80) if code.startswith("video")}
    assert "video_too_long" in found(91)
    assert "video_too_long" in found(80, format="story")
    assert "video_not_taken" in found(80, format="feed")
    assert {code for code in found(None, "preparing") if code.startswith("video")} == {"video_not_ready"}


def test_photos_and_a_video_do_not_go_out_together(make: Factory, member: User, account: Account) -> None:
    video = make.asset(member, media="video", seconds=10.0)
    content = Content(account_ids=(account.id,), photos=(ContentPhoto(video.id), ContentPhoto(make.asset(member).id)))
    assert "media_mixed" in {one.code for one in checks.of_content(account.kim_id or "", content)}
    db.session.rollback()
