"""A post with a video: saved at once, handed in when its files are there, and those very files go out."""

from dataclasses import replace

import pytest

from contentdesk.channels.base import Rejected, VideoRule
from contentdesk.kim.models import Kim
from contentdesk.lib.db import db, transaction
from contentdesk.lib.desk import desk
from contentdesk.lib.errors import Conflict, DomainError
from contentdesk.media import preparing, videos
from contentdesk.media.models import Asset, AssetState
from contentdesk.posts import queries, services
from contentdesk.posts.content import Content, ContentPhoto
from contentdesk.posts.models import Post, Revision
from contentdesk.publishing import outgoing
from contentdesk.reviews.services import NotReady, submit
from contentdesk.users.models import User
from tests.factories import Factory
from tests.media import clips
from tests.media.made import fresh, handed_in
from tests.posts.photos import photo
from workers import media, publish

WORDS = Content(
    text="Keripik tempe Sanan, Rp15.000.", photo_source="buatan_kim", faces="tidak_ada", children="tidak_ada"
)


def written(make: Factory, user: User, *assets: Asset, kinds: tuple[str, ...] = ("instagram", "snackvideo")) -> Post:
    kim = db.session.get_one(Kim, user.kim_id)
    accounts = tuple(make.account(kim, kind).id for kind in kinds)
    photos = tuple(ContentPhoto(asset.id, "Menggoreng keripik") for asset in assets)
    with transaction():
        content = replace(WORDS, photos=photos, account_ids=accounts)
        return services.create_post(user, content, desk().files)


def submitted(user: User, post: Post) -> Post:
    with transaction():
        return submit(user, queries.get_post(post.id))


def newest(post: Post) -> Revision:
    db.session.rollback()
    return queries.newest_revision(queries.post_alone(post.id))


def test_a_post_is_saved_while_its_video_is_prepared_and_waits_with_handing_in(make: Factory) -> None:
    user = make.user()
    post = written(make, user, handed_in(user, clips.reel()))
    assert newest(post).files == []
    with pytest.raises(NotReady, match=r"Video masih disiapkan\. Tunggu sebentar, lalu kirim lagi\."):
        submitted(user, post)
    assert newest(post).number == 1


def test_handing_in_takes_up_the_files_that_came_since_the_last_save(make: Factory) -> None:
    user = make.user()
    asset = handed_in(user, clips.reel())
    post = written(make, user, asset)
    before = newest(post).digest
    media.step(asset.id, desk())
    submitted(user, post)
    revision, house = newest(post), videos.house_of(fresh(asset))
    assert (revision.number, queries.post_alone(post.id).state) == (2, "in_review")
    assert revision.digest != before
    assert {(file.kind, file.media, file.sha256) for file in revision.files} == {
        (kind, "video", house.sha256) for kind in ("instagram", "snackvideo")
    }
    assert (revision.files[0].seconds, revision.files[0].fps) == (house.seconds, house.fps)


def test_a_post_saved_when_its_video_was_ready_needs_no_further_revision(make: Factory) -> None:
    user = make.user()
    asset = handed_in(user, clips.reel())
    media.step(asset.id, desk())
    post = written(make, user, fresh(asset))
    submitted(user, post)
    assert (newest(post).number, len(newest(post).files)) == (1, 2)


def test_a_video_that_failed_stops_handing_in_with_its_sentence(make: Factory) -> None:
    user = make.user()
    asset = handed_in(user, clips.reel())
    with transaction():
        preparing.claim(asset.id, "satu", asset.created_at)
        preparing.fail(asset.id, "satu", "Video ini tidak utuh.")
    post = written(make, user, fresh(asset))
    with pytest.raises(NotReady, match=r"Video ini tidak utuh\."):
        submitted(user, post)


def test_a_file_that_is_missing_for_one_channel_is_waited_for(make: Factory, monkeypatch: pytest.MonkeyPatch) -> None:
    user = make.user()
    asset = handed_in(user, clips.reel())
    media.step(asset.id, desk())
    post = written(make, user, fresh(asset))
    monkeypatch.setattr("contentdesk.posts.parts.video_for", lambda asset, rule: None)
    with pytest.raises(Conflict, match="Video masih disiapkan"):
        submitted(user, post)
    assert newest(post).number == 1


def test_a_post_has_photos_or_one_video(make: Factory) -> None:
    user = make.user()
    asset = handed_in(user, clips.reel())
    with pytest.raises(DomainError, match="foto saja atau satu video saja"):
        written(make, user, asset, photo(user))


def test_a_channel_gets_the_very_bytes_that_were_approved(make: Factory) -> None:
    user = make.user()
    asset = handed_in(user, clips.reel())
    media.step(asset.id, desk())
    post = written(make, user, fresh(asset), kinds=("instagram",))
    delivery = make.delivery(post, newest(post).targets[0])
    at = desk()
    lender = outgoing.Lender("http://kim.test", at.config.secret_keys[0], at.files)
    item = outgoing.work(delivery.id, "lease", lender, at.box)
    video, house = item.outgoing.video, videos.house_of(fresh(asset))
    assert item.outgoing.photos == ()
    assert (video.sha256, video.size, video.seconds) == (house.sha256, house.size, house.seconds)
    assert (video.width, video.height, video.fps, video.alt_text) == (180, 320, 30.0, "Menggoreng keripik")
    assert video.url.startswith("http://kim.test/m/")
    assert video.url.endswith(".mp4")
    with video.open() as opened:
        assert opened.read() == at.files.read_verified(house.sha256, ".mp4")
    publish._check_files(item, at)
    with at.files.path_of(house.sha256, ".mp4").open("ab") as damaged:
        damaged.write(b"x")
    with pytest.raises(Rejected):
        publish._check_files(item, at)


def test_a_photo_can_be_opened_too(make: Factory) -> None:
    user = make.user()
    post = written(make, user, photo(user), kinds=("instagram",))
    delivery = make.delivery(post, newest(post).targets[0])
    at = desk()
    lender = outgoing.Lender("http://kim.test", at.config.secret_keys[0], at.files)
    sent = outgoing.work(delivery.id, "lease", lender, at.box).outgoing.photos[0]
    with sent.open() as opened:
        assert len(opened.read()) == sent.size > 0
    assert sent.url.endswith(".jpg")


def test_every_channel_that_takes_videos_gets_one_of_the_usual_length(make: Factory) -> None:
    """Whatever limits the channels have, for each there is a file."""
    user = make.user()
    asset = handed_in(user, clips.reel())
    media.step(asset.id, desk())
    assert fresh(asset).state == AssetState.READY
    rules: list[VideoRule] = media.rules()
    assert rules
    assert [rule for rule in rules if videos.video_for(fresh(asset), rule) is None] == []
