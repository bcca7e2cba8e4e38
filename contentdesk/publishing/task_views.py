"""Pages of publishing by hand: take the task, get text and photos on the phone, hand in the link."""

from io import BytesIO
from pathlib import Path

from flask import flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from contentdesk.access.guards import needs
from contentdesk.access.permissions import Permission, allow, scope
from contentdesk.lib import clock
from contentdesk.lib.db import transaction
from contentdesk.lib.desk import desk
from contentdesk.lib.errors import DomainError, NotFound
from contentdesk.lib.files import FileDamaged
from contentdesk.media.models import Media
from contentdesk.posts.models import RevisionFile
from contentdesk.posts.queries import format_name, text_for
from contentdesk.publishing import claims, handwork, hold_wording, queries, take_downs, wording
from contentdesk.publishing.forms import LinkForm
from contentdesk.publishing.outgoing import files_of
from contentdesk.publishing.states import DeliveryState
from contentdesk.publishing.views import blueprint


@blueprint.get("/tugas")
@needs(Permission.TASK_DO)
def tasks() -> ResponseReturnValue:
    found = queries.tasks(scope(current_user, Permission.TASK_DO))
    deadlines = {one.id: wording.deadline(one) for one in found}
    to_go = take_downs.pending(scope(current_user, Permission.TASK_DO))
    shown = {"deadlines": deadlines, "held": hold_wording.of(found), "now": clock.now()}
    return render_template("publishing/tasks.html", tasks=found, to_go=to_go, **shown)


@blueprint.get("/tugas/<delivery_id>")
@needs(Permission.TASK_DO)
def task(delivery_id: str) -> ResponseReturnValue:
    return _page(delivery_id, LinkForm())


def _page(delivery_id: str, form: LinkForm) -> str:
    found = queries.get_delivery(delivery_id)
    allow(current_user, Permission.TASK_DO, found.post)
    waiting = found.state == DeliveryState.HANDED_OVER
    valid = waiting and claims.is_valid(delivery_id)
    return render_template(
        "publishing/task.html",
        delivery=found,
        text=text_for(found.revision, found.account.kind),
        format=format_name(found.revision, found.account.kind),
        files=files_of(found.revision, found.account.kind),
        alt_texts={photo.position: photo.alt_text for photo in found.revision.photos},
        form=form,
        deadline=wording.deadline(found),
        problem=wording.problem_of(found),
        mine=handwork.is_mine(current_user, found),
        taken=handwork.is_taken(found),
        open=valid,
        held=hold_wording.of([found]).get(found.id),
        changed=waiting and not valid,
        late=found.state == DeliveryState.EXPIRED,
        pulled=handwork.was_mine(current_user, found),
    )


@blueprint.post("/tugas/<delivery_id>/ambil")
@needs(Permission.TASK_DO)
def take_task(delivery_id: str) -> ResponseReturnValue:
    with transaction():
        handwork.take(current_user, queries.get_delivery(delivery_id))
    return redirect(url_for("publishing.task", delivery_id=delivery_id), 303)


@blueprint.post("/tugas/<delivery_id>/lepas")
@needs(Permission.TASK_DO)
def hand_back(delivery_id: str) -> ResponseReturnValue:
    with transaction():
        handwork.hand_back(current_user, queries.get_delivery(delivery_id))
    flash(_("Tugas kembali ke daftar. Anggota lain dapat mengambilnya."), "success")
    return redirect(url_for("publishing.tasks"), 303)


@blueprint.post("/tugas/<delivery_id>/selesai")
@needs(Permission.TASK_DO)
def finish_task(delivery_id: str) -> ResponseReturnValue:
    form = LinkForm()
    if not form.validate_on_submit() or not _finished(form, delivery_id):
        return _page(delivery_id, form), 422
    flash(_("Tercatat sebagai terbit. Terima kasih sudah mengunggah."), "success")
    return redirect(url_for("home.post", id=queries.get_delivery(delivery_id).post_id), 303)


def _finished(form: LinkForm, delivery_id: str) -> bool:
    """False: the form says what is wrong with the link that was pasted."""
    try:
        with transaction():
            handwork.finish(current_user, queries.get_delivery(delivery_id), form.link.data)
    except DomainError as error:
        return form.refuse(error)
    return True


@blueprint.get("/tugas/<delivery_id>/foto/<int:position>.jpg")
@needs(Permission.TASK_DO)
def task_file(delivery_id: str, position: int) -> ResponseReturnValue:
    """The approved bytes, to share or keep on the phone."""
    found = queries.get_delivery(delivery_id)
    allow(current_user, Permission.TASK_DO, found.post)
    for file in files_of(found.revision, found.account.kind):
        if (file.position, file.media) == (position, Media.PHOTO):
            try:
                photo = BytesIO(desk().files.read_verified(file.sha256, ".jpg"))
            except FileDamaged as error:
                raise NotFound(error.message) from error
            name = f"unggahan-{position + 1}.jpg"
            return send_file(photo, mimetype="image/jpeg", as_attachment="unduh" in request.args, download_name=name)
    raise NotFound()


@blueprint.get("/tugas/<delivery_id>/video/<int:position>.mp4")
@needs(Permission.TASK_DO)
def task_video(delivery_id: str, position: int) -> ResponseReturnValue:
    """As `task_file`, in parts where the player asks for parts. A part is not verified: hashing all takes too long."""
    found = queries.get_delivery(delivery_id)
    allow(current_user, Permission.TASK_DO, found.post)
    for file in files_of(found.revision, found.account.kind):
        if (file.position, file.media) == (position, Media.VIDEO):
            path = _video_path(file, whole="Range" not in request.headers)
            return send_file(
                path,
                mimetype="video/mp4",
                conditional=True,
                as_attachment="unduh" in request.args,
                download_name="unggahan.mp4",
            )
    raise NotFound()


def _video_path(file: RevisionFile, whole: bool) -> Path:
    """Raises NotFound when it is gone or, where the whole of it is asked for, damaged."""
    path = desk().files.path_of(file.sha256, ".mp4")
    try:
        if whole:
            desk().files.verify(file.sha256, ".mp4")
    except FileDamaged as error:
        raise NotFound(error.message) from error
    if not path.is_file():
        raise NotFound()
    return path
