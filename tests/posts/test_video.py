"""A post with a video: saved at once, handed in when its files are there, and those very files go out."""

from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from contentdesk.access.permissions import Role
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
from tests.posts.photos import jpeg, photo
from workers import media, steps

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
    steps._check_files(item, at)
    with at.files.path_of(house.sha256, ".mp4").open("ab") as damaged:
        damaged.write(b"x")
    with pytest.raises(Rejected):
        steps._check_files(item, at)


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
    rules: list[VideoRule] = media.rules(user.kim_id)
    assert rules
    assert [rule for rule in rules if videos.video_for(fresh(asset), rule) is None] == []


def test_the_member_who_posts_by_hand_gets_the_video_on_the_phone(make: Factory) -> None:
    user = make.user()
    asset = handed_in(user, clips.reel())
    media.step(asset.id, desk())
    post = written(make, user, fresh(asset), kinds=("snackvideo",))
    delivery = make.delivery(post, newest(post).targets[0], state="handed_over")
    client = make.signed_in(user)
    address = f"/tugas/{delivery.id}/video/0.mp4"
    whole = client.get(address)
    assert whole.data == desk().files.read_verified(newest(post).files[0].sha256, ".mp4")
    assert client.get(address, headers={"Range": "bytes=0-9"}).data == whole.data[:10]
    assert "attachment" in client.get(address + "?unduh=1").headers["Content-Disposition"]
    assert client.get(f"/tugas/{delivery.id}/foto/0.jpg").status_code == 404
    assert make.signed_in(make.user()).get(address).status_code == 404
    desk().files.path_of(newest(post).files[0].sha256, ".mp4").unlink()
    assert client.get(address).status_code == 404
    assert client.get(address, headers={"Range": "bytes=0-9"}).status_code == 404


def sent_form(client: FlaskClient, *files: tuple[bytes, str], **fields: str) -> Any:
    """The composer's form, as it goes without JavaScript."""
    photos = [(BytesIO(data), name) for data, name in files]
    return client.post("/unggahan/baru", data={"text": WORDS.text, "photos": photos, **fields}, follow_redirects=True)


def test_without_javascript_the_form_carries_the_video(make: Factory) -> None:
    user = make.user()
    page = sent_form(make.signed_in(user), (clips.reel(), "jalan.mp4"))
    asset = db.session.scalars(select(Asset)).one()
    assert (asset.media, asset.state) == ("video", AssetState.PREPARING)
    assert "Disiapkan" in page.text
    assert "<video" not in page.text
    media.step(asset.id, desk())
    post = db.session.scalars(select(Post)).one()
    page = make.signed_in(user).get(f"/unggahan/{post.id}/ubah")
    assert f"/video/{asset.id}.mp4" in page.text
    gone = make.signed_in(user).post(
        f"/unggahan/{post.id}/ubah",
        data={"text": WORDS.text, "base_number": "1", "photo": asset.id, "remove": asset.id},
        follow_redirects=True,
    )
    assert f"/video/{asset.id}.mp4" not in gone.text


def test_photos_beside_a_video_are_left_out_and_the_rest_is_saved(make: Factory) -> None:
    page = sent_form(make.signed_in(make.user()), (jpeg(), "foto.jpg"), (clips.reel(), "jalan.mp4"))
    post = db.session.scalars(select(Post)).one()
    kept = newest(post)
    assert [one.asset.media for one in kept.photos] == ["photo"]
    assert kept.text == WORDS.text
    assert "satu video saja" in page.text


def test_a_bad_video_in_the_form_costs_nothing_else(make: Factory) -> None:
    page = sent_form(make.signed_in(make.user()), (clips.cut_in_the_pictures(), "rusak.mp4"), (jpeg(), "foto.jpg"))
    kept = newest(db.session.scalars(select(Post)).one())
    assert ([one.asset.media for one in kept.photos], kept.text) == (["photo"], WORDS.text)
    assert "rusak.mp4: Video ini tidak utuh" in page.text


def test_reviewers_and_members_play_the_video_of_a_post(make: Factory) -> None:
    user = make.user()
    asset = handed_in(user, clips.reel())
    media.step(asset.id, desk())
    post = written(make, user, fresh(asset), kinds=("instagram",))
    submitted(user, post)
    review = make.signed_in(make.user(Role.REVIEWER)).get(f"/tinjauan/{post.id}")
    page = make.signed_in(user).get(f"/unggahan/{post.id}")
    for shown in (review.text, page.text):
        assert f'<source src="/video/{asset.id}.mp4" type="video/mp4">' in shown
        assert 'preload="none"' in shown
