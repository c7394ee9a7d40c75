from __future__ import annotations

from datetime import datetime

import requests

from sandbox.inbox import KEPT_MESSAGES, Inbox, Message
from sandbox.tests.calls import mail, messages, send_mail, send_sms


def test_an_sms_has_the_words_of_the_specification(sandbox_url: str) -> None:
    send_sms(sandbox_url)
    (message,) = messages(sandbox_url)
    assert message["text"] == "Your One-Time Password (OTP) is 482913. Valid for 2 minutes."
    assert (message["channel"], message["to"]) == ("sms", "919876543210")
    assert (message["html"], message["subject"]) == ("", "")


def test_a_mail_is_kept_whole(sandbox_url: str) -> None:
    send_mail(sandbox_url)
    (message,) = messages(sandbox_url)
    assert set(message) == {"id", "channel", "to", "text", "html", "subject", "at"}
    assert (message["channel"], message["to"]) == ("email", "kam@solarium.example")
    assert (message["subject"], message["text"]) == ("Reset your password", "Hello")
    assert message["html"] == '<p class="x">Hello</p>'
    assert message["at"].endswith("Z")
    assert datetime.fromisoformat(message["at"]).tzinfo is not None


def test_newest_come_first(sandbox_url: str) -> None:
    send_sms(sandbox_url, otp="111111")
    send_sms(sandbox_url, otp="222222")
    assert ["222222" in one["text"] for one in messages(sandbox_url)] == [True, False]


def test_a_phone_is_found_in_each_spelling(sandbox_url: str) -> None:
    send_sms(sandbox_url)
    send_sms(sandbox_url, mobile="919876543211")
    for to in ("919876543210", "+919876543210", "+91 98765 43210"):
        assert [one["to"] for one in messages(sandbox_url, to)] == ["919876543210"]
    raw = requests.get(f"{sandbox_url}/inbox?to=+919876543210&format=json", timeout=10)
    assert len(raw.json()["messages"]) == 1


def test_an_address_is_found_without_case(sandbox_url: str) -> None:
    send_mail(sandbox_url, mail(to="Kam+x@Solarium.example"))
    assert len(messages(sandbox_url, "kam+x@solarium.example")) == 1
    assert messages(sandbox_url, "other@solarium.example") == []


def test_accept_asks_for_json_too(sandbox_url: str) -> None:
    headers = {"Accept": "application/json"}
    answer = requests.get(f"{sandbox_url}/inbox", headers=headers, timeout=10)
    assert answer.json() == {"messages": []}


def test_the_page_shows_sms_and_mail(sandbox_url: str) -> None:
    send_sms(sandbox_url)
    send_mail(sandbox_url)
    answer = requests.get(f"{sandbox_url}/", headers={"Accept": "text/html"}, timeout=10)
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "Your One-Time Password (OTP) is 482913." in answer.text
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in answer.text
    assert "&lt;p class=&quot;x&quot;&gt;Hello&lt;/p&gt;" in answer.text
    assert '<p class="x">' not in answer.text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_the_page_is_there_without_messages(sandbox_url: str) -> None:
    assert "Nothing yet." in requests.get(f"{sandbox_url}/inbox", timeout=10).text


def test_what_a_caller_sends_is_escaped_on_the_page(sandbox_url: str) -> None:
    answer = requests.get(f"{sandbox_url}/inbox?to=<script>alert(1)</script>", timeout=10)
    assert "<script>alert" not in answer.text


def test_old_messages_fall_out() -> None:
    inbox = Inbox()
    for n in range(KEPT_MESSAGES + 5):
        inbox.add(Message(channel="sms", to=str(n), text=""))
    assert len(inbox.find()) == KEPT_MESSAGES
    assert inbox.find()[-1].to == "5"
