"""From where the admin may be reached at all (S59)."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from api import problems
from api.address import client_address

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class AdminNetworkMiddleware:
    """Answers 404 under ``/admin/`` to whoever comes from outside ``ADMIN_ALLOWED_NETWORKS``."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path.startswith("/admin/") and not is_allowed(client_address(request)):
            return problems.not_found(request)
        return self.get_response(request)


def is_allowed(address: str) -> bool:
    """Whether an address, as `client_address` gives it, lies in an allowed network."""
    networks = settings.ADMIN_ALLOWED_NETWORKS
    if not networks:
        return True
    try:
        caller = ipaddress.ip_network(address)
    except ValueError:
        return False
    return any(_contains(ipaddress.ip_network(name), caller) for name in networks)


def _contains(network: Network, caller: Network) -> bool:
    if isinstance(network, ipaddress.IPv4Network):
        return isinstance(caller, ipaddress.IPv4Network) and caller.subnet_of(network)
    return isinstance(caller, ipaddress.IPv6Network) and caller.subnet_of(network)


def is_network(name: str) -> bool:
    """Whether a setting names an IPv4 network, or an IPv6 one of at most 64 bits."""
    try:
        network = ipaddress.ip_network(name)
    except ValueError:
        return False
    return network.version == 4 or network.prefixlen <= 64
