"""Builds the application: the one module that knows all features."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import redis
from flask import Flask, Response, current_app, flash, redirect, render_template, request, session
from flask_babel import Babel, force_locale, get_locale, gettext
from flask_compress import Compress
from flask_login import current_user
from flask_wtf import CSRFProtect
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from contentdesk import models, navigation
from contentdesk.access import guards
from contentdesk.access.permissions import Permission
from contentdesk.campaigns import views as campaigns
from contentdesk.channels import registry
from contentdesk.channels import views as channels
from contentdesk.comments import views as comments
from contentdesk.config import Config
from contentdesk.home import campaign_views
from contentdesk.home import views as home
from contentdesk.kim import views as kim
from contentdesk.lib import arrivals, ids, words
from contentdesk.lib.crypto import Box
from contentdesk.lib.db import db, prepare_engine
from contentdesk.lib.desk import KEY, Desk, desk
from contentdesk.lib.errors import DomainError
from contentdesk.lib.files import FileStore
from contentdesk.lib.http import Http
from contentdesk.lib.incoming import CleanRequest, refuse_odd_paths
from contentdesk.lib.jobs import Bell
from contentdesk.lib.sentences import of_error
from contentdesk.lib.sentences import sentence as in_sentence
from contentdesk.media import views as media
from contentdesk.metrics import ring_views
from contentdesk.metrics import views as metrics
from contentdesk.notices import setup as notices_setup
from contentdesk.notices import views as notices
from contentdesk.ops import views as ops
from contentdesk.posts import views as posts
from contentdesk.publishing import calendar_views, hold_views, offer_views, take_down_views, task_views
from contentdesk.publishing import campaign_views as campaign_choice
from contentdesk.publishing import setup as publishing_setup
from contentdesk.publishing import views as publishing
from contentdesk.publishing.models import Delivery
from contentdesk.publishing.wording import duration
from contentdesk.reports import views as reports
from contentdesk.reviews import views as reviews
from contentdesk.umkm import views as umkm
from contentdesk.users import setup as users_setup
from contentdesk.users import views as users

BLUEPRINTS = (
    ops.blueprint,
    media.blueprint,
    users.blueprint,
    posts.blueprint,
    reviews.blueprint,
    publishing.blueprint,
    home.blueprint,
    campaigns.blueprint,
    notices.blueprint,
    kim.blueprint,
    umkm.blueprint,
    metrics.blueprint,
    ring_views.blueprint,
    comments.blueprint,
    reports.blueprint,
    channels.blueprint,
)
PAGES = (calendar_views, hold_views, offer_views, take_down_views, task_views, campaign_choice, campaign_views)
"""Their views stand in the blueprint of publishing, or of campaigns, once they are imported."""
SETUPS: tuple[Callable[[Flask], None], ...] = (users_setup.setup, notices_setup.setup, publishing_setup.setup)
ROOT = Path(__file__).resolve().parent
MAX_REQUEST_BYTES = 510_000_000
"""A video of 500 MB or ten photos of 20 MB in one form without JavaScript, and some text."""
COMPRESSED = ["text/html", "text/css", "text/javascript", "application/json", "image/svg+xml", "text/csv"]
LOCALES = ("id", "en")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src 'self'; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "manifest-src 'self'"
)


def create_app(config: Config, connection: redis.Redis | None = None) -> Flask:
    """The WSGI app. Opens no connection: workers may fork after this."""
    assert models.FEATURES
    assert PAGES
    app = Flask(__name__, template_folder=str(ROOT.parent / "templates"), static_folder=str(ROOT / "static"))
    app.request_class = CleanRequest
    app.config.update(_settings(config))
    app.extensions[KEY] = Desk(
        config=config,
        bell=Bell(connection or redis.Redis.from_url(config.redis_url, socket_timeout=5, socket_connect_timeout=2)),
        box=Box(config.secret_keys),
        files=FileStore(config.files_dir),
        http=Http(config.platform_base_url),
    )
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)
    app.before_request(media.take_only_what_fits)
    app.before_request(guards.take_little_from_strangers)
    _prepare_pages(app, config)
    app.before_request(refuse_odd_paths)
    for setup in SETUPS:
        setup(app)
    app.before_request(guards.gate)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    app.add_url_rule("/", "root", root)
    if config.is_https:  # behind a proxy with TLS, which says who asked; wrapped as Flask's manual does it
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]
    return app


@guards.needs(Permission.OWN_ACCOUNT)
def root() -> Any:
    """The first page of one's own menu. Here, because the menu knows all features."""
    return redirect(navigation.landing(current_user))


def _settings(config: Config) -> dict[str, Any]:
    sqlite = config.database_url.startswith("sqlite")
    return {
        "SECRET_KEY": ids.digest("cookies" + config.secret_keys[0]),
        "SECRET_KEY_FALLBACKS": [ids.digest("cookies" + key) for key in config.secret_keys[1:]],
        "SQLALCHEMY_DATABASE_URI": config.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": {"hide_parameters": True}
        | ({"connect_args": {"check_same_thread": False}} if sqlite else {"pool_pre_ping": True}),
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": config.is_https,
        "SESSION_COOKIE_NAME": "contentdesk",
        "MAX_CONTENT_LENGTH": MAX_REQUEST_BYTES,
        "MAX_FORM_MEMORY_SIZE": 2_000_000,
        "MAX_FORM_PARTS": 400,
        "WTF_CSRF_TIME_LIMIT": None,
        "COMPRESS_ALGORITHM": ["br", "gzip"],
        "COMPRESS_MIMETYPES": COMPRESSED,
        "BABEL_DEFAULT_LOCALE": "id",
        "BABEL_DEFAULT_TIMEZONE": "Asia/Jakarta",
        "BABEL_TRANSLATION_DIRECTORIES": str(ROOT / "translations"),
    }


