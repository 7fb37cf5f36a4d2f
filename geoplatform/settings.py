"""Settings, all from the environment; docs/reference/settings.md lists them."""

import os
import sys
from pathlib import Path
from typing import Any

from geoplatform import address, trail
from geoplatform.errors import BadSettings
from geoplatform.logs import FORMS

ROOT = Path(__file__).resolve().parent.parent


def _wheel_library(package: str, name: str) -> str | None:
    """Find a shared library that a wheel bundles: GDAL in pyogrio's, GEOS in shapely's.

    Debian's own GDAL 3.6 cannot keep malicious spatial references off files and network (gis.W001).
    """
    for folder in sys.path:
        for libraries in (f"{package}.libs", f"{package}/.dylibs"):
            for path in sorted(Path(folder, libraries).glob(f"{name}[-.]*")):
                return str(path)
    return None


def _database(parts: dict[str, object], patience_s: int = 10) -> dict[str, object]:
    """Return a database by the parts of its address, a libpq URI."""
    known = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    options: dict[str, object] = {key: value for key, value in parts.items() if key not in known}
    if os.environ.get("GEOPLATFORM_DATABASE_POOL") == "1":
        # Without a pool each request opens a backend, and PostGIS and PROJ start anew: 36 times slower.
        # Who reconnects waits twice as long each time, by default up to minutes, and requests wait with it.
        options["pool"] = {
            "min_size": 1, "max_size": 8, "timeout": patience_s, "reconnect_timeout": patience_s,
        }  # fmt: skip
    database: dict[str, object] = {name: parts[key] for key, name in known.items() if key in parts}
    # Of a pool: after PostgreSQL was started anew each connection in it would fail one request more.
    checked = {"CONN_HEALTH_CHECKS": "pool" in options}
    return database | checked | {"ENGINE": "django.contrib.gis.db.backends.postgis", "OPTIONS": options}


def _standbys() -> dict[str, dict[str, object]]:
    """Read ``GEOPLATFORM_STANDBYS``, libpq URIs with blanks between."""
    uris = os.environ.get("GEOPLATFORM_STANDBYS", "").split()
    # The primary answers in its place: what was asked of it waits no longer than must be.
    faithful = address.FAITHFUL | {"connect_timeout": 3, "tcp_user_timeout": 3000, "keepalives_idle": 2}
    return {
        f"standby-{number}": _database(faithful | address.parts("GEOPLATFORM_STANDBYS", uri), patience_s=2)
        | {"DISABLE_SERVER_SIDE_CURSORS": True, "TEST": {"MIRROR": "default"}}
        for number, uri in enumerate(uris, 1)
    }


def _secret(given: str, file: str) -> str:
    """Return a secret, or what the file holds that is named for where it is not given."""
    return given or (Path(file).read_text(encoding="utf-8").strip() if file else "")


DEBUG = os.environ.get("GEOPLATFORM_DEBUG") == "1"
SECRET_KEY = os.environ.get("GEOPLATFORM_SECRET_KEY", "")
if not SECRET_KEY and (DEBUG or "pytest" in sys.modules or os.environ.get("CI")):
    SECRET_KEY = "insecure: for development and tests only"  # noqa: S105
# This machine is always one: health probes ask for it by these names.
ALLOWED_HOSTS = [
    *filter(None, os.environ.get("GEOPLATFORM_ALLOWED_HOSTS", "").split(",")),
    "localhost",
    "127.0.0.1",
    "[::1]",
]

GDAL_LIBRARY_PATH = _wheel_library("pyogrio", "libgdal")
GEOS_LIBRARY_PATH = _wheel_library("shapely", "libgeos_c")

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "django.contrib.staticfiles",
    "django_htmx",  # for its static files alone: htmx
    "django.contrib.gis",
    "django.contrib.postgres",
    "rest_framework",
    "rest_framework_gis",
    "leaflet",  # for its static files alone: Leaflet itself
    "drf_spectacular_sidecar",  # the same: Swagger UI
    "procrastinate.contrib.django",
    "geoplatform",
    "access",
    "layers",
    "boundaries",
    "staff",
    "reports",
    "subscriptions",
    "casework",
    "ingest",
    "api",
    "console",
    "fixtures",
]
MIDDLEWARE = [
    "api.numbered.NumberMiddleware",
    "api.metrics.counting.CountMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "api.headers.HeaderMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "api.public.CorsMiddleware",
    "api.surrogates.SurrogateMiddleware",
    "api.limits.LimitMiddleware",
    "api.writing.WritingMiddleware",
    "api.errors.ErrorMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "staff.doors.StaffMiddleware",
    "api.standby.StandbyMiddleware",
]
ROOT_URLCONF = "geoplatform.urls"
WSGI_APPLICATION = "geoplatform.wsgi.application"
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]

