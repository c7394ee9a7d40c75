"""Where the local servers listen, and the environment that points the backend at them."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sandbox import msg91, sendgrid, sendgrid_events

ROOT = Path(__file__).resolve().parents[2]
LOGS = ROOT / "var" / "log"
DATABASE = ROOT / "var" / "solarium.sqlite3"
CONTAINER = "docs"

# Azurite's public development account: a well-known key, no secret.
AZURITE_ACCOUNT = "devstoreaccount1"
AZURITE_KEY = (
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
)

# What a developer's .env may say about limits must not decide whether the walk passes.
LIMITS = {
    "OTP_COOLDOWN_SECONDS": "30,60,120",
    "OTP_SENDS_PER_PHONE_10MIN": "3",
    "OTP_SENDS_PER_PHONE_HOUR": "5",
    "OTP_SENDS_PER_PHONE_DAY": "10",
    "OTP_SENDS_PER_IP_10MIN": "100",
    "OTP_VERIFIES_PER_IP_10MIN": "300",
    "OTP_SENDS_PER_PREFIX_10MIN": "10",
    "OTP_SENDS_PER_MINUTE": "1200",
    "OTP_DAILY_BUDGET_RUPEES": "0",
    "OTP_WRONG_CODES_PER_PHONE_HOUR": "10",
    "OTP_WRONG_CODES_PER_PHONE_DAY": "20",
    "OTP_WRONG_CODES_IN_A_ROW": "100",
    "LOGIN_FAILURES_15MIN": "5",
    "RESETS_PER_ADDRESS_HOUR": "5",
    "RESETS_PER_IP_HOUR": "20",
    "SAS_PER_USER_10MIN": "60",
    "FILES_PER_USER_DAY": "100",
    "MB_PER_USER_DAY": "200",
}
# A NAME_FILE from .env would win over NAME, and these switch the backend to other services.
EMPTIED = (
    "MSG91_AUTH_KEY_FILE",
    "MSG91_WEBHOOK_TOKEN_FILE",
    "SENDGRID_API_KEY_FILE",
    "AZURE_STORAGE_CONNECTION_STRING_FILE",
    "AZURE_STORAGE_ACCOUNT_URL",
    "SMS_FALLBACK",
    "CACHE_URL",
    "CACHE_URL_FILE",
    "ALERT_WEBHOOK_URL",
    "ALERT_EMAILS",
    "APPLICATIONINSIGHTS_CONNECTION_STRING",
)


class PortTaken(Exception):
    """A port is in use or no port; the text says which and how to choose another."""


@dataclass(frozen=True, kw_only=True)
class Places:
    """The three ports, all on this machine."""

    backend: int
    sandbox: int
    azurite: int

    @property
    def backend_url(self) -> str:
        return f"http://localhost:{self.backend}"

    @property
    def sandbox_url(self) -> str:
        return f"http://127.0.0.1:{self.sandbox}"

    @property
    def console_url(self) -> str:
        """Another origin than the backend's and the storage's, as in production."""
        return f"http://localhost:{self.sandbox}"

    @property
    def storage_url(self) -> str:
        """The storage as all reach it: the sandbox, which passes on to Azurite."""
        return self.sandbox_url

    @property
    def azurite_url(self) -> str:
        return f"http://127.0.0.1:{self.azurite}"

    @property
    def backend_address(self) -> str:
        """Where it listens; a name may stand for more than one address."""
        return f"http://127.0.0.1:{self.backend}"

    @property
    def connection_string(self) -> str:
        return connection_string(f"{self.storage_url}/{AZURITE_ACCOUNT}")


def connection_string(url: str) -> str:
    """Return what opens Azurite's account at an address."""
    return (
        f"DefaultEndpointsProtocol=http;AccountName={AZURITE_ACCOUNT};AccountKey={AZURITE_KEY};"
        f"BlobEndpoint={url};"
    )


def choose_places(environment: Mapping[str, str]) -> Places:
    """Read the ports and make sure that they are free.

    Raises:
        PortTaken: One is in use, is given twice or is no port number.
    """
    ports: dict[str, int] = {}
    for name, default in (("PORT", "8000"), ("SANDBOX_PORT", "8025"), ("AZURITE_PORT", "10000")):
        text = environment.get(name) or default
        if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
            raise PortTaken(f"{name} must be a port number, not {text[:20]!r}.")
        port = int(text)
        if port in ports.values():
            raise PortTaken(f"Port {port} is given twice; set {name} to another one.")
        if not _is_free(port):
            raise PortTaken(f"Port {port} is in use; stop what runs there or set {name}.")
        ports[name] = port
    return Places(
        backend=ports["PORT"], sandbox=ports["SANDBOX_PORT"], azurite=ports["AZURITE_PORT"]
    )


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # old connections don't count
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def backend_environment(places: Places) -> dict[str, str]:
    """Return the environment of the backend; it wins over ``.env``."""
    return {
        **os.environ,
        **dict.fromkeys(EMPTIED, ""),
        **LIMITS,
        "DJANGO_DEBUG": "true",
        "DJANGO_ALLOWED_HOSTS": "localhost,127.0.0.1,[::1]",
        "SOLARIUM_ENV": "dev",
        "PORT": str(places.backend),
        "HOST": "127.0.0.1",
        "SERVE_WORKERS": "1",  # limits are counted in the process
        "CORS_ALLOWED_ORIGINS": f"{places.console_url},{places.sandbox_url}",
        "PUBLIC_BASE_URL": places.backend_url,
        "PASSWORD_RESET_URL": places.backend_url + "/auth/password/reset/{uid}/{token}",
        "TRUSTED_PROXY_COUNT": "0",
        "PHONE_COUNTRIES": "IN",
        "DATABASE_URL": f"sqlite:///{DATABASE}",
        "MSG91_BASE_URL": places.sandbox_url,
        "MSG91_AUTH_KEY": msg91.AUTH_KEY,
        "MSG91_OTP_TEMPLATE_ID": msg91.TEMPLATE_ID,
        "MSG91_OTP_TEMPLATE_ID_CPAPP": msg91.CPAPP_TEMPLATE_ID,
        "MSG91_OTP_TEMPLATE_ID_CUSTAP": "",
        "MSG91_API": "otp",
        "MSG91_WEBHOOK_TOKEN": msg91.REPORT_TOKEN,
        "SENDGRID_BASE_URL": places.sandbox_url,
        "SENDGRID_API_KEY": sendgrid.API_KEY,
        "SENDGRID_WEBHOOK_PUBLIC_KEY": sendgrid_events.PUBLIC_KEY,
        "SENDGRID_FROM_EMAIL": "no-reply@solarium.example",
        "SENDGRID_FROM_NAME": "Solarium",
        "AZURE_STORAGE_CONNECTION_STRING": places.connection_string,
        "AZURE_STORAGE_CONTAINER": CONTAINER,
        "AZURE_SAS_PROTOCOL": "https,http",
    }
