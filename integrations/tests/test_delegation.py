"""Links signed by a managed identity: one key for all processes, and none asked per request."""

from __future__ import annotations

import base64
import hmac
import re
import socket
import time
from datetime import datetime, timedelta
from hashlib import sha256
from urllib.parse import parse_qs, urlsplit

import pytest
from azure.core.credentials import AccessToken
from azure.identity import ManagedIdentityCredential
from django.core.cache import cache
from django.utils import timezone

from integrations import breaker, conf, delegation, gateways
from integrations.clients import azure_service
from integrations.models import GatewayCall
from integrations.testing import at_once, set_option

ACCOUNT = "https://solariumdocs.blob.core.windows.net"
KEYS = f"{ACCOUNT}/?restype=service&comp=userdelegationkey"
SECRET = base64.b64encode(b"planted-delegation-key-32-bytes!").decode()
BLOB = "test/2026/11/a.pdf"
new_process = delegation.reset  # what follows is asked of a process that has just started
pytestmark = pytest.mark.django_db


class Identity:
    """As azure-identity's, without the network of a machine in Azure."""

    def __init__(self, **options):
        pass

    def get_token(self, *scopes, **kwargs):
        return AccessToken("planted-bearer-token", 4_102_444_800)


@pytest.fixture(autouse=True)
def _identity(settings, monkeypatch):
    set_option(settings, "blob", connection_string="", account_url=ACCOUNT)
    monkeypatch.setattr(azure_service, "ManagedIdentityCredential", Identity)
    azure_service._service.cache_clear()
    new_process()
    cache.clear()
    yield
    azure_service._service.cache_clear()
    new_process()


@pytest.fixture
def storage(wire):
    """Azure's side: gives a key for as long as it is asked for."""

    def answer(request):
        start, end = re.findall(r"<(?:Start|Expiry)>([^<]+)<", request.body.decode())
        body = (
            '<?xml version="1.0"?><UserDelegationKey><SignedOid>o-1</SignedOid>'
            f"<SignedTid>t-1</SignedTid><SignedStart>{start}</SignedStart>"
            f"<SignedExpiry>{end}</SignedExpiry><SignedService>b</SignedService>"
            f"<SignedVersion>2026-04-06</SignedVersion><Value>{SECRET}</Value></UserDelegationKey>"
        )
        return 200, {"Content-Type": "application/xml"}, body

    wire.mock.add_callback("POST", KEYS, callback=answer)
    return wire


def sign(*, now=None, permission="create"):
    return gateways.issue_blob_sas(
        blob=BLOB,
        permission=permission,
        now=now or timezone.now(),
        content_type="application/pdf",
        file_name="a.pdf",
    )


def fetched(wire):
    return len(wire.mock.calls)


def test_many_links_of_many_processes_need_one_call(storage):
    for _ in range(3):
        new_process()
        for _ in range(5):
            sign()

    assert fetched(storage) == 1
    call = GatewayCall.objects.get()
    assert (call.operation, call.outcome) == ("get_delegation_key", "accepted")


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_cold_process_asks_once_for_all_its_threads(storage):
    answers = at_once(20, lambda _: sign().url.count("skoid=o-1"))

    assert answers == {1: 20}
    assert fetched(storage) == 1


def test_renewed_an_hour_before_its_end_by_one(storage):
    now = timezone.now().replace(microsecond=0)
    sign(now=now)
    sign(now=now + timedelta(hours=10, minutes=59))
    assert fetched(storage) == 1

    late = now + timedelta(hours=11, minutes=1)
    first, second = sign(now=late), sign(now=late)

    assert fetched(storage) == 2
    ends = [parse_qs(urlsplit(link.url).query)["ske"][0] for link in (first, second)]
    assert ends[0] == ends[1] > late.isoformat()


def test_an_outage_leaves_the_old_key_in_use_as_long_as_it_outlives_a_link(wire, storage):
    now = timezone.now()
    sign(now=now)
    wire.mock.reset()
    wire.mock.post(KEYS, status=503)

    late = sign(now=now + timedelta(hours=11, minutes=10))

    query = parse_qs(urlsplit(late.url).query)
    assert query["se"][0] < query["ske"][0]
    breaker.reset(provider="azure_blob")
    with pytest.raises(gateways.GatewayUnavailable):
        sign(now=now + timedelta(hours=11, minutes=16))