AUTH_USER_MODEL = "staff.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in {
        "UserAttributeSimilarityValidator": {"user_attributes": ("username", "name", "email")},
        "MinimumLengthValidator": {"min_length": 12},
        "CommonPasswordValidator": {},
        "NumericPasswordValidator": {},
    }.items()
]

LOGIN_URL, LOGIN_REDIRECT_URL = "/staff/login", "/staff/"
# Who must show a second factor: all, none, or the names of roles.
SECOND_FACTOR = os.environ.get("GEOPLATFORM_SECOND_FACTOR", "all")
# The city's own login (OpenID Connect), on where the platform's name there is set; see staff/oidc.py.
OIDC_RP_CLIENT_ID = os.environ.get("GEOPLATFORM_OIDC_CLIENT_ID", "")
OIDC_RP_CLIENT_SECRET = _secret(
    os.environ.get("GEOPLATFORM_OIDC_CLIENT_SECRET", ""),
    os.environ.get("GEOPLATFORM_OIDC_CLIENT_SECRET_FILE", ""),
)
OIDC_ISSUER = os.environ.get("GEOPLATFORM_OIDC_ISSUER", "")
OIDC_OP_AUTHORIZATION_ENDPOINT = os.environ.get("GEOPLATFORM_OIDC_AUTHORIZE_URL", "")
OIDC_OP_TOKEN_ENDPOINT = os.environ.get("GEOPLATFORM_OIDC_TOKEN_URL", "")
OIDC_OP_JWKS_ENDPOINT = os.environ.get("GEOPLATFORM_OIDC_JWKS_URL", "")
OIDC_OP_USER_ENDPOINT = ""  # what the signed token says is enough
OIDC_RP_SIGN_ALGO, OIDC_RP_SCOPES = "RS256", "openid email"
OIDC_USE_PKCE, OIDC_CREATE_USER, OIDC_TIMEOUT = True, False, 10
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    *(["staff.oidc.CityBackend"] if OIDC_RP_CLIENT_ID else []),
]
OTP_TOTP_ISSUER = "Geoplatform"
SESSION_COOKIE_AGE = int(os.environ.get("GEOPLATFORM_SESSION_HOURS", "12")) * 3600
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "staff_session", "staff_csrf"
# Without TLS a browser would not send them back: for one's own machine only.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = os.environ.get("GEOPLATFORM_INSECURE_COOKIES") != "1"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "api.errors.no_token"
ERROR_PAGE = "console.trouble.page"  # what a person sees of an error; api/ knows no pages

DATABASES = {"default": _database(address.FAITHFUL | address.read()), **_standbys()}
# A standby that lags further is asked for nothing until it is back.
STANDBY_LAG_S = float(os.environ.get("GEOPLATFORM_STANDBY_LAG_S", "10"))
# Where the processes of a machine remember how far a standby must be for who has just written.
PINS_FILE = Path(os.environ.get("GEOPLATFORM_PINS_FILE") or ROOT / "var" / "pins")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "id"
USE_TZ = True
TIME_ZONE = "UTC"
CITY_TIME_ZONE = "Asia/Jakarta"
CITY_BOUNDS = [106.3, -6.4, 107.0, -5.1]  # west, south, east, north in degrees, the islands included
CITY_LAND = [106.68, -6.38, 106.98, -6.08]  # the same without the islands: where a map begins
CITY_CENTRE = [106.827, -6.2, 11]  # lon, lat, zoom

STATIC_URL = "/static/"
STATIC_ROOT = ROOT / "var" / "static"
# The photos that came with reports; see reports/photos.py.
MEDIA_ROOT = Path(os.environ.get("GEOPLATFORM_MEDIA") or ROOT / "var" / "photos")
# The join's covers of editions; see boundaries/bulk.py. They are made anew where they are missing.
COVERS = Path(os.environ.get("GEOPLATFORM_COVERS") or ROOT / "var" / "covers")
# Compiled loops: beside the modules, where numba keeps them by itself, a service may not write.
os.environ.setdefault("NUMBA_CACHE_DIR", str(ROOT / "var" / "numba"))
# Collected and compressed by manage.py prepare; for development and tests found where they lie.
STORAGES = {"staticfiles": {"BACKEND": "geoplatform.static_files.StaticFilesStorage"}}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = DEBUG or "pytest" in sys.modules
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
# Browsers that came by TLS once come by nothing else for so long; never said without TLS.
SECURE_HSTS_SECONDS = int(os.environ.get("GEOPLATFORM_HSTS_SECONDS", "31536000"))
SILENCED_SYSTEM_CHECKS = [
    # CSRF: staff.doors asks for the token at every door of staff, and no other door knows a session.
    "security.W003",
    "security.W005",  # HSTS of subdomains, and
    "security.W021",  # preloading: whose host it is decides of its domain, at the proxy
    "security.W008",  # to TLS leads the proxy: health probes ask without, on this machine
]

REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "UNAUTHENTICATED_USER": None,
}

# What the platform shows and reads: dotted paths of Layer objects, names of modules in ingest/adapters/.
LAYERS = [
    "boundaries.layers.KOTA",
    "boundaries.layers.KECAMATAN",
    "boundaries.layers.KELURAHAN",
    "layers.traffic.IRREGULARITIES",
    "layers.traffic.JAMS",
    "layers.traffic.ALERTS",
    "layers.pois.PETROL_STATIONS",
    "layers.pois.HOSPITALS",
    "layers.pois.RESTAURANTS",
    "reports.layers.REPORTS",
]
ADAPTERS = [
    "qlue",
    "petabencana",
    "waze",
    "overpass",
    "geojson",
    "csv",
    "open311",
    "placemarks",
    "email",
    "x",
    "facebook",
    "balai_warga",
    "lapor",
    "georeport",
    "web",
]
# Where the simulated city's feeds are served; set, every feed is read there, and its rows are marked.
SIMULATED_CITY_URL = os.environ.get("GEOPLATFORM_SIMULATED_CITY_URL", "")
# A TOML with a table per feed, whose keys replace those of ingest/adapters/<feed>.toml.
FEEDS_FILE = os.environ.get("GEOPLATFORM_FEEDS", "")
# Payloads are kept as sent for so many days, for replay; they may hold personal data.
PAYLOAD_DAYS = int(os.environ.get("GEOPLATFORM_PAYLOAD_DAYS", "90"))
PHOTO_DAYS = int(os.environ.get("GEOPLATFORM_PHOTO_DAYS", "365"))
# So many days after a case was closed nothing is kept that tells who its citizen was.
ANONYMISE_DAYS = int(os.environ.get("GEOPLATFORM_ANONYMISE_DAYS", "365"))
# As much, so many days after anything last happened to a case that nobody closed.
ANONYMISE_OPEN_DAYS = int(os.environ.get("GEOPLATFORM_ANONYMISE_OPEN_DAYS", "730"))
# Fernet keys that contacts of citizens are sealed with, the newest first; empty: no contact is kept.
CONTACT_KEYS = _secret(
    os.environ.get("GEOPLATFORM_CONTACT_KEYS", ""), os.environ.get("GEOPLATFORM_CONTACT_KEYS_FILE", "")
)
# Reports whose words say where they are as surely as this (0 to 1) are placed without a person; 0: none is.
PLACE_FROM_SCORE = float(os.environ.get("GEOPLATFORM_PLACE_FROM_SCORE", "0"))
# Decimals of a degree that the public sees of reports of sensitive categories; 3: some 110 m.
SENSITIVE_DIGITS = int(os.environ.get("GEOPLATFORM_SENSITIVE_DIGITS", "3"))
# Whom to tell of a hole in the platform: mailto: or https: (RFC 9116).
SECURITY_CONTACT = os.environ.get("GEOPLATFORM_SECURITY_CONTACT", "")
# Where manage.py events can be reached from outside, for the map, too; empty: nobody listens.
EVENTS_URL = os.environ.get("GEOPLATFORM_EVENTS_URL", "")
EVENTS_MOST = int(os.environ.get("GEOPLATFORM_EVENTS_MOST", "1000"))
EVENTS_MOST_EACH = int(os.environ.get("GEOPLATFORM_EVENTS_MOST_EACH", "20"))
# Hosts that subscriptions may name though they are private, or without TLS.
WEBHOOK_HOSTS = tuple(
    filter(None, os.environ.get("GEOPLATFORM_WEBHOOK_HOSTS", "").replace(" ", "").split(","))
)
# Where this platform is reached from outside, for links in notices to officials; empty: they bear none.
PUBLIC_URL = os.environ.get("GEOPLATFORM_PUBLIC_URL", "").rstrip("/")
# The mail server that takes notices to officials; without one they wait.
EMAIL_BACKEND = "casework.mail.Backend"
EMAIL_HOST = os.environ.get("GEOPLATFORM_EMAIL_HOST", "")
EMAIL_PORT = int(os.environ.get("GEOPLATFORM_EMAIL_PORT", "587"))
EMAIL_HOST_USER = os.environ.get("GEOPLATFORM_EMAIL_USER", "")
EMAIL_HOST_PASSWORD = _secret(
    os.environ.get("GEOPLATFORM_EMAIL_PASSWORD", ""), os.environ.get("GEOPLATFORM_EMAIL_PASSWORD_FILE", "")
)
EMAIL_SECURITY = os.environ.get("GEOPLATFORM_EMAIL_SECURITY", "starttls")
if EMAIL_SECURITY not in ("starttls", "tls", "none"):
    raise BadSettings(f"GEOPLATFORM_EMAIL_SECURITY {EMAIL_SECURITY!r} is none of starttls, tls, none")
