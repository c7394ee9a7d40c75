"""Django itself: apps, middleware, templates, accounts, the API's manners, security headers."""

from __future__ import annotations

from django.core.exceptions import ImproperlyConfigured

from solarium import environment as e
from solarium.settings.limits import DOCUMENT_MAX_BYTES

DEBUG = e.yes_or_no("DJANGO_DEBUG", default=False)
SECRET_KEY = e.secret("DJANGO_SECRET_KEY", "development-only-" + "0" * 40 if DEBUG else "")
if not SECRET_KEY:
    raise ImproperlyConfigured("DJANGO_SECRET_KEY is not set (it may be absent only in debug).")
ALLOWED_HOSTS = e.names("DJANGO_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]" if DEBUG else "")
CSRF_TRUSTED_ORIGINS = e.names("CSRF_TRUSTED_ORIGINS")
CORS_ALLOWED_ORIGINS = e.names("CORS_ALLOWED_ORIGINS")
CORS_ALLOW_HEADERS = [
    *("accept", "authorization", "content-type", "x-request-id"),
    *("idempotency-key", "x-install-proof"),
]
CORS_EXPOSE_HEADERS = ["X-Request-ID", "Retry-After", "Idempotent-Replayed"]
SOLARIUM_ENV = e.text("SOLARIUM_ENV", "dev")
PUBLIC_BASE_URL = e.url("PUBLIC_BASE_URL", "http://localhost:8000")
PASSWORD_RESET_URL = e.text(
    "PASSWORD_RESET_URL", PUBLIC_BASE_URL + "/auth/password/reset/{uid}/{token}"
)
METRICS_TOKEN = e.secret("METRICS_TOKEN")
APPLICATIONINSIGHTS_CONNECTION_STRING = e.secret("APPLICATIONINSIGHTS_CONNECTION_STRING")
TRUSTED_PROXY_COUNT = e.whole("TRUSTED_PROXY_COUNT", 0)

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",  # without a site of its own
    "unfold.contrib.filters",
    "solarium.apps.SolariumAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "axes",
    "corsheaders",
    "rest_framework",
    "knox",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "integrations",
    "api",
    "emails",
    "accounts",
    "otp",
    "documents",
    "solarium",
    *(["sandbox"] if DEBUG else []),
]
MIDDLEWARE = [
    "solarium.middleware.RequestMiddleware",
    "solarium.middleware.TurnMiddleware",
    "solarium.admin_networks.AdminNetworkMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "api.middleware.BodyLimitMiddleware",
    "solarium.page_middleware.PageSessionMiddleware",
    "solarium.middleware.HostMiddleware",
    "solarium.page_middleware.PageCsrfMiddleware",
    "solarium.page_middleware.PageAuthenticationMiddleware",
    "solarium.page_middleware.PageOTPMiddleware",
    "solarium.page_middleware.PageMessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",  # last: it answers where a login is locked
]
APPEND_SLASH = False
ROOT_URLCONF = "solarium.urls"
WSGI_APPLICATION = "solarium.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [e.BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
LANGUAGE_CODE = "en"
USE_I18N = False
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
SILENCED_SYSTEM_CHECKS = [
    "security.W003",  # PageCsrfMiddleware is Django's, for all paths but those of the API
    "security.W008",  # TLS ends at the proxy, which also redirects
    "security.W021",  # preloading HSTS is the domain owner's decision
]

# --- Accounts ----------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
KNOX_TOKEN_MODEL = "accounts.AuthToken"
MIGRATION_MODULES = {"knox": None}  # its own table would stand unused beside ours
PASSWORD_HASHERS = ["accounts.hashers.BoundedArgon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "accounts.validators.PasswordLengthValidator"},
    {"NAME": "accounts.validators.PasswordCharactersValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_RESET_TIMEOUT = 30 * 60  # seconds (S28)
APP_SESSION_SECONDS = 30 * 24 * 3600
STAFF_SESSION_SECONDS = 12 * 3600
SESSION_COOKIE_AGE = 30 * 60  # the admin's idle time, seconds (S25)
SESSION_SAVE_EVERY_REQUEST = True
REST_KNOX = {
    "SECURE_HASH_ALGORITHM": "hashlib.sha512",
    "AUTH_TOKEN_CHARACTER_LENGTH": 64,  # hex digits: 256 bits
}

# --- API ---------------------------------------------------------------------------------------
MAX_BODY_BYTES = 64 * 1024
MAX_WEBHOOK_BYTES = 1024 * 1024
# POST /documents: a PDF and its form.
MAX_UPLOAD_BYTES = DOCUMENT_MAX_BYTES["application/pdf"] + MAX_BODY_BYTES
# A file that is handed in stays in memory: nobody's papers are ever on a disk of ours.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
FILE_UPLOAD_MAX_MEMORY_SIZE = MAX_UPLOAD_BYTES
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
PAGE_SIZE = 50
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": ["api.parsers.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "api.negotiation.AlwaysJSON",
    "DEFAULT_SCHEMA_CLASS": "api.openapi.Schema",
    "EXCEPTION_HANDLER": "api.problems.handle_exception",
    "UNAUTHENTICATED_USER": None,
}

# --- Security (S63) ----------------------------------------------------------------------------
_https = e.is_https(PUBLIC_BASE_URL)  # anything but https is refused unless it is this machine
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SESSION_COOKIE_NAME = "__Host-sessionid" if _https else "sessionid"
CSRF_COOKIE_NAME = "__Host-csrftoken" if _https else "csrftoken"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_HSTS_SECONDS = 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_CONTENT_TYPE_NOSNIFF = True
# "no-referrer" would make browsers send "Origin: null" with the admin's own forms (CSRF: 403).
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if TRUSTED_PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
DEFAULT_EXCEPTION_REPORTER_FILTER = "solarium.logs.ExceptionReporterFilter"
