"""Every SAS rule, on the emulator."""

from __future__ import annotations

import base64
import copy
import uuid
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit, urlunsplit

import pytest
import requests
from azure.storage.blob import UserDelegationKey
from django.utils import timezone

from integrations import conf, gateways
from integrations.clients import azure_links
from integrations.models import GatewayCall, Outcome

PDF = b"%PDF-1.4 a small file %%EOF"
HEADERS = {"x-ms-blob-type": "BlockBlob", "Content-Type": "application/pdf"}
REFUSED = {
    "AuthenticationFailed",
    "AuthorizationFailure",
    "AuthorizationPermissionMismatch",
    "UnauthorizedBlobOverwrite",
}
pytestmark = pytest.mark.django_db


@pytest.fixture
def blob() -> str:
    return f"test/2026/11/{uuid.uuid4()}.pdf"


def sas(blob, permission="create", now=None, file_name=""):
    return gateways.issue_blob_sas(
        blob=blob,
        permission=permission,
        now=now or timezone.now(),
        content_type="application/pdf",
        file_name=file_name,
    )


def fields(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def put(url, data=PDF):
    return requests.put(url, data=data, headers=HEADERS, timeout=10)


def refused(answer) -> bool:
    return answer.status_code == 403 and answer.headers["x-ms-error-code"] in REFUSED


class TestIssueBlobSAS:
    def test_upload_link_says_exactly_what_it_may(self, azurite, blob, settings):
        """S44: one blob, create only, 5 minutes back, 30 minutes on."""
        now = datetime(2026, 12, 31, 23, 58, tzinfo=UTC)

        given = fields(sas(blob, now=now).url)

        assert (given["sr"], given["sp"], given["spr"]) == ("b", "c", "https,http")
        assert (given["st"], given["se"]) == ("2026-12-31T23:53:00Z", "2027-01-01T00:28:00Z")
        assert not set(given) & {"sip", "ss", "srt", "si", "rscd"}

    def test_ends_when_we_say_that_it_ends(self, azurite, blob):
        """The storage knows no parts of a second."""
        link = sas(blob, now=datetime(2026, 11, 24, 10, 0, 0, 999_000, tzinfo=UTC))

        assert link.expires_at == datetime.fromisoformat(fields(link.url)["se"])

    def test_only_https_unless_told_otherwise(self, azurite, blob, settings):
        settings.INTEGRATIONS = copy.deepcopy(settings.INTEGRATIONS)
        settings.INTEGRATIONS["blob"]["OPTIONS"]["sas_protocol"] = "https"

        link = sas(blob).url

        assert fields(link)["spr"] == "https"
        assert put(link).status_code == 403

    def test_upload_link_uploads_once_and_cannot_overwrite_or_read(self, azurite, blob):
        link = sas(blob).url

        assert put(link).status_code == 201
        assert refused(put(link, b"another"))
        assert refused(requests.get(link, timeout=10))
        assert refused(requests.delete(link, timeout=10))
        blocks = requests.put(link + "&comp=block&blockid=AAAA", data=b"x", timeout=10)
        assert refused(blocks)

    def test_download_link_reads_with_our_name_and_type(self, azurite, blob):
        put(sas(blob).url)
        link = sas(blob, "read", file_name="आधार कार्ड.pdf").url

        answer = requests.get(link, timeout=10)

        assert answer.content == PDF
        assert answer.headers["Content-Type"] == "application/pdf"
        disposition = answer.headers["Content-Disposition"]
        assert disposition.startswith("attachment; filename*=UTF-8''%E0%A4%86")
        assert refused(put(link))

    @pytest.mark.parametrize("minutes", [-31, 6])
    def test_expired_and_not_yet_valid_links_are_refused(self, azurite, blob, minutes):
        assert refused(put(sas(blob, now=timezone.now() + timedelta(minutes=minutes)).url))

    @pytest.mark.parametrize("name", ["sp", "se", "sig"])
    def test_changed_links_are_refused(self, azurite, blob, name):
        link = sas(blob).url
        other = {"sp": "cw", "se": "2099-01-01T00:00:00Z", "sig": "AAAA"}[name]
        query = urlsplit(link).query
        changed = "&".join(
            f"{name}={other}" if part.startswith(f"{name}=") else part for part in query.split("&")
        )

        assert changed != query
        assert refused(put(urlunsplit(urlsplit(link)._replace(query=changed))))

    def test_link_of_one_blob_opens_no_other_and_lists_nothing(self, azurite, blob):
        link = sas(blob).url
        other = link.replace(blob, f"test/2026/11/{uuid.uuid4()}.pdf")
        container = urlsplit(link)._replace(path="/devstoreaccount1/docs")
        listing = urlunsplit(container) + "&restype=container&comp=list"

        assert refused(put(other))
        assert refused(requests.get(listing, timeout=10))

    def test_signing_makes_no_call(self, azurite, blob):
        sas(blob)

        assert not GatewayCall.objects.exists()

    def test_delegation_key_signs_the_same_rights(self, azurite, blob):
        key = UserDelegationKey()
        key.signed_oid = key.signed_tid = str(uuid.uuid4())
        key.signed_start, key.signed_expiry = "2026-11-24T00:00:00Z", "2026-11-25T00:00:00Z"
        key.signed_service, key.signed_version = "b", "2026-04-06"
        key.value = base64.b64encode(b"k" * 32).decode()

        link = azure_links.issue_sas(
            conf.client("blob"),
            key=key,
            blob=blob,
            permission="create",
            now=timezone.now(),
            content_type="application/pdf",
            file_name="",
        )

        given = fields(link.url)
        assert given["skoid"] == key.signed_oid
        assert (given["sp"], given["sr"], given["spr"]) == ("c", "b", "https,http")


class TestBlobs:
    def test_tells_size_and_type_of_what_was_uploaded(self, azurite, blob):
        put(sas(blob).url)

        found = gateways.get_blob_properties(blob=blob, reference="document:test")

        assert (found.size, found.content_type) == (len(PDF), "application/pdf")
        assert found.etag
        call = GatewayCall.objects.get()
        assert (call.operation, call.outcome) == ("get_blob_properties", Outcome.ACCEPTED)

    def test_missing_blob_is_told_apart(self, azurite, blob):
        with pytest.raises(gateways.BlobNotFound):
            gateways.get_blob_properties(blob=blob, reference="document:test")

    def test_delete_may_be_repeated(self, azurite, blob):
        put(sas(blob).url)

        gateways.delete_blob(blob=blob, reference="document:test")
        gateways.delete_blob(blob=blob, reference="document:test")

        with pytest.raises(gateways.BlobNotFound):
            gateways.get_blob_properties(blob=blob, reference="document:test")

    def test_storage_that_is_gone_is_unavailable_after_one_attempt(self, azurite, blob, settings):
        settings.INTEGRATIONS = copy.deepcopy(settings.INTEGRATIONS)
        settings.INTEGRATIONS["blob"]["OPTIONS"]["connection_string"] = (
            "DefaultEndpointsProtocol=http;AccountName=gone;AccountKey=QUFBQQ==;"
            "BlobEndpoint=http://127.0.0.1:1/gone;"
        )

        with pytest.raises(gateways.GatewayUnavailable) as caught:
            gateways.get_blob_properties(blob=blob, reference="document:test")

        assert len(GatewayCall.objects.get().attempts) == 1
        assert "sig=" not in str(caught.value)