EMAIL_USE_TLS, EMAIL_USE_SSL = EMAIL_SECURITY == "starttls", EMAIL_SECURITY == "tls"
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = os.environ.get("GEOPLATFORM_EMAIL_FROM", "geoplatform@localhost")
# Where the unit itself is told, such as of a rule that cannot work; empty: nowhere but in the console.
UNIT_EMAIL = os.environ.get("GEOPLATFORM_UNIT_EMAIL", "").strip()
# How notices are sent: by the name of each channel a function of a notice (casework/escalation/notices.py).
NOTICE_CHANNELS = (
    {
        "email": "casework.mail.send",
        "watch": "casework.citizens.bulletins.send",
        "reply": "casework.citizens.replies.send",
    }
    if EMAIL_HOST
    else {}
)
# Where a citizen's answer to a mail of ours is read, such as the mailbox of the feed "email"; empty: nowhere.
EMAIL_REPLY_TO = os.environ.get("GEOPLATFORM_EMAIL_REPLY_TO", "")
# So many days the link below an answer speaks for its report.
LINK_DAYS = int(os.environ.get("GEOPLATFORM_LINK_DAYS", "180"))
# Where the processes of this machine share the bases of their indexes of points; see layers/columns.py.
INDEX_FOLDER = Path(os.environ.get("GEOPLATFORM_INDEX") or ROOT / "var" / "index")
# Of compressed tiles that each web process keeps.
TILE_CACHE_BYTES = int(os.environ.get("GEOPLATFORM_TILE_CACHE_MB", "64")) * 1_000_000
# Of features ready to be sent that each web process keeps; see api/features/kept.py.
FEATURE_CACHE_BYTES = int(os.environ.get("GEOPLATFORM_FEATURE_CACHE_MB", "256")) * 1_000_000
# A question to the open API that takes longer is ended, and says so.
QUERY_TIMEOUT_MS = int(os.environ.get("GEOPLATFORM_QUERY_TIMEOUT_MS", "5000"))
TILE_TIMEOUT_MS = int(os.environ.get("GEOPLATFORM_TILE_TIMEOUT_MS", "5000"))
# Open311 GeoReport v2: the one jurisdiction, whom to ask for a key, and how many requests a key may post.
OPEN311_JURISDICTION = os.environ.get("GEOPLATFORM_OPEN311_JURISDICTION", "jakarta.go.id")
OPEN311_CONTACT = os.environ.get("GEOPLATFORM_OPEN311_CONTACT", "")
OPEN311_AN_HOUR = int(os.environ.get("GEOPLATFORM_OPEN311_AN_HOUR", "600"))
# How many reports a client may send by the form in an hour: many share an address of a mobile network.
REPORTS_AN_HOUR = int(os.environ.get("GEOPLATFORM_REPORTS_AN_HOUR", "60"))
# Requests a minute, by class, of an address and of a key with the scope "limits"; "off": none are counted.
LIMITS = os.environ.get("GEOPLATFORM_LIMITS", "tiles=6000,items=1200,heavy=60,writing=60,other=1200,keys=30")
KEY_LIMITS = os.environ.get(
    "GEOPLATFORM_KEY_LIMITS", "tiles=60000,items=12000,heavy=600,writing=600,other=12000"
)
LIMITS_FILE = Path(os.environ.get("GEOPLATFORM_LIMITS_FILE") or ROOT / "var" / "limits")
# Proxies whose X-Forwarded-For and -Proto are believed: addresses and networks.
TRUSTED_PROXIES = tuple(
    filter(None, os.environ.get("GEOPLATFORM_TRUSTED_PROXIES", "127.0.0.1,::1").replace(" ", "").split(","))
)
# Who may read /metrics besides this machine: addresses and networks.
METRICS_READERS = tuple(
    filter(None, os.environ.get("GEOPLATFORM_METRICS_READERS", "").replace(" ", "").split(","))
)
# Under what the city gives its own data, such as reports: a name or SPDX id, perhaps with a link.
DATA_LICENCE = os.environ.get("GEOPLATFORM_DATA_LICENCE", "")
# Where exports are made and each night's are kept for so many days; an export that takes longer is ended.
EXPORTS = Path(os.environ.get("GEOPLATFORM_EXPORTS") or ROOT / "var" / "exports")
EXPORT_DAYS = int(os.environ.get("GEOPLATFORM_EXPORT_DAYS", "7"))
EXPORT_TIMEOUT_MS = int(os.environ.get("GEOPLATFORM_EXPORT_TIMEOUT_MS", "900000"))
# Traffic stays in the tables for so many months (0: for ever); what is older goes to the archive, a folder.
TRAFFIC_MONTHS = int(os.environ.get("GEOPLATFORM_TRAFFIC_MONTHS", "0"))
ARCHIVE = Path(os.environ["GEOPLATFORM_ARCHIVE"]) if os.environ.get("GEOPLATFORM_ARCHIVE") else None
# Of how many due turns an office's share says something on the board; of fewer it is said to be few.
BOARD_MINIMUM = int(os.environ.get("GEOPLATFORM_BOARD_MINIMUM", "10"))
# Which briefs are made each morning, and each Monday's; where they are kept, and for how many days.
BRIEF = tuple(filter(None, os.environ.get("GEOPLATFORM_BRIEF", "weekly").replace(" ", "").split(",")))
BRIEFS = Path(os.environ.get("GEOPLATFORM_BRIEFS") or ROOT / "var" / "briefs")
BRIEF_DAYS = int(os.environ.get("GEOPLATFORM_BRIEF_DAYS", "400"))
# A base map from elsewhere, such as OpenStreetMap's; without one the platform's own layers are the map.
BASE_MAP_URL = os.environ.get("GEOPLATFORM_BASE_MAP_URL", "")
BASE_MAP_ATTRIBUTION = os.environ.get(
    "GEOPLATFORM_BASE_MAP_ATTRIBUTION",
    '&copy; <a href="https://www.openstreetmap.org/copyright">OpenStreetMap</a> contributors',
)

