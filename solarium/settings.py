"""All settings of the project, each from the environment; docs/settings.md explains them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import django_stubs_ext
from django.core.exceptions import ImproperlyConfigured

from solarium import environment as e
from solarium import logs

django_stubs_ext.monkeypatch()  # ModelAdmin[GatewayCall] and the like

BASE_DIR = e.BASE_DIR

# --- Django -----------------------------------------------------------------------------------
DEBUG = e.yes_or_no("DJANGO_DEBUG", default=False)
SECRET_KEY = e.secret("DJANGO_SECRET_KEY", "development-only-" + "0" * 40 if DEBUG else "")
if not SECRET_KEY:
    raise ImproperlyConfigured("DJANGO_SECRET_KEY is not set (it may be absent only in debug).")
ALLOWED_HOSTS = e.names("DJANGO_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]" if DEBUG else "")
CSRF_TRUSTED_ORIGINS = e.names("CSRF_TRUSTED_ORIGINS")
CORS_ALLOWED_ORIGINS = e.names("CORS_ALLOWED_ORIGINS")
CORS_ALLOW_HEADERS = ["accept", "authorization", "content-type", "x-request-id"]
CORS_EXPOSE_HEADERS = ["X-Request-ID", "Retry-After"]
SOLARIUM_ENV = e.text("SOLARIUM_ENV", "dev")
PUBLIC_BASE_URL = e.url("PUBLIC_BASE_URL", "http://localhost:8000")
PASSWORD_RESET_URL = e.text(
    "PASSWORD_RESET_URL", PUBLIC_BASE_URL + "/auth/password/reset/{uid}/{token}"
)
TRUSTED_PROXY_COUNT = e.whole("TRUSTED_PROXY_COUNT", 0)

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
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
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "api.middleware.BodyLimitMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
APPEND_SLASH = False
ROOT_URLCONF = "solarium.urls"
WSGI_APPLICATION = "solarium.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
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
    "security.W008",  # TLS ends at the proxy, which also redirects
    "security.W021",  # preloading HSTS is the domain owner's decision
]

# --- Data -------------------------------------------------------------------------------------
DATABASE_POOL_MAX = e.whole("DATABASE_POOL_MAX", 16)  # connections per worker process
DATABASES: dict[str, dict[str, Any]] = {
    "default": e.env.db(
        "DATABASE_URL", default=f"sqlite:///{BASE_DIR / 'var' / 'solarium.sqlite3'}"
    )
}
if "ENGINE" not in DATABASES["default"]:
    raise ImproperlyConfigured("DATABASE_URL must begin with postgres:// or sqlite:///.")
if DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
    DATABASES["default"]["OPTIONS"] = {
        **DATABASES["default"].get("OPTIONS", {}),  # sslmode and the like, from the URL
        "pool": {"min_size": 1, "max_size": DATABASE_POOL_MAX, "timeout": 5},
    }
else:
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        # Two writers wait for each other at the start of a transaction, not in its middle.
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHE_URL = e.secret("CACHE_URL")
CACHES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": CACHE_URL}
    if CACHE_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}

# --- Accounts ---------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
KNOX_TOKEN_MODEL = "accounts.AuthToken"
MIGRATION_MODULES = {"knox": None}  # its own table would stand unused beside ours
PASSWORD_HASHERS = ["accounts.hashers.BoundedArgon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "accounts.validators.PasswordLengthValidator"},
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
    "TOKEN_TTL": timedelta(seconds=APP_SESSION_SECONDS),
    "AUTO_REFRESH": False,
}

# --- API --------------------------------------------------------------------------------------
MAX_BODY_BYTES = 64 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
PAGE_SIZE = 50
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": ["api.parsers.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "api.negotiation.AlwaysJSON",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "api.problems.handle_exception",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Solarium integrations",
    "DESCRIPTION": "OTP by SMS, email, and documents by short-lived SAS links.",
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

# --- Security (S63) ---------------------------------------------------------------------------
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

# --- Providers --------------------------------------------------------------------------------
# In debug, what is not set points at the sandbox: a fresh clone runs without secrets.
_sandbox = "http://127.0.0.1:8025" if DEBUG else ""
PROVIDER_CONNECT_TIMEOUT_SECONDS = e.seconds("PROVIDER_CONNECT_TIMEOUT_SECONDS", 3)
PROVIDER_TIMEOUT_SECONDS = e.seconds("PROVIDER_TIMEOUT_SECONDS", 5)  # whole attempt
PROVIDER_RETRIES = e.whole("PROVIDER_RETRIES", 2)
PROVIDER_RETRY_WAIT_SECONDS = e.seconds("PROVIDER_RETRY_WAIT_SECONDS", 2)
MSG91_AUTH_KEY = e.secret("MSG91_AUTH_KEY", "sandbox-msg91-key" if DEBUG else "")
MSG91_OTP_TEMPLATE_ID = e.text("MSG91_OTP_TEMPLATE_ID", "65f0aa11d6fc05bbbb000002" if DEBUG else "")
MSG91_BASE_URL = e.url("MSG91_BASE_URL", _sandbox or "https://control.msg91.com")
MSG91_API = e.text("MSG91_API", "otp")
MSG91_FLOW_VARIABLE = e.text("MSG91_FLOW_VARIABLE", "OTP")
SENDGRID_API_KEY = e.secret("SENDGRID_API_KEY", "SG.sandbox.key" if DEBUG else "")
SENDGRID_FROM_EMAIL = e.text("SENDGRID_FROM_EMAIL", "no-reply@solarium.example" if DEBUG else "")
SENDGRID_FROM_NAME = e.text("SENDGRID_FROM_NAME", "Solarium")
SENDGRID_BASE_URL = e.url("SENDGRID_BASE_URL", _sandbox or "https://api.sendgrid.com")
# Azurite's public development account.
_azurite = (
    "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey="
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;"
    "BlobEndpoint=http://127.0.0.1:10000/devstoreaccount1;"
)
AZURE_STORAGE_ACCOUNT_URL = e.url("AZURE_STORAGE_ACCOUNT_URL")
AZURE_STORAGE_CONNECTION_STRING = e.secret(
    "AZURE_STORAGE_CONNECTION_STRING", _azurite if DEBUG and not AZURE_STORAGE_ACCOUNT_URL else ""
)
AZURE_STORAGE_CONTAINER = e.text("AZURE_STORAGE_CONTAINER", "docs")
AZURE_SAS_PROTOCOL = e.text("AZURE_SAS_PROTOCOL", "https")
INTEGRATIONS = {
    "sms": {
        "BACKEND": "integrations.clients.msg91.MSG91Client",
        "OPTIONS": {
            "keys": (MSG91_AUTH_KEY,),
            "otp_template_id": MSG91_OTP_TEMPLATE_ID,
            "base_url": MSG91_BASE_URL,
            "api": MSG91_API,
            "flow_variable": MSG91_FLOW_VARIABLE,
        },
    },
    "email": {
        "BACKEND": "integrations.clients.sendgrid.SendGridClient",
        "OPTIONS": {
            "keys": (SENDGRID_API_KEY,),
            "from_email": SENDGRID_FROM_EMAIL,
            "from_name": SENDGRID_FROM_NAME,
            "base_url": SENDGRID_BASE_URL,
        },
    },
    "blob": {
        "BACKEND": "integrations.clients.azure_blob.AzureBlobClient",
        "OPTIONS": {
            "connection_string": AZURE_STORAGE_CONNECTION_STRING,
            "account_url": AZURE_STORAGE_ACCOUNT_URL,
            "container": AZURE_STORAGE_CONTAINER,
            "sas_protocol": AZURE_SAS_PROTOCOL,
        },
    },
}
FINGERPRINT_KEY = e.secret("FINGERPRINT_KEY", e.derived(SECRET_KEY, "fingerprint") if DEBUG else "")
OTP_PEPPERS = e.secrets("OTP_PEPPERS", e.derived(SECRET_KEY, "pepper") if DEBUG else "")

# --- Limits (0 = none) ------------------------------------------------------------------------
PHONE_COUNTRIES = e.names("PHONE_COUNTRIES", "IN")
OTP_VALID_SECONDS = 120  # the SMS template says "2 minutes"
OTP_TRIES = 5  # per challenge
OTP_COOLDOWN_SECONDS = e.wholes("OTP_COOLDOWN_SECONDS", "30,60,120")
OTP_SENDS_PER_PHONE_10MIN = e.whole("OTP_SENDS_PER_PHONE_10MIN", 3)
OTP_SENDS_PER_PHONE_HOUR = e.whole("OTP_SENDS_PER_PHONE_HOUR", 5)
OTP_SENDS_PER_PHONE_DAY = e.whole("OTP_SENDS_PER_PHONE_DAY", 10)
OTP_SENDS_PER_IP_10MIN = e.whole("OTP_SENDS_PER_IP_10MIN", 100)
OTP_VERIFIES_PER_IP_10MIN = e.whole("OTP_VERIFIES_PER_IP_10MIN", 300)
OTP_WRONG_CODES_PER_PHONE_HOUR = e.whole("OTP_WRONG_CODES_PER_PHONE_HOUR", 10)
OTP_WRONG_CODES_PER_PHONE_DAY = e.whole("OTP_WRONG_CODES_PER_PHONE_DAY", 20)
LOGIN_FAILURES_15MIN = e.whole("LOGIN_FAILURES_15MIN", 5)
RESETS_PER_ADDRESS_HOUR = e.whole("RESETS_PER_ADDRESS_HOUR", 5)
RESETS_PER_IP_HOUR = e.whole("RESETS_PER_IP_HOUR", 20)
EMAIL_SENDS_PER_USER_HOUR = e.whole("EMAIL_SENDS_PER_USER_HOUR", 100)
SAS_PER_USER_10MIN = e.whole("SAS_PER_USER_10MIN", 60)
DOCUMENT_MAX_BYTES = {
    "application/pdf": 10 * 1024 * 1024,
    "image/jpeg": 5 * 1024 * 1024,
    "image/png": 5 * 1024 * 1024,
}

LOGGING_CONFIG = None
logs.configure(debug=DEBUG)
