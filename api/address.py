"""Who is calling: the client's address, as far as our own proxies vouch for it (S13)."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import HttpRequest
from rest_framework.request import Request

IPV6_PREFIX_LENGTH = 64  # one household or phone has at least this much


def client_address(request: HttpRequest | Request) -> str:
    """Return the bucket of the caller: an IPv4 address or an IPv6 /64.

    With ``TRUSTED_PROXY_COUNT`` n it is the n-th address from the right of ``X-Forwarded-For``;
    where that is missing or no address, the peer.
    """
    peer = str(request.META.get("REMOTE_ADDR", ""))
    count = settings.TRUSTED_PROXY_COUNT
    if count:
        forwarded = str(request.META.get("HTTP_X_FORWARDED_FOR", "")).split(",")
        if len(forwarded) >= count:
            return _bucket(forwarded[-count].strip()) or _bucket(peer) or "unknown"
    return _bucket(peer) or "unknown"


def _bucket(text: str) -> str:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        network = ipaddress.ip_network((int(address), IPV6_PREFIX_LENGTH), strict=False)
        return str(network)
    return str(address)
