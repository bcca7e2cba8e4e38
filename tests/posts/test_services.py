"""Revisions never change, nothing is overwritten, and approval never carries over to new words."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
from flask import Flask
from sqlalchemy import event, func, select

from contentdesk.audit.models import AuditEntry
from contentdesk.channels.registry import KINDS
from contentdesk.lib.db import db, transaction
from contentdesk.lib.desk import desk
from contentdesk.lib.errors import Conflict, DomainError, NotFound
from contentdesk.posts import queries, services
from contentdesk.posts.content import Content, ContentPhoto, content_of
from contentdesk.posts.models import Post, Revision
from contentdesk.posts.services import SavedMeanwhile
from contentdesk.posts.states import PostState
from contentdesk.users.models import User
from tests.factories import Factory
from tests.posts.photos import photo

WORDS = Content(title="Keripik", text="Keripik tempe Sanan, Rp15.000.", photo_source="buatan_kim")


def _create(actor: User, content: Content = WORDS, form_key: str | None = None) -> Post:
    with transaction():
        return services.create_post(actor, content, desk().files, form_key)


def _edit(actor: User, post: Post, content: Content, base: int) -> Revision:
    with transaction():
        return services.edit_post(actor, post, content, base, desk().files)


def _rows(revision: Revision) -> tuple[object, ...]:
    return (
        revision.title,
        revision.text,
        revision.texts,
        revision.digest,
        revision.author_id,
        revision.created_at,
        [(p.asset_id, p.alt_text, p.focus_x, p.focus_y) for p in revision.photos],
        [(f.kind, f.position, f.sha256) for f in revision.files],
        [b.id for b in revision.businesses],
        [a.id for a in revision.targets],
    )


def test_each_save_that_differs_is_a_new_revision_and_the_old_one_stays_as_it_was(make: Factory) -> None:
    kim = make.kim()
    first, second = make.user(kim=kim), make.user(kim=kim)
    asset, business, account = photo(first), make.business(kim), make.account(kim)
    content = replace(
        WORDS,
        texts={account.kind: "Keripik renyah."},
        photos=(ContentPhoto(asset.id, "Keripik di nampan", 0.3, 0.6),),
        business_ids=(business.id,),
        account_ids=(account.id,),
    )
    post = _create(first, content)
    before = _rows(queries.revision(post, 1))

    _edit(second, post, replace(content, text="Keripik tempe Sanan, Rp17.000."), 1)

    assert _rows(queries.revision(post, 1)) == before
    newest = queries.newest_revision(post)
    assert (newest.number, newest.author_id, newest.text) == (2, second.id, "Keripik tempe Sanan, Rp17.000.")
    assert newest.digest != before[3]


def test_saving_the_same_again_makes_no_revision(make: Factory) -> None:
    author = make.user()
    post = _create(author)
    _edit(author, post, replace(WORDS, text=WORDS.text + "\r\n "), 1)
    assert post.newest_number == 1
    _edit(author, post, replace(WORDS, photo_source="milik_umkm"), 1)
    assert post.newest_number == 2


def test_what_comes_back_from_a_revision_makes_the_same_revision(make: Factory) -> None:
    kim = make.kim()
    author = make.user(kim=kim)
    accounts = [make.account(kim), make.account(kim, kind="snackvideo"), make.account()]
    content = replace(
        WORDS,
        texts={"snackvideo": "Pendek saja"},
        photos=(ContentPhoto(photo(author).id, "a"), ContentPhoto(photo(author, color="#224466").id, "b", 0, 1)),
        business_ids=tuple(make.business(kim).id for _ in range(3)),
        account_ids=tuple(account.id for account in accounts),
    )
    post = _create(author, content)
    again = content_of(post, queries.newest_revision(post))
    assert _edit(author, post, again, 1).number == 1


@pytest.mark.parametrize(
    "state",
    [PostState.IN_REVIEW, PostState.APPROVED, PostState.SCHEDULED, PostState.CHANGES_ASKED, PostState.REJECTED],
)
def test_an_edit_takes_the_post_back_to_draft_and_keeps_the_proposed_time(make: Factory, state: str) -> None:
    author = make.user()
    post = _create(author)
    with transaction():
        post.state, post.approved_number = state, 1
        post.proposed_at = proposed = post.created_at
    _edit(author, post, replace(WORDS, text="Sudah lain.", proposed_at=proposed), 1)
    assert (post.state, post.newest_number, post.proposed_at) == (PostState.DRAFT, 2, proposed)


@pytest.mark.parametrize("state", [PostState.IN_REVIEW, PostState.APPROVED, PostState.SCHEDULED])
@pytest.mark.parametrize("hours", [3, None])
def test_another_time_is_another_revision_that_nobody_approved(make: Factory, state: str, hours: int | None) -> None:
    author, seen = make.user(), datetime(2027, 1, 5, 12, tzinfo=UTC)
    post = _create(author, replace(WORDS, proposed_at=seen))
    with transaction():
        post.state, post.approved_number = state, 1
    wanted = seen + timedelta(hours=hours) if hours else None
    _edit(author, post, replace(WORDS, proposed_at=wanted), 1)
    assert (post.state, post.newest_number, post.proposed_at) == (PostState.DRAFT, 2, wanted)


def test_a_time_typed_without_seconds_is_the_same_time(make: Factory) -> None:
    author, planned = make.user(), datetime(2027, 1, 5, 12, 0, 31, tzinfo=UTC)
    post = _create(author, replace(WORDS, proposed_at=planned))
    with transaction():
        post.state = PostState.SCHEDULED
    _edit(author, post, replace(WORDS, proposed_at=planned.replace(second=0)), 1)
    assert (post.state, post.newest_number, post.proposed_at) == (PostState.SCHEDULED, 1, planned)


def test_a_time_from_an_old_form_does_not_replace_a_newer_one(make: Factory) -> None:
    author, planned = make.user(), datetime(2027, 1, 5, 12, tzinfo=UTC)
    post = _create(author)
    _edit(author, post, replace(WORDS, text="Lain.", proposed_at=planned), 1)
    with pytest.raises(SavedMeanwhile):
        _edit(author, post, replace(WORDS, text="Lain."), 1)
    db.session.rollback()
    assert post.proposed_at == planned


@pytest.mark.parametrize("state", [PostState.WITHDRAWN, PostState.REJECTED])
def test_a_save_takes_up_again_what_was_put_down(make: Factory, state: str) -> None:
    author = make.user()
    post = _create(author)
    with transaction():
        post.state = state
    _edit(author, post, WORDS, 1)
    assert (post.state, post.newest_number) == (PostState.DRAFT, 2)


def test_an_archived_post_is_not_said_to_be_saved(make: Factory) -> None:
    author = make.user()
    post = _create(author)
    with transaction():
        services.archive(author, post)
    with pytest.raises(DomainError, match="diarsipkan"):
        _edit(author, post, WORDS, 1)


def test_saving_unchanged_words_keeps_the_approval(make: Factory) -> None:
    author = make.user()
    post = _create(author)
    with transaction():
        post.state = PostState.APPROVED
    _edit(author, post, WORDS, 1)
    assert post.state == PostState.APPROVED


def test_an_archived_post_is_not_written_on(make: Factory) -> None:
    author = make.user()
    post = _create(author)
    with transaction():
        services.archive(author, post)
    with pytest.raises(DomainError, match="diarsipkan"):
        _edit(author, post, replace(WORDS, text="Lagi."), 1)
    assert queries.newest_revision(post).number == 1


def test_who_saves_on_an_old_revision_is_told_and_overwrites_nothing(make: Factory) -> None:
    kim = make.kim()
    first, second = make.user(kim=kim), make.user(kim=kim)
    post = _create(first)
    _edit(second, post, replace(WORDS, text="Punya anggota kedua."), 1)
    with pytest.raises(SavedMeanwhile):
        _edit(first, post, replace(WORDS, text="Punya anggota pertama."), 1)
    assert queries.newest_revision(post).text == "Punya anggota kedua."
    assert _edit(first, post, replace(WORDS, text="Punya anggota pertama."), 2).number == 3


def test_of_two_saves_at_the_same_moment_one_is_kept_and_the_other_is_told(app: Flask, make: Factory) -> None:
    kim = make.kim()
    people = [make.user(kim=kim) for _ in range(2)]
    post_id = _create(people[0]).id
    ids, barrier, outcomes = [person.id for person in people], Barrier(2), []

    def save(place: int) -> None:
        with app.app_context():
            barrier.wait(10)
            try:
                with transaction() as session:
                    actor, post = session.get_one(User, ids[place]), session.get_one(Post, post_id)
                    content = replace(WORDS, text=f"Naskah {place}")
                    services.edit_post(actor, post, content, 1, desk().files)
                outcomes.append((place, "kept"))
            except SavedMeanwhile:
                outcomes.append((place, "told"))

    _together(save, 2)
    assert sorted(outcome for _, outcome in outcomes) == ["kept", "told"]
    winner = next(place for place, outcome in outcomes if outcome == "kept")
    db.session.rollback()
    texts = db.session.scalars(select(Revision.text).where(Revision.post_id == post_id).order_by(Revision.number))
    assert list(texts) == [WORDS.text, f"Naskah {winner}"]


def test_a_form_sent_twice_at_the_same_moment_makes_one_post(app: Flask, make: Factory) -> None:
    author_id, barrier, made = make.user().id, Barrier(3), []

    def save(_place: int) -> None:
        with app.app_context():
            barrier.wait(10)
            with transaction() as session:
                made.append(services.create_post(session.get_one(User, author_id), WORDS, desk().files, "kunci").id)

    _together(save, 3)
    assert len(made) == 3
    assert len(set(made)) == 1
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(Revision)) == 1


def test_a_form_sent_again_with_other_words_loses_neither(make: Factory) -> None:
    author = make.user()
    first = _create(author, form_key="kunci")
    again = _create(author, replace(WORDS, text="Ditulis lagi setelah kembali."), "kunci")
    assert again.id == first.id
    assert [queries.revision(first, n).text for n in (1, 2)] == [WORDS.text, "Ditulis lagi setelah kembali."]


def test_two_people_may_use_the_same_form_key(make: Factory) -> None:
    assert _create(make.user(), form_key="kunci").id != _create(make.user(), form_key="kunci").id


def test_each_target_kind_gets_its_own_files_in_the_order_of_the_photos(make: Factory) -> None:
    kim = make.kim()
    author = make.user(kim=kim)
    wide, tall = photo(author, 2000, 1000), photo(author, 600, 1500, "#203040")
    accounts = [make.account(kim), make.account(kim, kind="snackvideo")]
    content = replace(
        WORDS,
        photos=(ContentPhoto(wide.id), ContentPhoto(tall.id)),
        account_ids=tuple(account.id for account in accounts),
    )
    revision = queries.newest_revision(_create(author, content))
    assert sorted((f.kind, f.position) for f in revision.files) == [
        (kind, place) for kind in ("instagram", "snackvideo") for place in (0, 1)
    ]
    same = {round(f.width / f.height, 1) for f in revision.files if f.kind == "instagram"}
    own = {round(f.width / f.height, 1) for f in revision.files if f.kind == "snackvideo"}
    assert same == {1.9}
    assert own == {2.0, 0.5}
    assert all(f.width <= KINDS[f.kind].formats[0].rules.photo.max_width for f in revision.files)
    assert all(desk().files.read_verified(f.sha256, ".jpg") for f in revision.files)


def test_a_moved_focus_point_is_a_new_revision_with_other_bytes(make: Factory) -> None:
    kim = make.kim()
    author = make.user(kim=kim)
    tall, account = photo(author, 600, 1500), make.account(kim)
    content = replace(WORDS, photos=(ContentPhoto(tall.id, "x", 0.5, 0.1),), account_ids=(account.id,))
    post = _create(author, content)
    _edit(author, post, replace(content, photos=(ContentPhoto(tall.id, "x", 0.5, 0.9),)), 1)
    one, two = queries.revision(post, 1), queries.revision(post, 2)
    assert one.files[0].sha256 != two.files[0].sha256
    assert one.digest != two.digest


def test_things_of_another_kim_are_refused(make: Factory) -> None:
    author, stranger = make.user(), make.user()
    stolen = [
        replace(WORDS, photos=(ContentPhoto(photo(stranger).id),)),
        replace(WORDS, account_ids=(make.account(make.kim()).id,)),
        replace(WORDS, business_ids=(make.business(make.kim()).id,)),
    ]
    for content in stolen:
        with pytest.raises(NotFound):
            _create(author, content)
    post = _create(author)
    with pytest.raises(NotFound):
        _edit(stranger, post, replace(WORDS, text="Dari luar."), 1)
    assert db.session.scalar(select(func.count()).select_from(Revision)) == 1


def test_an_account_of_the_city_is_open_to_each_kim(make: Factory) -> None:
    account = make.account(None)
    post = _create(make.user(), replace(WORDS, account_ids=(account.id,)))
    assert [target.id for target in queries.newest_revision(post).targets] == [account.id]


def test_a_way_that_is_not_there_is_refused_and_a_walked_one_is_in_the_log(make: Factory) -> None:
    author = make.user()
    post = _create(author)
    with pytest.raises(Conflict), transaction():
        services.take_back(author, post)
    with transaction():
        services.move(author, post, "submit")
    assert (post.state, post.submitted_at is not None) == (PostState.IN_REVIEW, True)
    with transaction():
        services.take_back(author, post)
    assert post.state == PostState.DRAFT
    actions = set(db.session.scalars(select(AuditEntry.action).where(AuditEntry.subject_id == post.id)))
    assert {"posts.create", "posts.submit", "posts.take_back"} <= actions


def test_the_mark_of_who_is_writing_stays_with_the_first_until_they_save(make: Factory) -> None:
    kim = make.kim()
    first, second = make.user(kim=kim), make.user(kim=kim)
    post = _create(first)
    with transaction():
        services.mark_editing(first, post)
        services.mark_editing(second, post)
    assert services.editor_of(post, first) is None
    shown = services.editor_of(post, second)
    assert shown is not None
    assert shown[0] == first.id
    _edit(first, post, replace(WORDS, text="Selesai."), 1)
    assert services.editor_of(post, second) is None


@pytest.mark.parametrize("count", [1, 12])
def test_lists_and_posts_cost_the_same_queries_however_many_there_are(make: Factory, count: int) -> None:
    kim = make.kim()
    author = make.user(kim=kim)
    account, business = make.account(kim), make.business(kim)
    posts = [make.post(author, accounts=(account,), businesses=(business,)) for _ in range(count)]
    for number in range(2, count + 1):
        make.revision(posts[0], author, number, f"Revisi {number}", (account,), (business,))
    with transaction():
        posts[0].newest_number = count
    kim_id, post_id = kim.id, posts[0].id
    db.session.remove()
    with _counted() as listed:
        page = queries.list_of(kim_id)
        photos = queries.first_photos(post.id for post in page.rows)
        assert [post.kim.kelurahan.name for post in page.rows] == ["Purwantoro"] * count
    with _counted() as read:
        post = queries.get_post(post_id)
        assert [r.photos[0].asset.width for r in post.revisions] == [1080] * count
        assert len(post.revisions[-1].targets) == len(post.revisions[-1].businesses) == 1
    assert len(photos) == count
    assert (len(listed), len(read)) == (3, 6)


class _counted:
    """The statements sent while it is open."""

    def __enter__(self) -> list[str]:
        self.seen: list[str] = []
        event.listen(db.engine, "before_cursor_execute", self._note)
        return self.seen

    def __exit__(self, *_: object) -> None:
        event.remove(db.engine, "before_cursor_execute", self._note)

    def _note(self, _c: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith("BEGIN"):
            self.seen.append(statement)


def _together(work: object, count: int) -> None:
    threads = [Thread(target=work, args=(place,)) for place in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()
