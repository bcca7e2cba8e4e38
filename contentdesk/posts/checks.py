"""Everything that is wrong with a post, or might be, before a person reviews it."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload, selectinload

from contentdesk.channels import limits, registry, rules
from contentdesk.channels.base import Channel, PhotoRule, Rules
from contentdesk.channels.base import Problem as ChannelProblem
from contentdesk.channels.models import Account, AccountState
from contentdesk.channels.queries import published_by_hand
from contentdesk.channels.rules import Clip
from contentdesk.kim.models import Kim
from contentdesk.lib import clock
from contentdesk.lib.db import db
from contentdesk.lib.i18n import N_
from contentdesk.media.models import Asset, AssetState
from contentdesk.media.queries import assets_of
from contentdesk.posts import checklist, claims, options, parts, planning
from contentdesk.posts.content import Content, content_of, tidy
from contentdesk.posts.models import Post, Revision
from contentdesk.posts.problems import Footage, Problem, Severity, Subject, Target, advice, block
from contentdesk.umkm.models import Business
from contentdesk.umkm.queries import consented_ids

_ALT_MISSING = N_("Foto %(photo)s belum punya keterangan untuk warga tunanetra.")
_VIDEO_ALT_MISSING = N_("Video belum punya keterangan untuk warga tunanetra.")


def of_revision(post: Post, revision: Revision) -> list[Problem]:
    """For a saved revision with `photos`, `businesses` and `targets` loaded."""
    return problems(subject_of(post.kim_id, content_of(post, revision)))


def of_content(kim_id: str, content: Content) -> list[Problem]:
    """For what stands in a form."""
    return problems(subject_of(kim_id, tidy(content)))


def blocking(found: Iterable[Problem]) -> list[Problem]:
    """What stops sending. Saving is never stopped."""
    return [problem for problem in found if problem.blocks]


def of_channels(post: Post, revision: Revision, account_ids: Iterable[str]) -> list[Problem]:
    """What the platforms of these accounts would refuse of it, by what is known of their limits now."""
    subject = subject_of(post.kim_id, replace(content_of(post, revision), account_ids=tuple(account_ids)))
    return [problem for kind in subject.kinds for problem in _broken_rules(subject, kind)]


def by_item(found: Iterable[Problem]) -> dict[str, list[Problem]]:
    """Checklist id -> its problems."""
    sorted_out: dict[str, list[Problem]] = {}
    for problem in found:
        sorted_out.setdefault(problem.item, []).append(problem)
    return sorted_out


def applying_items(subject: Subject) -> list[checklist.Item]:
    """The part of the checklist that this post has to do with."""
    return checklist.applying(claims.traits(subject))


def subject_of(kim_id: str, content: Content) -> Subject:
    """In five queries, whatever is chosen."""
    assets = assets_of(kim_id, [photo.asset_id for photo in content.photos])
    return _subject(
        content,
        _targets(kim_id, content.account_ids),
        footage(assets.get(photo.asset_id) for photo in content.photos),
        _businesses(kim_id, content.business_ids),
        consented_ids(content.business_ids),
        db.session.scalar(select(Kim.kelurahan_code).where(Kim.id == kim_id)) or "",
    )


def loaded_subject(post: Post, revision: Revision, consented: Iterable[str]) -> Subject:
    """The same without a query, for many at once. With `photos` and their assets, `targets`, the post's KIM, and
    `businesses` with kelurahan and products loaded; `consented`: ids of those that agree, and maybe of others."""
    usable = [one for one in revision.targets if one.kim_id in {None, post.kim_id}]
    return _subject(
        content_of(post, revision),
        tuple(target_of(account) for account in usable),
        footage(photo.asset for photo in revision.photos),
        tuple(one for one in revision.businesses if one.kim_id == post.kim_id),
        {one.id for one in revision.businesses} & set(consented),
        post.kim.kelurahan_code,
    )


def _subject(
    content: Content,
    targets: tuple[Target, ...],
    videos: tuple[Footage, ...],
    businesses: tuple[Business, ...],
    consented: Iterable[str],
    kelurahan_code: str,
) -> Subject:
    automatic = {
        kind: any(not target.by_hand for target in targets if target.kind == kind)
        for kind in {target.kind for target in targets}
    }
    return Subject(
        text=content.text,
        texts=content.texts,
        alt_texts=tuple(photo.alt_text for photo in content.photos),
        videos=videos,
        options=options.kept(content.options, automatic, len(content.photos) - len(videos), bool(videos)),
        businesses=businesses,
        consented=frozenset(consented),
        targets=targets,
        kelurahan_code=kelurahan_code,
        proposed_at=content.proposed_at,
        photo_source=content.photo_source,
        faces=content.faces,
        children=content.children,
    )


def _businesses(kim_id: str, chosen: Iterable[str]) -> tuple[Business, ...]:
    query = (
        select(Business)
        .where(Business.kim_id == kim_id, Business.id.in_(list(chosen)))
        .options(joinedload(Business.kelurahan), selectinload(Business.products))
        .order_by(Business.name)
    )
    return tuple(db.session.scalars(query))


def _targets(kim_id: str, chosen: Iterable[str]) -> tuple[Target, ...]:
    query = (
        select(Account)
        .where(Account.id.in_(list(chosen)), or_(Account.kim_id == kim_id, Account.kim_id.is_(None)))
        .order_by(Account.kind, Account.handle)
    )
    return tuple(target_of(account) for account in db.session.scalars(query))


def target_of(account: Account) -> Target:
    return Target(account.kind, account.handle, account.state, published_by_hand(account), account.limits)


def footage(assets: Iterable[Asset | None]) -> tuple[Footage, ...]:
    """The videos among them."""
    return tuple(_footage(asset) for asset in assets if asset is not None and asset.is_video)


def _footage(asset: Asset) -> Footage:
    if asset.state != AssetState.READY or not asset.seconds or not asset.height:
        return Footage(None, asset.problem or "")
    return Footage(Clip(asset.seconds, asset.width, asset.height))


def problems(subject: Subject) -> list[Problem]:
    """What stops sending first, then advice; both in the order of the form."""
    found = [
        *_about_businesses(subject),
        *_about_photos(subject),
        *_about_channels(subject),
        *claims.hints(subject),
        *_about_time(subject),
    ]
    return sorted(found, key=lambda problem: not problem.blocks)


def _about_businesses(subject: Subject) -> Iterator[Problem]:
    for business in subject.businesses:
        if business.id not in subject.consented:
            sentence = N_("Persetujuan %(business)s belum ada atau sudah dicabut. Catat dulu, atau pilih UMKM lain.")
            yield block("no_consent", "C02", sentence, "businesses", business=business.name)
        if business.kelurahan_code != subject.kelurahan_code:
            sentence = N_("%(business)s berada di kelurahan lain. Pastikan sudah sepakat dengan KIM setempat.")
            yield advice("other_kelurahan", "C01", sentence, place="businesses", business=business.name)


def _about_photos(subject: Subject) -> Iterator[Problem]:
    if not subject.alt_texts:
        return
    if not subject.photo_source:
        yield block(
            "photo_source_missing", "C10", N_("Sumber foto belum diisi. Wajib sebelum dikirim."), "photo_source"
        )
    if not subject.faces:
        sentence = N_("Ada wajah orang di foto? Jawab dulu sebelum dikirim.")
        yield block("faces_unanswered", "C03", sentence, "faces")
    if not subject.children:
        sentence = N_("Ada anak-anak di foto? Jawab dulu sebelum dikirim.")
        yield block("children_unanswered", "C04", sentence, "children")
    yield from _about_videos(subject)
    for place, alt_text in enumerate(subject.alt_texts, start=1):
        if not alt_text.strip():
            sentence = _VIDEO_ALT_MISSING if subject.videos else _ALT_MISSING
            yield advice("alt_missing", "C12", sentence, place="photos", photo=place)


def _about_videos(subject: Subject) -> Iterator[Problem]:
    if len(subject.videos) > 1 or (subject.videos and subject.photo_count):
        yield block("media_mixed", "C12", parts.MIXED, "photos")
    for each in subject.videos:
        if each.problem:
            yield block("video_failed", "C12", each.problem, "photos")
        elif each.clip is None:
            yield block("video_not_ready", "C12", parts.VIDEO_NOT_READY, "photos")


def _about_channels(subject: Subject) -> Iterator[Problem]:
    if not subject.targets:
        sentence = N_("Belum ada kanal yang dipilih. Pilih paling sedikit satu.")
        yield block("no_target", "C12", sentence, "accounts")
    if not subject.all_text.strip():
        yield block("text_missing", "C12", N_("Teks masih kosong. Tulis dulu."))
    for kind in subject.kinds:
        yield from _broken_rules(subject, kind)
    for target in subject.targets:
        if target.state != AccountState.CONNECTED:
            sentence = N_("Akun %(handle)s perlu disambungkan lagi. Unggahan akan menunggu, tidak hilang.")
            yield advice("account_not_ready", "C12", sentence, place="accounts", handle=target.handle)


def _broken_rules(subject: Subject, kind: str) -> Iterator[Problem]:
    channel, chosen = registry.get(kind), subject.options.get(kind, {})
    suited = rules.format_of(channel, chosen, subject.photo_count, has_video=bool(subject.videos))
    found = _of_format(own_rules(channel, suited.rules, subject), subject, kind)
    if any(target.kind == kind and not target.by_hand for target in subject.targets):
        found += rules.option_problems(channel, chosen, suited.key)
    for broken in found:
        # Where there is no text at all, that is said once for all channels.
        if broken.code != "text_missing" or subject.all_text.strip():
            yield _blocking(channel, broken)


def own_rules(channel: Channel, rules: Rules, subject: Subject) -> Rules:
    """As the chosen accounts have them, with what the choices leave for the text."""
    own = [target.limits for target in subject.targets if target.kind == channel.kind]
    return limits.with_choices(limits.of_accounts(channel, rules, own), subject.options.get(channel.kind, {}))


def _of_format(wanted: Rules, subject: Subject, kind: str) -> list[ChannelProblem]:
    """A video that is not ready yet has no length to judge; that it is not ready is said once for all channels."""
    text, alt_texts = subject.text_for(kind), subject.alt_texts
    if not subject.videos:
        return rules.check(wanted, text, subject.photo_count, alt_texts)
    clip = subject.videos[0].clip
    if clip is None and wanted.video is not None:
        wanted = replace(wanted, photo=PhotoRule(min_count=0))
        return rules.check(wanted, text, 0, alt_texts)
    return rules.check(wanted, text, 0, alt_texts, clip or Clip(0, 1, 1))


def _blocking(channel: Channel, broken: ChannelProblem) -> Problem:
    if broken.option:
        place = options.field_name(channel.kind, broken.option)
    elif any(word in broken.code for word in ("photo", "video", "alt")):
        place = "photos"
    else:
        place = f"text_{channel.kind}"
    return Problem(
        broken.code, Severity.BLOCK, "C12", broken.sentence, broken.values, place=place, channel=channel.name
    )


def _about_time(subject: Subject) -> Iterator[Problem]:
    if subject.proposed_at is None:
        sentence = N_("Waktu terbit belum diusulkan. Peninjau yang akan memilih.")
        yield advice("time_missing", "C12", sentence, place="proposed_at")
        return
    if subject.proposed_at <= clock.now():
        sentence = N_("Waktu yang diusulkan sudah lewat. Pilih waktu lain.")
        yield block("time_past", "C12", sentence, "proposed_at")
    if subject.proposed_at > clock.now() + planning.LATEST:
        sentence = N_("Waktu yang diusulkan lebih dari %(days)s hari lagi. Pilih waktu yang lebih dekat.")
        yield block("time_far", "C12", sentence, "proposed_at", days=planning.LATEST.days)
    for code, sentence in planning.warnings(subject.proposed_at, subject.about_food):
        yield advice(code, "C12", sentence, place="proposed_at")