def test_no_link_outlives_its_key(storage):
    now = timezone.now()
    for minutes in range(0, 13 * 60, 7):
        query = parse_qs(urlsplit(sign(now=now + timedelta(minutes=minutes)).url).query)
        link, key = (datetime.fromisoformat(query[name][0]) for name in ("se", "ske"))
        assert link + timedelta(minutes=14) < key


def test_the_cache_holds_it_under_encryption_only(storage):
    sign()

    sealed = cache.get(name_in_cache())
    assert SECRET not in sealed
    assert base64.b64decode(SECRET).decode() not in sealed
    assert "o-1" not in sealed


def name_in_cache():
    return delegation._name(conf.client("blob"))


@pytest.mark.parametrize("spoiled", ["", "no ciphertext", None, 5])
def test_a_spoiled_entry_is_fetched_anew(storage, spoiled):
    sign()
    cache.set(name_in_cache(), spoiled)
    new_process()

    sign()

    assert fetched(storage) == 2


def test_without_the_cache_each_process_fetches_its_own(storage, settings):
    redis = "django.core.cache.backends.redis.RedisCache"
    settings.CACHES = {"default": {"BACKEND": redis, "LOCATION": "redis://127.0.0.1:1"}}
    for _ in range(2):
        new_process()
        sign()
        sign()

    assert fetched(storage) == 2


@pytest.mark.parametrize(
    ("status", "error"), [(503, gateways.GatewayUnavailable), (403, gateways.GatewayAuthFailed)]
)
def test_no_key_no_link(wire, status, error):
    wire.mock.post(KEYS, status=status)

    with pytest.raises(error):
        sign()


@pytest.mark.parametrize("end", ["", "<SignedExpiry>soon</SignedExpiry>"])
def test_a_key_without_an_end_is_no_answer_of_theirs(wire, end):
    body = f'<?xml version="1.0"?><UserDelegationKey>{end}</UserDelegationKey>'
    wire.mock.post(KEYS, body=body, content_type="application/xml")

    with pytest.raises(gateways.GatewayUnavailable):
        sign()


class TestTheMachinesIdentity:
    """azure-identity's own transport waits for minutes and tries six times."""

    ENDPOINTS = ("IDENTITY_ENDPOINT", "AZURE_POD_IDENTITY_AUTHORITY_HOST")

    @pytest.fixture(autouse=True)
    def _azures_own(self, monkeypatch):
        monkeypatch.setattr(azure_service, "ManagedIdentityCredential", ManagedIdentityCredential)
        monkeypatch.setenv("IDENTITY_HEADER", "planted-identity-header")

    @pytest.mark.parametrize("endpoint", ENDPOINTS)
    def test_one_that_never_answers_ends_with_the_attempt(self, settings, monkeypatch, endpoint):
        settings.PROVIDER_TIMEOUT_SECONDS = 0.5
        with socket.create_server(("127.0.0.1", 0)) as silent:
            monkeypatch.setenv(endpoint, f"http://127.0.0.1:{silent.getsockname()[1]}")
            started = time.monotonic()

            with pytest.raises(gateways.GatewayUnavailable):
                sign()

        assert time.monotonic() - started < 2

    @pytest.mark.parametrize("endpoint", ENDPOINTS)
    def test_one_that_fails_is_asked_once(self, wire, monkeypatch, endpoint):
        monkeypatch.setenv(endpoint, "http://127.0.0.1:1")
        wire.mock.get(re.compile(r"http://127\.0\.0\.1:1/"), status=500, json={})

        with pytest.raises(gateways.GatewayError):
            sign()

        assert fetched(wire) == 1


@pytest.mark.parametrize("permission", ["create", "read"])
def test_signed_as_azure_computes_it(storage, permission):
    """By the string to sign of 2026-04-06 and later, written down here once more."""
    link = urlsplit(sign(permission=permission).url)
    query = {name: values[0] for name, values in parse_qs(link.query).items()}
    signed = query | {"RESOURCE": f"/blob/solariumdocs/docs/{BLOB}"}
    names = (
        "sp st se RESOURCE skoid sktid skt ske sks skv saoid suoid scid skdutid sduoid sip spr sv "
        "sr SNAPSHOT ses SRH SRQ rscc rscd rsce rscl rsct"
    )
    text = "\n".join(signed.get(name, "") for name in names.split())

    signature = hmac.new(base64.b64decode(SECRET), text.encode(), sha256).digest()

    assert query["sig"] == base64.b64encode(signature).decode()
    assert (query["sp"], query["spr"], query["sr"]) == (permission[0], "https", "b")
    assert (query["skoid"], query["sktid"]) == ("o-1", "t-1")
