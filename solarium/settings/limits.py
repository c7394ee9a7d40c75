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
OTP_SENDS_PER_PREFIX_10MIN = e.whole("OTP_SENDS_PER_PREFIX_10MIN", 10)
OTP_SENDS_PER_MINUTE = e.whole("OTP_SENDS_PER_MINUTE", 1200)
OTP_PRICE_PAISE = e.whole("OTP_PRICE_PAISE", 20)
OTP_DAILY_BUDGET_RUPEES = e.whole("OTP_DAILY_BUDGET_RUPEES", 0)
OTP_WRONG_CODES_PER_PHONE_HOUR = e.whole("OTP_WRONG_CODES_PER_PHONE_HOUR", 10)
OTP_WRONG_CODES_PER_PHONE_DAY = e.whole("OTP_WRONG_CODES_PER_PHONE_DAY", 20)
OTP_WRONG_CODES_IN_A_ROW = e.whole("OTP_WRONG_CODES_IN_A_ROW", 100)
INSTALL_PROOF_DAYS = 180
LOGIN_FAILURES_15MIN = e.whole("LOGIN_FAILURES_15MIN", 5)
RESETS_PER_ADDRESS_HOUR = e.whole("RESETS_PER_ADDRESS_HOUR", 5)
RESETS_PER_IP_HOUR = e.whole("RESETS_PER_IP_HOUR", 20)
EMAIL_SENDS_PER_USER_HOUR = e.whole("EMAIL_SENDS_PER_USER_HOUR", 100)
SAS_PER_USER_10MIN = e.whole("SAS_PER_USER_10MIN", 60)
FILES_PER_USER_DAY = e.whole("FILES_PER_USER_DAY", 100)
MB_PER_USER_DAY = e.whole("MB_PER_USER_DAY", 200)
DOCUMENT_MAX_BYTES = {
    "application/pdf": 10 * 1024 * 1024,
    "image/jpeg": 5 * 1024 * 1024,
    "image/png": 5 * 1024 * 1024,
}
# What one file may cost us (documents/inspection.py). The process that opens it is ended at these.
DOCUMENT_MAX_PAGES = 200
DOCUMENT_MAX_PIXELS = 50_000_000
INSPECTION_CPU_SECONDS = 5
INSPECTION_MEMORY_BYTES = 256 * 1024 * 1024
INSPECTIONS_AT_ONCE = 2  # per server process; each also holds its file in the server's memory
# A cleaned picture may be larger than what came: its writer packed better than ours.
INSPECTION_ANSWER_BYTES = 4 * max(DOCUMENT_MAX_BYTES.values())
# Ours, not the file's doing: the answer is "try again", never a refusal.
INSPECTION_WAIT_SECONDS = 30  # for one of the places
INSPECTION_WALL_SECONDS = 20  # start of the process to its answer, on a machine that is busy
# Where clamd listens: /path/to/socket or host:port. Empty: nothing is scanned.
CLAMAV_SOCKET = e.text("CLAMAV_SOCKET")
SCAN_CONNECT_SECONDS = 3
SCAN_SECONDS = 20  # a whole file of 10 MB takes clamd some tenths of one
