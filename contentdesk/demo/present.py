"""What is on the desk when the practice begins, made by the very acts that people do on the pages."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from contentdesk.demo import cast, story, themes
from contentdesk.demo.captions import PICTURES, Words, about_business
from contentdesk.demo.crew import AUTOMATIC, MANUAL, Crew, keep
from contentdesk.demo.examples import Example, all_examples
from contentdesk.demo.props import Props
from contentdesk.lib import clock
from contentdesk.lib.files import FileStore
from contentdesk.lib.i18n import N_
from contentdesk.notices.services import tell
from contentdesk.posts.checklist import items
from contentdesk.posts.content import Content, ContentPhoto
from contentdesk.posts.models import Post
from contentdesk.posts.queries import newest_revision
from contentdesk.posts.services import create_post
from contentdesk.publishing import timeline
from contentdesk.publishing.models import Delivery, Hold
from contentdesk.publishing.services import decide_and_plan
from contentdesk.publishing.states import DeliveryState, HoldReason, HoldScope
from contentdesk.reviews.checklist import Mark
from contentdesk.reviews.models import Verdict
from contentdesk.reviews.services import submit
from contentdesk.users.models import User

SECOND = cast.PEOPLE[1].login
BY_HAND_IN = timedelta(minutes=25)
PROMO = Words(
    "Promo Akhir Tahun Keripik Tempe",
    "Diskon 20% untuk paket oleh-oleh isi 5 dari Kriuk Sanan Renyah, jadi Rp60.000.\n\n"
    "📍 Kawasan Sanan, Kelurahan Purwantoro\n📲 Pesan: umkm01@contoh.test",
    "Dua kemasan keripik tempe dengan hiasan keripik di depannya.",
    "paket",
)
PROMO_NOTE = "Tulis sampai kapan diskon berlaku, misalnya: berlaku sampai 31 Desember."


@dataclass
class Desk:
    """What the acts below need."""

    crew: Crew
    props: Props
    files: FileStore
    grace: timedelta

    def example(self, number: int) -> Example:
        return all_examples()[number - 1]


def write(crew: Crew, props: Props, files: FileStore, grace: timedelta) -> None:
    desk = Desk(crew, props, files, grace)
    _drafts(desk)
    _waiting(desk)
    _answered(desk)
    _planned(desk)
    _by_hand(desk)
    themes.write(crew)
    _was_held(desk)


def _drafts(desk: Desk) -> None:
    home, second = desk.example(1), desk.crew.people[SECOND]
    unfinished = Words("Suara Irisan Tempe Sore Hari", "Ide: rekam suara irisan tempe, tanya harga paket.", "", "tempe")
    _write(desk, second, home, unfinished)
    for number in (9, 11):  # without the owner's consent for photos; with words that the checks notice
        _write(desk, _author(desk, number), desk.example(number), _brief(desk, number))


def _waiting(desk: Desk) -> None:
    """In the reviewers' queue; the first of them has nothing to object to."""
    second = desk.crew.people[SECOND]
    post = _write(desk, second, desk.example(1), _brief(desk, 1), at=_wib(2, time(19, 0)))
    _hand_in(second, post, minutes=35)
    for number, days, minutes in ((2, 1, 55), (3, 2, 130)):
        author, example = _author(desk, number), desk.example(number)
        post = _write(desk, author, example, _brief(desk, number), at=_wib(days, example.brief.time))
        _hand_in(author, post, minutes)


def _answered(desk: Desk) -> None:
    """Sent back, refused, approved without a time."""
    member, home = desk.crew.people[cast.MEMBER], desk.example(1)
    _decide(desk, member, _write(desk, member, home, PROMO, at=_wib(3, time(19, 0))), Verdict.ASK_CHANGES, PROMO_NOTE)
    for number, verdict in ((12, Verdict.ASK_CHANGES), (10, Verdict.REJECT)):
        author, example = _author(desk, number), desk.example(number)
        post = _write(desk, author, example, _brief(desk, number), at=_wib(4, example.brief.time))
        _decide(desk, author, post, verdict, example.brief.note)
    _decide(desk, member, _write(desk, member, home, about_business(home, 3)), Verdict.APPROVE)


