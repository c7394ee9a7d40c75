from __future__ import annotations

import pytest
from django.test import RequestFactory

from api.address import client_address


def address(peer, forwarded=None):
    headers = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}
    return client_address(RequestFactory().get("/", REMOTE_ADDR=peer, **headers))


def test_peer_counts_and_forged_headers_do_not():
    """S13."""

    assert address("203.0.113.7", "1.2.3.4") == "203.0.113.7"


@pytest.mark.parametrize(
    ("count", "forwarded", "expected"),
    [
        (1, "6.6.6.6, 198.51.100.9", "198.51.100.9"),
        (2, "6.6.6.6, 198.51.100.9, 10.0.0.1", "198.51.100.9"),
        (2, "198.51.100.9", "10.0.0.5"),
        (1, "nonsense", "10.0.0.5"),
        (1, None, "10.0.0.5"),
    ],
)
def test_counts_trusted_proxies_from_the_right(settings, count, forwarded, expected):
    settings.TRUSTED_PROXY_COUNT = count

    assert address("10.0.0.5", forwarded) == expected


def test_ipv6_is_a_64_and_mapped_addresses_are_ipv4():
    assert address("2001:db8:1:2:3:4:5:6") == "2001:db8:1:2::/64"
    assert address("::ffff:203.0.113.7") == "203.0.113.7"
