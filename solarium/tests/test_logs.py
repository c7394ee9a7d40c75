"""What production prints of a line, whoever says it."""

from __future__ import annotations

import io
import json
import logging

import pytest

from solarium import logs
from solarium.testing import BareLines


def line_of(act) -> dict:
    stream = io.StringIO()
    logs.configure(debug=False)
    handler = logging.getLogger().handlers[0]
    handler.setStream(stream)
    try:
        act(logging.getLogger("somewhere"))
    finally:
        logs.configure(debug=True)
    (line,) = stream.getvalue().splitlines()
    return json.loads(line)


def test_newlines_cannot_forge_a_line():
    """S56."""
    line = line_of(lambda log: log.warning("one\ntwo \x1b[31m %s", "three\r\nfour"))

    assert line["event"] == "one\ntwo \x1b[31m three\r\nfour"


def test_message_arguments_extra_and_exception_are_scrubbed():
    """S55."""

    def act(log):
        try:
            raise ValueError("https://x/?sp=c&sig=PLANTEDSIG and otp=123456")
        except ValueError:
            log.exception("to %s", "+919876543210", extra={"key": "Bearer SG.planted.secretpart"})

    text = json.dumps(line_of(act))

    for secret in ("PLANTEDSIG", "123456", "98765", "secretpart"):
        assert secret not in text
    assert "ValueError" in text


@pytest.mark.parametrize("before", ["\n", "\t", "\u00e9\n", "\u00a0", '"'])
def test_what_stands_before_a_secret_does_not_hide_it(before):
    """S55. In JSON a new line is written with a letter, which must not count as one."""
    secrets = ["9876543210", "sig=PLANTED", "SG.planted.secret", "otp=604318", "Bearer planted8"]
    said = "".join(f"{before}{secret} " for secret in secrets)

    line = line_of(lambda log: log.warning("%s", said, extra={"list": [{"of": said}]}))

    for secret in ("98765", "PLANTED", "planted", "604318"):
        assert secret not in json.dumps(line, ensure_ascii=False)
    assert line["event"].startswith(before)


def test_a_value_is_scrubbed_by_its_name():
    """S55."""
    line = line_of(
        lambda log: log.warning(
            "x", extra={"otp": "604318", "sent": {"code": 604318, "to": 919876543210}}
        )
    )

    assert (line["otp"], line["sent"]) == ("******", {"code": "******", "to": "******3210"})


def test_addresses_in_any_alphabet_leave_the_line_whole():
    line = line_of(lambda log: log.warning("\u0430\u0448\u0430@solarium.example, n=%s", 7))

    assert line["event"].endswith("@solarium.example, n=7")


def test_noisy_libraries_are_kept_down():
    for name in ("urllib3", "azure", "python_http_client"):
        assert not logging.getLogger(f"{name}.anything").isEnabledFor(logging.INFO)


@pytest.mark.parametrize(
    "said",
    [
        {"msg": "a code for %s", "args": ("+919876543210",)},
        {"msg": "sent", "to": ["asha@solarium.example"]},
        {"msg": "sent 604318"},
    ],
)
def test_no_test_passes_with_a_line_that_needs_scrubbing(said):
    """S55."""
    bare = BareLines()

    bare.handle(logging.makeLogRecord({"name": "otp.services", **said}))
    bare.handle(logging.makeLogRecord({"name": "otp.services", "msg": "sent", "ms": 12}))

    assert len(bare.found) == 1
