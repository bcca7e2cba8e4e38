"""Photos as rows: kept once for each KIM, cut once for each channel."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from contentdesk.access.permissions import Role
from contentdesk.channels.base import PhotoRule
from contentdesk.lib.db import db, transaction
from contentdesk.lib.desk import desk
from contentdesk.lib.errors import NotFound, NotPermitted
from contentdesk.lib.files import FileDamaged
from contentdesk.media import services
from contentdesk.media.checks import BadPhoto
from contentdesk.media.models import Asset, Rendition
from contentdesk.users.models import User
from tests.factories import Factory
from tests.media.samples import exif, quarters, saved

SQUARE_TO_WIDE = PhotoRule(min_ratio=0.8, max_ratio=1.91, max_width=1440)


def taken(user: User, data: bytes) -> Asset:
    with transaction():
        return services.take_upload(user, user.kim_id, data, desk().files)


def rendered(asset: Asset, rule: PhotoRule, ratio: float | None = None, x: float = 0.5) -> Rendition:
    with transaction():
        return services.render_for(asset, rule, (x, 0.5), desk().files, ratio)


def jpeg(width: int = 1200, height: int = 900) -> bytes:
    return saved(quarters(width, height), "JPEG", exif=exif(1))


def test_an_upload_keeps_a_clean_master_a_thumbnail_and_a_preview(make: Factory) -> None:
    asset = taken(make.user(), jpeg())
    files = desk().files
    master = files.read_verified(asset.sha256, ".jpg")
    assert (asset.width, asset.height, asset.size) == (1200, 900, len(master))
    assert b"Exif" not in master
    assert len(files.read_verified(asset.thumb_sha256, ".jpg")) <= 6_000
    assert files.read_verified(asset.preview_sha256, ".jpg")


def test_the_same_photo_twice_is_one_asset_for_the_whole_kim(make: Factory) -> None:
    first = make.user()
    colleague = make.user(kim=first.kim_id and db.session.get(type(make.kim()), first.kim_id))
    assert taken(first, jpeg()).id == taken(colleague, jpeg()).id
    assert db.session.scalar(select(func.count()).select_from(Asset)) == 1


def test_another_kim_has_its_own_asset_of_the_same_photo(make: Factory) -> None:
    assert taken(make.user(), jpeg()).id != taken(make.user(), jpeg()).id


def test_nobody_uploads_for_another_kim(make: Factory) -> None:
    user, other = make.user(), make.kim()
    with pytest.raises(NotFound), transaction():
        services.take_upload(user, other.id, jpeg(), desk().files)
    with pytest.raises(NotPermitted), transaction():
        services.take_upload(make.user(Role.REVIEWER), other.id, jpeg(), desk().files)
    assert db.session.scalar(select(func.count()).select_from(Asset)) == 0


def test_nobody_keeps_a_photo_with_another_kim_whatever_lies_in_the_store(make: Factory) -> None:
    stored = services.store_photo(jpeg(), desk().files)
    with pytest.raises(NotFound), transaction():
        services.keep_photo(make.user(), make.kim().id, stored)
    assert db.session.scalar(select(func.count()).select_from(Asset)) == 0


def test_a_file_that_is_no_photo_leaves_no_row(make: Factory) -> None:
    with pytest.raises(BadPhoto):
        taken(make.user(), b"%PDF-1.7 ...")
    assert db.session.scalar(select(func.count()).select_from(Asset)) == 0


def test_somebody_faster_with_the_same_photo_is_no_failure(make: Factory, monkeypatch: pytest.MonkeyPatch) -> None:
    """The look-up misses once, as it does when two uploads run side by side on PostgreSQL."""
    user = make.user()
    first = taken(user, jpeg())
    answers = iter([None, first])
    monkeypatch.setattr(services, "_known", lambda *_args: next(answers))
    assert taken(user, jpeg()).id == first.id


def test_a_rendition_keeps_to_the_rule_and_is_made_once(make: Factory, monkeypatch: pytest.MonkeyPatch) -> None:
    asset = taken(make.user(), jpeg(900, 1600))
    made = rendered(asset, SQUARE_TO_WIDE)
    assert made.width / made.height >= 0.8
    assert len(desk().files.read_verified(made.sha256, ".jpg")) == made.size
    monkeypatch.setattr(services.images, "render", None)
    assert rendered(asset, SQUARE_TO_WIDE).key == made.key


def test_another_rule_or_focus_gives_another_file(make: Factory) -> None:
    asset = taken(make.user(), jpeg(1600, 700))
    made = rendered(asset, SQUARE_TO_WIDE)
    assert rendered(asset, replace(SQUARE_TO_WIDE, max_width=800)).sha256 != made.sha256
    assert rendered(asset, SQUARE_TO_WIDE, x=0.0).sha256 != made.sha256


@pytest.mark.parametrize(("ratio", "wanted"), [(0.5, 0.8), (1.0, 1.0), (1.337, 1.337), (3.0, 1.91)])
def test_a_common_ratio_is_met_within_what_the_channel_takes(make: Factory, ratio: float, wanted: float) -> None:
    user = make.user()
    for size in [(1201, 907), (907, 1201), (641, 643)]:
        made = rendered(taken(user, jpeg(*size)), SQUARE_TO_WIDE, ratio=ratio)
        assert abs(made.width / made.height - wanted) < 0.01
        assert 0.8 <= made.width / made.height <= 1.91


def test_a_focus_outside_the_picture_is_brought_to_its_edge(make: Factory) -> None:
    asset = taken(make.user(), jpeg(1600, 700))
    assert rendered(asset, SQUARE_TO_WIDE, x=7.0).key == rendered(asset, SQUARE_TO_WIDE, x=1.0).key


def test_a_lost_master_is_told_and_not_sent(app: Flask, make: Factory) -> None:
    asset = taken(make.user(), jpeg())
    Path(desk().files.path_of(asset.sha256, ".jpg")).unlink()
    with pytest.raises(FileDamaged):
        rendered(asset, SQUARE_TO_WIDE)


def spoil(sha256: str) -> None:
    desk().files.path_of(sha256, ".jpg").write_bytes(b"rusak")


def test_a_lost_or_damaged_rendition_is_made_again_from_the_master(make: Factory) -> None:
    asset = taken(make.user(), jpeg(900, 1600))
    made = rendered(asset, SQUARE_TO_WIDE)
    good = desk().files.read_verified(made.sha256, ".jpg")
    for harm in (spoil, lambda sha256: desk().files.path_of(sha256, ".jpg").unlink()):
        harm(made.sha256)
        again = rendered(asset, SQUARE_TO_WIDE)
        assert (again.key, desk().files.read_verified(again.sha256, ".jpg")) == (made.key, good)


def test_a_rendition_made_again_by_another_version_says_what_it_is_now(
    make: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset = taken(make.user(), jpeg(900, 1600))
    spoil(rendered(asset, SQUARE_TO_WIDE).sha256)
    other = services.images.render(jpeg(800, 1000), services.images.THUMB)
    monkeypatch.setattr(services.images, "render", lambda *_args: other)
    again = rendered(asset, SQUARE_TO_WIDE)
    assert (again.sha256, again.size, again.width) == (other.sha256, len(other.data), other.width)
    assert db.session.scalar(select(func.count()).select_from(Rendition)) == 1


def test_sending_the_same_photo_again_mends_its_files(make: Factory) -> None:
    user = make.user()
    asset = taken(user, jpeg())
    names = (asset.sha256, asset.thumb_sha256, asset.preview_sha256)
    for sha256 in names:
        spoil(sha256)
    again = taken(user, jpeg())
    assert (again.id, (again.sha256, again.thumb_sha256, again.preview_sha256)) == (asset.id, names)
    assert all(desk().files.read_verified(sha256, ".jpg") for sha256 in names)


def test_small_pictures_drawn_anew_by_another_version_take_the_place_of_damaged_ones(
    make: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = make.user()
    asset = taken(user, jpeg())
    spoil(asset.thumb_sha256)
    others = services.images.render_all(jpeg(640, 640), [services.images.THUMB, services.images.PREVIEW])
    monkeypatch.setattr(services.images, "render_all", lambda *_args: others)
    again = taken(user, jpeg())
    assert again.id == asset.id
    assert desk().files.read_verified(again.thumb_sha256, ".jpg") == others[0].data


def test_no_more_than_two_photos_are_decoded_at_once(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    files, data, take_in = desk().files, jpeg(), services.images.take_in
    together, most, gate = [], [], threading.Event()

    def counted(photo: bytes) -> services.images.Photo:
        together.append(1)
        most.append(len(together))
        gate.wait(0.2)  # long enough for a third to come, were it let in
        together.pop()
        return take_in(photo)

    monkeypatch.setattr(services.images, "take_in", counted)
    threads = [threading.Thread(target=services.store_photo, args=(data, files)) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(most) == 5
    assert max(most) == 2
