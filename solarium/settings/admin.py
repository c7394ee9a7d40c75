"""The admin: its look, its second factor, its lock."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.templatetags.static import static
from django.urls import reverse_lazy

from solarium import environment as e
from solarium.settings.django import SOLARIUM_ENV
from solarium.settings.limits import LOGIN_FAILURES_15MIN

# --- Lock (S59): django-axes counts the admin's logins, accounts.login those of the API ----------
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AXES_LOCK_OUT_AT_FAILURE = LOGIN_FAILURES_15MIN > 0
AXES_FAILURE_LIMIT = LOGIN_FAILURES_15MIN
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_USERNAME_CALLABLE = "accounts.lockout.username_of"  # a fingerprint: no address in its table
AXES_CLIENT_IP_CALLABLE = "accounts.lockout.address_of"
AXES_LOCKOUT_CALLABLE = "accounts.lockout.locked_out"
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "otp_token", "csrfmiddlewaretoken"]
AXES_DISABLE_ACCESS_LOG = True  # accounts.SecurityEvent keeps who logged in
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

# --- From where, and when (S59) -----------------------------------------------------------------
ADMIN_ALLOWED_NETWORKS = e.names("ADMIN_ALLOWED_NETWORKS")  # empty: from everywhere
ADMIN_ACT_SECONDS = 15 * 60  # after the login; then who acts logs in again

# --- Second factor -------------------------------------------------------------------------------
OTP_TOTP_ISSUER = "Solarium" if SOLARIUM_ENV == "prod" else f"Solarium {SOLARIUM_ENV}"

# --- Look ----------------------------------------------------------------------------------------
FORMAT_MODULE_PATH = "solarium.formats"
_amber = {
    "50": "oklch(98.7% .022 95.3)",
    "100": "oklch(96.2% .059 95.6)",
    "200": "oklch(92.4% .12 95.7)",
    "300": "oklch(87.9% .169 91.6)",
    "400": "oklch(82.8% .189 84.4)",
    "500": "oklch(72.9% .17 66)",
    "600": "oklch(58.5% .145 56)",
    "700": "oklch(52% .135 50)",
    "800": "oklch(44.3% .12 47)",
    "900": "oklch(39.4% .1 46)",
    "950": "oklch(27.9% .077 45.6)",
}


def _item(title: str, icon: str, view: str, permission: str = "") -> dict[str, Any]:
    item: dict[str, Any] = {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(f"admin:{view}"),
    }
    if permission:
        item["permission"] = lambda request: request.user.has_perm(permission)
    return item


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Solarium",
    "SITE_HEADER": "Solarium",
    "SITE_SUBHEADER": "Integrations",
    "SITE_SYMBOL": "sunny",
    "SITE_URL": None,
    "SITE_FAVICONS": [
        {
            "rel": "icon",
            "type": "image/svg+xml",
            "href": lambda request: static("solarium/favicon.svg"),
        }
    ],
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": True,
    "ENVIRONMENT": [SOLARIUM_ENV, "danger" if SOLARIUM_ENV == "prod" else "info"],
    "COLORS": {"primary": _amber},
    "STYLES": [lambda request: static("solarium/admin.css")],
    "SCRIPTS": [lambda request: static("solarium/admin.js")],
    "SIDEBAR": {
        "show_search": False,
        "show_all_applications": False,
        "navigation": [
            {
                "title": "Now",
                "items": [
                    _item("Dashboard", "monitoring", "index"),
                    _item("Subject timeline", "timeline", "timeline"),
                    _item(
                        "Alerts",
                        "notification_important",
                        "integrations_alert_changelist",
                        "integrations.view_alert",
                    ),
                    _item(
                        "Provider switches",
                        "toggle_off",
                        "provider_switches",
                        "integrations.view_providerswitch",
                    ),
                ],
            },
            {
                "title": "Records",
                "separator": True,
                "items": [
                    _item(
                        "Calls",
                        "swap_vert",
                        "integrations_gatewaycall_changelist",
                        "integrations.view_gatewaycall",
                    ),
                    _item("Codes", "password", "otp_challenge_changelist", "otp.view_challenge"),
                    _item(
                        "Delivery reports",
                        "mark_email_read",
                        "integrations_deliveryevent_changelist",
                        "integrations.view_deliveryevent",
                    ),
                    _item(
                        "Suppressed addresses",
                        "unsubscribe",
                        "integrations_suppression_changelist",
                        "integrations.view_suppression",
                    ),
                    _item(
                        "Documents",
                        "description",
                        "documents_document_changelist",
                        "documents.view_document",
                    ),
                    _item(
                        "Links",
                        "link",
                        "documents_sasgrant_changelist",
                        "documents.view_sasgrant",
                    ),
                    _item(
                        "References",
                        "folder_shared",
                        "documents_reference_changelist",
                        "documents.view_reference",
                    ),
                    _item(
                        "Security events",
                        "shield",
                        "accounts_securityevent_changelist",
                        "accounts.view_securityevent",
                    ),
                ],
            },
            {
                "title": "Set-up",
                "separator": True,
                "items": [
                    _item("Accounts", "group", "accounts_user_changelist", "accounts.view_user"),
                    _item(
                        "Demo numbers",
                        "smartphone",
                        "otp_demonumber_changelist",
                        "otp.view_demonumber",
                    ),
                    _item(
                        "Keys",
                        "key",
                        "integrations_providerkey_changelist",
                        "integrations.view_providerkey",
                    ),
                    {"title": "API", "icon": "api", "link": reverse_lazy("docs")},
                ],
            },
        ],
    },
}