# Where faults (Sentry) and traces (OpenTelemetry) are sent; empty: nowhere, and neither is imported.
SENTRY_DSN = _secret(
    os.environ.get("GEOPLATFORM_SENTRY_DSN", ""), os.environ.get("GEOPLATFORM_SENTRY_DSN_FILE", "")
)
SENTRY_ENVIRONMENT = os.environ.get("GEOPLATFORM_SENTRY_ENVIRONMENT", "production")
OTLP_URL = os.environ.get("GEOPLATFORM_OTLP_URL", "")
TRACE_SHARE = float(os.environ.get("GEOPLATFORM_TRACE_SHARE", "1"))
if not 0 <= TRACE_SHARE <= 1:
    raise BadSettings(f"GEOPLATFORM_TRACE_SHARE {TRACE_SHARE} is not from 0 to 1")
if OTLP_URL:
    MIDDLEWARE.insert(1, "geoplatform.tracing.TraceMiddleware")


async def _traced(call_next: Any, context: Any, worker: Any) -> Any:
    from geoplatform import tracing  # which needs settings

    return await tracing.work(call_next, context, worker)


# A worker's log lines bear the number of the request that deferred the job.
PROCRASTINATE_WORKER_DEFAULTS = {"worker_middleware": [trail.work, *([_traced] if OTLP_URL else [])]}
# For programs, but where a person looks on: json or plain.
LOG_FORM = os.environ.get("GEOPLATFORM_LOG_FORM") or ("plain" if DEBUG or sys.stderr.isatty() else "json")
if LOG_FORM not in FORMS:
    raise BadSettings(f"GEOPLATFORM_LOG_FORM {LOG_FORM!r} is none of {', '.join(FORMS)}")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {"()": "geoplatform.logs.JsonFormatter"},
        "plain": {"()": "geoplatform.logs.PlainFormatter"},
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": LOG_FORM}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("GEOPLATFORM_LOG_LEVEL", "INFO")},
    "loggers": {
        "distributed": {"level": "WARNING"},
        "procrastinate": {"level": "WARNING"},
        "pyogrio": {"level": "WARNING"},
    },
}