def _prepare_pages(app: Flask, config: Config) -> None:
    Babel(app, locale_selector=choose_locale)
    # Platforms ring with a signature of their own; no cookie has to do with it.
    CSRFProtect(app).exempt(ring_views.blueprint)
    Compress(app)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    for name, write in _FILTERS.items():
        app.jinja_env.filters[name] = partial(_in_locale, write)
    app.jinja_env.filters |= {"kalimat": in_sentence, "lama": duration}
    app.jinja_env.filters |= {"channel_name": registry.name, "channel_icon": registry.icon, "live_link": live_link}
    app.context_processor(partial(_page_values, config))
    app.after_request(_harden)
    app.after_request(arrivals.confirm)
    app.url_defaults(_with_version(app))
    app.register_error_handler(DomainError, show_domain_error)
    app.register_error_handler(CSRFError, show_old_form)
    app.register_error_handler(HTTPException, show_http_error)


def live_link(delivery: Delivery) -> str:
    """Where a post is to be seen: with a stand-in for the platforms, there. A link a member pasted stays as it is."""
    link = delivery.permalink or ""
    return link if delivery.external_id == link else desk().http.address(link)


def choose_locale() -> str:
    """The person's own choice, then the one made before signing in, then Indonesian."""
    chosen = getattr(current_user, "locale", None) or session.get("locale")
    return chosen if chosen in LOCALES else "id"


_FILTERS: dict[str, Callable[..., str]] = {
    "tanggal": words.day,
    "tanggal_pendek": words.short_day,
    "bulan": words.month,
    "bulan_pendek": words.short_month,
    "nama_hari": words.weekday,
    "hari_pendek": words.short_weekday,
    "waktu_isian": words.typed,
    "jam": words.hour,
    "waktu": words.moment,
    "waktu_tepat": words.exact,
    "waktu_dekat": words.short_moment,
    "angka": words.number,
    "rupiah": words.rupiah,
}


def _in_locale(write: Callable[..., str], value: Any) -> str:
    return write(value, str(get_locale() or "id"))


def _page_values(config: Config) -> dict[str, Any]:
    signed_in = current_user.is_authenticated if current_user else False
    return {
        "practice": config.practice,
        "locale": str(get_locale() or "id"),
        "theme": getattr(current_user, "theme", "light") if signed_in else "light",
        "nav": navigation.entries(current_user) if signed_in else [],
        "nav_primary": navigation.primary(current_user) if signed_in else None,
    }


def _with_version(app: Flask) -> Callable[[str, dict[str, Any]], None]:
    """Static files are kept by browsers for a year; their address changes with their bytes."""
    found: dict[str, str] = {}

    def add(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint != "static" or "v" in values:
            return
        name = values["filename"]
        if name not in found:
            path = Path(str(app.static_folder)) / name
            found[name] = ids.digest(path.read_bytes())[:10] if path.is_file() else "0"
        values["v"] = found[name]

    return add


def _harden(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", POLICY)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "geolocation=(), microphone=(), camera=()")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    if request.endpoint == "static":
        headers["Cache-Control"] = "public, max-age=31536000, immutable"
    else:
        headers.setdefault("Cache-Control", "no-store")
    return response


def show_domain_error(error: DomainError) -> Any:
    """What a person can mend is said on the page they came from, or on a page of its own."""
    sentence = of_error(error)
    came_from = guards.page_before()
    if request.method == "POST" and error.status in {400, 409} and came_from:
        flash(sentence, "error")
        return redirect(came_from, 303)
    return render_template("errors/error.html", status=error.status, sentence=sentence), error.status


def show_old_form(_error: CSRFError) -> Any:
    """Back to the form, which then has a new token; what was typed there the browser kept."""
    access = guards.access_of(current_app, request.endpoint or "static")
    if not current_user.is_authenticated and access != guards.PUBLIC:
        return guards.sign_in_first()
    sentence = gettext("Halaman itu terlalu lama terbuka, jadi isiannya belum terkirim. Periksa, lalu kirim lagi.")
    came_from = guards.page_before()
    if came_from and not guards.asks_for_a_part():
        flash(sentence, "error")
        return redirect(came_from, 303)
    return render_template("errors/error.html", status=400, sentence=None), 400


def show_http_error(error: HTTPException) -> Any:
    status = error.code or 500
    if 300 <= status < 400:
        return error
    if status >= 500:
        return _page_without_database(status), status
    return render_template("errors/error.html", status=status, sentence=None), status


def _page_without_database(status: int) -> str:
    """No menu and no person: whatever failed may fail again, and then nobody would be told anything."""
    with suppress(SQLAlchemyError):
        db.session.rollback()
    locale = session.get("locale", LOCALES[0])
    with force_locale(locale):
        page = current_app.jinja_env.get_template("errors/error.html")
        return page.render(status=status, locale=locale, practice=desk().config.practice)
