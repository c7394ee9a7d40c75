"""Walks the three flows once over HTTP, as the front ends do."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import requests
from azure.storage.blob import BlobSasPermissions, generate_blob_sas

from sandbox.local import clients, direct, pdf
from sandbox.local.phones import some_phone
from sandbox.local.progress import Progress, StepFailed
from sandbox.local.setup import AZURITE_ACCOUNT, AZURITE_KEY, CONTAINER, Places

SMS_TEXT = re.compile(
    r"Your One-Time Password \(OTP\) is ([0-9]{6})\. Valid for 2 minutes\."
    r"(?:\n+[!-~ ]+)?",  # the line by which a front end fills the code in
    re.ASCII,
)
RESET_PATH = re.compile(r"/auth/password/reset/([^/\s]+)/([^/\s]+)")
CALL_SECONDS = 30.0
INBOX_SECONDS = 10.0


@dataclass(kw_only=True)
class Walk:
    """One run; the staff account is the walk's own, since its password changes."""

    places: Places
    progress: Progress
    staff_email: str
    staff_password: str
    http: requests.Session = field(default_factory=direct.session)

    def go(self) -> None:
        """Walk all flows.

        Raises:
            StepFailed: A step did not end as it must; the later ones were not tried.
            requests.RequestException: A server does not answer.
        """
        with self.http:
            session = self._otp()
            self._password_reset()
            self._document(session)

    def _otp(self) -> str:
        step = self.progress.step
        self.progress.heading("OTP by SMS")
        phone = some_phone()
        with step("code requested"):
            sent = self._call("POST", "/integrations/sendOTP", 200, phone=phone, app="CUSTAP")
            _expect(sent["expiresIn"] == 120, "expiresIn 120", sent["expiresIn"])
        with step("SMS in the inbox, word for word"):
            text = self._newest(phone)["text"]
            found = SMS_TEXT.fullmatch(text)
            if found is None:
                raise StepFailed("expected the SMS of the specification, another text came")
            code = found[1]
        challenge = sent["challengeId"]
        with step("wrong code refused"):
            wrong = f"{(int(code) + 1) % 1_000_000:06d}"
            self._call(
                "POST",
                "/integrations/verifyOTP",
                400,
                "otp_incorrect",
                challengeId=challenge,
                otp=wrong,
            )
        with step("right code verified, session token issued"):
            done = self._call(
                "POST", "/integrations/verifyOTP", 200, challengeId=challenge, otp=code
            )
            me = self._call("GET", "/auth/me", 200, session=done["token"])
            _expect(me["user"]["phone"] == phone, "the phone's own account", "another one")
        with step("used code refused"):
            self._call(
                "POST",
                "/integrations/verifyOTP",
                410,
                "otp_expired",
                challengeId=challenge,
                otp=code,
            )
        return str(done["token"])

    def _password_reset(self) -> None:
        step = self.progress.step
        self.progress.heading("Password reset by mail")
        with step("reset mail requested"):
            seen = {one["id"] for one in self._inbox(self.staff_email)}
            self._call(
                "POST",
                "/integrations/sendEmail",
                200,
                template="password_reset",
                to=self.staff_email,
            )
        with step("mail with the link in the inbox"):
            text = self._newest(self.staff_email, besides=seen)["text"]
            link = next(iter(re.findall(r"https?://\S+", text)), "")
            found = RESET_PATH.fullmatch(urlsplit(link).path)
            if found is None or not link.startswith(self.places.backend_url):
                raise StepFailed("expected a reset link of this backend as the mail's first link")
        with step("opening the link uses nothing up"):
            status = self.http.get(link, timeout=CALL_SECONDS).status_code
            _expect(status == 200, "200", status)
        new = secrets.token_urlsafe(18)
        reset = {"uid": found[1], "token": found[2], "newPassword": new}
        with step("password reset"):
            self._call("POST", "/auth/password/reset/confirm", 200, **reset)
        with step("used link refused"):
            self._call("POST", "/auth/password/reset/confirm", 400, "reset_link_invalid", **reset)
        with step("old password refused, new one logs in"):
            old, self.staff_password = self.staff_password, new
            who = self.staff_email
            self._call("POST", "/auth/login", 401, "bad_credentials", email=who, password=old)
            done = self._call("POST", "/auth/login", 200, email=who, password=new)
            _expect(done["user"]["role"] == "KAM", "role KAM", done["user"]["role"])

    def _document(self, session: str) -> None:
        step = self.progress.step
        self.progress.heading("KYC document by SAS")
        content = pdf.one_page(f"Sandbox {secrets.token_hex(8)}")
        with step("upload SAS issued"):
            path = f"/documents/sas?docType=KYC&fileName=kyc.pdf&size={len(content)}"
            issued = self._call("GET", path, 200, session=session)
        with step("PDF put into the storage"):
            status = self.http.put(
                issued["sasUrl"], data=content, headers=issued["headers"], timeout=CALL_SECONDS
            ).status_code
            _expect(status == 201, "201", status)
        document = issued["documentId"]
        with step("upload confirmed"):
            done = self._call("POST", f"/documents/{document}/confirm", 200, session=session)
            state = done["document"]["state"]
            _expect(state == "available", "state available", state)
        with step("downloaded, byte for byte"):
            path = f"/documents/sas?documentId={document}"
            url = self._call("GET", path, 200, session=session)["sasUrl"]
            got = self._fetch(url)
            _expect(got.content == content, "the bytes that were uploaded", "other bytes")
        for client in clients.installed():
            with step(f"uploaded, confirmed and downloaded by {client.name}"):
                self._by_foreign_client(client, session)
        blob = issued["path"].removeprefix(f"{CONTAINER}/")
        with step("expired SAS refused"):
            self._fetch(self._sign(blob, timedelta(minutes=1)))  # the same but for its end
            self._fetch(self._sign(blob, timedelta(minutes=-1)), status=403)
        with step("altered SAS refused"):
            self._fetch(re.sub(r"([?&]se=)\d{4}", r"\g<1>2099", url), status=403)
            self._fetch(re.sub(r"([?&]sig=)[^&]+", r"\g<1>AAAA", url), status=403)
        with step("SAS of another customer's document refused"):
            stranger = self._log_in_stranger()
            self._call("GET", path, 404, "not_found", session=stranger)

    def _by_foreign_client(self, client: clients.Client, session: str) -> None:
        content = pdf.one_page(f"Sandbox {secrets.token_hex(8)}")
        path = f"/documents/sas?docType=KYC&size={len(content)}"
        issued = self._call("GET", path, 200, session=session)
        client.upload(url=issued["sasUrl"], headers=issued["headers"], content=content)
        document = issued["documentId"]
        self._call("POST", f"/documents/{document}/confirm", 200, session=session)
        path = f"/documents/sas?documentId={document}"
        url = self._call("GET", path, 200, session=session)["sasUrl"]
        same = client.download(url=url) == content
        _expect(same, "the bytes that were uploaded", "other bytes")

    def _log_in_stranger(self) -> str:
        phone = some_phone()
        sent = self._call("POST", "/integrations/sendOTP", 200, phone=phone, app="CUSTAP")
        found = SMS_TEXT.fullmatch(self._newest(phone)["text"])
        code = found[1] if found else ""
        done = self._call(
            "POST", "/integrations/verifyOTP", 200, challengeId=sent["challengeId"], otp=code
        )
        return str(done["token"])

    def _call(
        self, method: str, path: str, status: int, code: str = "", session: str = "", **body: Any
    ) -> dict[str, Any]:
        answer = self.http.request(
            method,
            self.places.backend_url + path,
            json=body or None,
            headers={"Authorization": f"Token {session}"} if session else {},
            timeout=CALL_SECONDS,
        )
        try:
            parsed = answer.json()
        except ValueError:
            parsed = {}
        came = f"{answer.status_code} {parsed.get('code', '')}".strip()
        expected = f"{status} {code}".strip()
        _expect(came == expected, expected, f"{came} {parsed.get('detail', '')}".strip())
        return dict(parsed)

    def _fetch(self, url: str, *, status: int = 200) -> requests.Response:
        answer = self.http.get(url, timeout=CALL_SECONDS)
        _expect(answer.status_code == status, str(status), answer.status_code)
        return answer

    def _sign(self, blob: str, lasts: timedelta) -> str:
        token = generate_blob_sas(
            account_name=AZURITE_ACCOUNT,
            container_name=CONTAINER,
            blob_name=blob,
            account_key=AZURITE_KEY,
            permission=BlobSasPermissions(read=True),
            start=datetime.now(UTC) - timedelta(hours=1),
            expiry=datetime.now(UTC) + lasts,
            protocol="https,http",
        )
        host = f"{self.places.storage_url}/{AZURITE_ACCOUNT}"
        return f"{host}/{CONTAINER}/{blob}?{token}"

    def _inbox(self, to: str) -> list[dict[str, Any]]:
        answer = self.http.get(
            f"{self.places.sandbox_url}/inbox",
            params={"to": to, "format": "json"},
            timeout=CALL_SECONDS,
        )
        return list(answer.json()["messages"])

    def _newest(self, to: str, *, besides: Collection[str] = ()) -> dict[str, Any]:
        ends_at = time.monotonic() + INBOX_SECONDS
        while time.monotonic() < ends_at:
            fresh = [one for one in self._inbox(to) if one["id"] not in besides]
            if fresh:
                return fresh[0]
            time.sleep(0.1)
        raise StepFailed(f"nothing came into the inbox within {INBOX_SECONDS:.0f} s")


def _expect(good: bool, expected: object, came: object) -> None:
    if not good:
        raise StepFailed(f"expected {expected}, got {came}")
