"""The providers: keys, addresses, and the numbers of the guarded path."""

from __future__ import annotations

from integrations import defaults
from solarium import environment as e
from solarium.settings.django import DEBUG, SECRET_KEY

# In debug, what is not set points at the sandbox: a fresh clone runs without secrets.
_sandbox = "http://127.0.0.1:8025" if DEBUG else ""
PROVIDER_CONNECT_TIMEOUT_SECONDS = e.seconds(
    "PROVIDER_CONNECT_TIMEOUT_SECONDS", defaults.PROVIDER_CONNECT_TIMEOUT_SECONDS
)
PROVIDER_TIMEOUT_SECONDS = e.seconds("PROVIDER_TIMEOUT_SECONDS", defaults.PROVIDER_TIMEOUT_SECONDS)
PROVIDER_RETRIES = e.whole("PROVIDER_RETRIES", defaults.PROVIDER_RETRIES)
PROVIDER_RETRY_WAIT_SECONDS = e.seconds(
    "PROVIDER_RETRY_WAIT_SECONDS", defaults.PROVIDER_RETRY_WAIT_SECONDS
)
# Slots: calls under way at once per worker process and provider. Shares of the threads, so that
# all providers may hang at once and a tenth of the threads still serve everything else; with the
# second route a twentieth.
SERVE_THREADS = e.whole("SERVE_THREADS", e.SERVER_NUMBERS["SERVE_THREADS"])
PROVIDER_SLOTS = {
    "msg91": e.whole("MSG91_SLOTS", SERVE_THREADS * 60 // 100),
    "sendgrid": e.whole("SENDGRID_SLOTS", SERVE_THREADS * 15 // 100),
    "azure_blob": e.whole("AZURE_BLOB_SLOTS", SERVE_THREADS * 15 // 100),
}
# A second route for codes, taken only when nothing left by the first: empty or "twilio".
SMS_FALLBACK = e.text("SMS_FALLBACK")
if SMS_FALLBACK == "twilio":
    PROVIDER_SLOTS["twilio"] = e.whole("TWILIO_SLOTS", SERVE_THREADS * 5 // 100)
MSG91_AUTH_KEY = e.secret("MSG91_AUTH_KEY", "sandbox-msg91-key" if DEBUG else "")
MSG91_OTP_TEMPLATE_ID = e.text("MSG91_OTP_TEMPLATE_ID", "65f0aa11d6fc05bbbb000002" if DEBUG else "")
# By app; where one is empty the id above serves.
MSG91_OTP_TEMPLATE_IDS = {
    "CPAPP": e.text("MSG91_OTP_TEMPLATE_ID_CPAPP"),
    "CUSTAP": e.text("MSG91_OTP_TEMPLATE_ID_CUSTAP"),
}
MSG91_BASE_URL = e.url("MSG91_BASE_URL", _sandbox or defaults.MSG91_BASE_URL)
MSG91_API = e.text("MSG91_API", defaults.MSG91_API)
MSG91_FLOW_VARIABLE = e.text("MSG91_FLOW_VARIABLE", defaults.MSG91_FLOW_VARIABLE)
MSG91_WEBHOOK_TOKEN = e.secrets("MSG91_WEBHOOK_TOKEN")
SENDGRID_API_KEY = e.secret("SENDGRID_API_KEY", "SG.sandbox.key" if DEBUG else "")
SENDGRID_FROM_EMAIL = e.text("SENDGRID_FROM_EMAIL", "no-reply@solarium.example" if DEBUG else "")
SENDGRID_FROM_NAME = e.text("SENDGRID_FROM_NAME", "Solarium")
SENDGRID_BASE_URL = e.url("SENDGRID_BASE_URL", _sandbox or defaults.SENDGRID_BASE_URL)
SENDGRID_WEBHOOK_PUBLIC_KEY = e.text("SENDGRID_WEBHOOK_PUBLIC_KEY")
TWILIO_ACCOUNT_SID = e.text("TWILIO_ACCOUNT_SID", f"AC{1:032}" if DEBUG else "")
TWILIO_API_KEY_SID = e.text("TWILIO_API_KEY_SID")
TWILIO_AUTH_TOKEN = e.secret("TWILIO_AUTH_TOKEN", "sandbox-twilio-token" if DEBUG else "")
TWILIO_FROM = e.text("TWILIO_FROM", "SOLRIM" if DEBUG else "")
TWILIO_BASE_URL = e.url("TWILIO_BASE_URL", _sandbox or defaults.TWILIO_BASE_URL)
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
AZURE_STORAGE_CONTAINER = e.text("AZURE_STORAGE_CONTAINER", defaults.AZURE_STORAGE_CONTAINER)
AZURE_SOFT_DELETE_DAYS = e.whole("AZURE_SOFT_DELETE_DAYS", defaults.AZURE_SOFT_DELETE_DAYS)
AZURE_SAS_PROTOCOL = e.text("AZURE_SAS_PROTOCOL", defaults.AZURE_SAS_PROTOCOL)
INTEGRATIONS = {
    "sms": {
        "BACKEND": "integrations.clients.msg91.MSG91Client",
        "OPTIONS": {
            "keys": (MSG91_AUTH_KEY,),
            "otp_template_id": MSG91_OTP_TEMPLATE_ID,
            "otp_template_ids": MSG91_OTP_TEMPLATE_IDS,
            "otp_text_paths": {
                app: e.BASE_DIR / "templates" / "sms" / f"otp_{app.lower()}.txt"
                for app in MSG91_OTP_TEMPLATE_IDS
            },
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
if SMS_FALLBACK == "twilio":
    INTEGRATIONS["sms_fallback"] = {
        "BACKEND": "integrations.clients.twilio.TwilioClient",
        "OPTIONS": {
            "keys": (TWILIO_AUTH_TOKEN,),
            "account_sid": TWILIO_ACCOUNT_SID,
            "api_key_sid": TWILIO_API_KEY_SID,
            "sender": TWILIO_FROM,
            "base_url": TWILIO_BASE_URL,
        },
    }
# Alerts: more failed calls of one provider in a sliding minute than this.
ALERT_FAILURES_PER_MINUTE = e.whole("ALERT_FAILURES_PER_MINUTE", defaults.ALERT_FAILURES_PER_MINUTE)
ALERT_WEBHOOK_URL = e.secret_url("ALERT_WEBHOOK_URL")
ADMINS = [(address, address) for address in e.names("ALERT_EMAILS")]
EMAIL_BACKEND = "integrations.email_backend.SendGridBackend"
EMAIL_SUBJECT_PREFIX = "[Solarium] "
FINGERPRINT_KEY = e.secret("FINGERPRINT_KEY", e.derived(SECRET_KEY, "fingerprint") if DEBUG else "")
KEY_ENCRYPTION_KEYS = e.secrets(
    "KEY_ENCRYPTION_KEYS", e.derived_fernet(SECRET_KEY, "encryption") if DEBUG else ""
)
OTP_PEPPERS = e.secrets("OTP_PEPPERS", e.derived(SECRET_KEY, "pepper") if DEBUG else "")
