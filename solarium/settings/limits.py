"""Limits and lives: how often, how long, how large. 0 switches a limit off."""

from __future__ import annotations

from solarium import environment as e

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