def _planned(desk: Desk) -> None:
    member, home = desk.crew.people[cast.MEMBER], desk.example(1)
    post = _write(desk, member, home, about_business(home, 6), (AUTOMATIC, MANUAL), _wib(1, time(19, 0)))
    _decide(desk, member, post, Verdict.APPROVE)
    author, example = _author(desk, 4), desk.example(4)
    post = _write(desk, author, example, _brief(desk, 4), at=_wib(3, example.brief.time))
    _decide(desk, author, post, Verdict.APPROVE)


def _by_hand(desk: Desk) -> None:
    """A task that a member can take right now."""
    member, home = desk.crew.people[cast.MEMBER], desk.example(1)
    soon = (clock.now() + BY_HAND_IN).replace(second=0, microsecond=0)
    post = _write(desk, member, home, about_business(home, 5), (MANUAL,), soon)
    for delivery in _decide(desk, member, post, Verdict.APPROVE):
        delivery.state, delivery.next_at = DeliveryState.HANDED_OVER, clock.now()
        timeline.note(delivery.id, "handed_over")
        _tell_members(desk, post, delivery)


def _tell_members(desk: Desk, post: Post, delivery: Delivery) -> None:
    members = [person.id for person in desk.crew.people.values() if person.kim_id == post.kim_id]
    tell(members, N_("Ada tugas unggah: %(title)s."), f"/tugas/{delivery.id}", title=post.title)


def _author(desk: Desk, number: int) -> User:
    return desk.crew.authors[desk.example(number).kelurahan_code]


def _brief(desk: Desk, number: int) -> Words:
    example = desk.example(number)
    return Words(example.brief.title, example.brief.caption, example.brief.alt_text, PICTURES[example.id][0])


def _write(
    desk: Desk,
    author: User,
    example: Example,
    words: Words,
    kinds: tuple[str, ...] = (AUTOMATIC,),
    at: datetime | None = None,
) -> Post:
    asset = desk.props.asset(words.picture, author)
    code = desk.crew.businesses[example.id].kelurahan_code
    content = Content(
        title=words.title,
        text=words.text,
        photos=(ContentPhoto(asset.id, words.alt_text),),
        business_ids=(desk.crew.businesses[example.id].id,),
        account_ids=tuple(desk.crew.accounts[code, kind].id for kind in kinds),
        proposed_at=at,
        photo_source="buatan_kim",
        faces="tidak_ada",
        children="tidak_ada",
    )
    return create_post(author, content, desk.files)


def _hand_in(author: User, post: Post, minutes: int) -> None:
    submit(author, post)
    post.submitted_at = clock.now() - timedelta(minutes=minutes)


def _decide(desk: Desk, author: User, post: Post, verdict: Verdict, note: str = "") -> list[Delivery]:
    submit(author, post)
    marks: dict[str, str] = {item.id: Mark.OK for item in items()}
    revision = newest_revision(post)
    return decide_and_plan(desk.crew.reviewer, post, revision.id, verdict, marks, note, desk.grace)[1]


def _wib(days: int, at: time) -> datetime:
    return clock.from_wib(datetime.combine(clock.today() + timedelta(days=days), at))


def _was_held(desk: Desk) -> None:
    """Before the first post of the story, so that nothing went out in those days."""
    placed = clock.now() - timedelta(days=story.DAYS + 5)
    over = {"placed_at": placed, "released_at": placed + timedelta(days=3), "released_by": desk.crew.reviewer.id}
    why = {"reason": HoldReason.MOURNING, "by_city": True, "placed_by": desk.crew.reviewer.id}
    keep(Hold(scope=HoldScope.CITY, **why, **over))
