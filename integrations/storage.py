"""What the storage account should be like, what is otherwise, and setting it right (S54)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from integrations import calls, conf, keys
from integrations.calls import Receipt
from integrations.clients import azure_account
from integrations.clients.azure_account import ServiceFound
from integrations.clients.azure_blob import AzureBlobClient, ContainerFound

NO_ORIGINS = (
    "CORS_ALLOWED_ORIGINS is empty: no browser can upload or download. Set it, then run "
    "setup_storage."
)

R = TypeVar("R", bound=Receipt)


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One thing that is not as it should be; ``setting``: its name, the others sentences."""

    setting: str
    found: str
    wanted: str
    risk: str


def differences(*, container: ContainerFound, service: ServiceFound) -> list[Difference]:
    """Compare what was found with what the settings say."""
    wishes = conf.storage_wishes()
    found = []
    if container.risk:
        found.append(
            Difference(
                setting="container",
                found="public" if container.exists else "missing",
                wanted="private",
                risk=container.risk,
            )
        )
    if service.soft_delete_days != wishes.soft_delete_days:
        days = service.soft_delete_days
        risk = "Soft delete of blobs is off: a deleted document is lost."
        if days:
            risk = f"Soft delete keeps blobs for {days} days, not {wishes.soft_delete_days}."
        found.append(
            Difference(
                setting="soft_delete",
                found=f"{days} days" if days else "off",
                wanted=f"{wishes.soft_delete_days} days",
                risk=risk,
            )
        )
    if service.cors != azure_account.cors_rules(wishes.origins):
        found.append(_cors(service, wishes.origins))
    return found


def risks(client: AzureBlobClient, *, key: str) -> list[str]:
    """Look at the account with a key, in one attempt, and say what may lose or shut out documents.

    Raises:
        AttemptFailed: Timeout, connection error or 5xx.
        GatewayError: The storage says no.
    """
    found = differences(
        container=client.look_at_container(key=key),
        service=azure_account.look_at_service(client, key=key),
    )
    warnings = [each.risk for each in found]
    return warnings if conf.storage_wishes().origins else [*warnings, NO_ORIGINS]


def look() -> list[Difference]:
    """Look at the account by the guarded path, and compare.

    Raises:
        GatewayError: The storage does not answer, or says no.
    """
    client: AzureBlobClient = conf.client("blob")
    return differences(
        container=_ask("look_at_container", lambda key: client.look_at_container(key=key)),
        service=_ask("look_at_service", lambda key: azure_account.look_at_service(client, key=key)),
    )


def put_right(difference: Difference) -> None:
    """Make one thing as it should be, by the guarded path.

    Raises:
        GatewayError: The storage does not answer, or says no.
    """
    client: AzureBlobClient = conf.client("blob")
    wishes = conf.storage_wishes()
    if difference.found == "missing":
        _ask("make_container", lambda key: azure_account.make_container(client, key=key))
    elif difference.setting == "container":
        _ask("close_container", lambda key: azure_account.close_container(client, key=key))
    else:  # soft delete and CORS are properties of one service, set together
        _ask(
            "set_service",
            lambda key: azure_account.set_service(
                client,
                key=key,
                origins=wishes.origins,
                soft_delete_days=wishes.soft_delete_days,
            ),
        )


def _ask(operation: str, attempt: Callable[[str], R]) -> R:
    client: AzureBlobClient = conf.client("blob")
    return calls.perform(
        provider=client.provider,
        operation=operation,
        recipient=client.container,
        reference="",
        keys=keys.usable(client),
        attempt=attempt,
        retry=False,
    )


def _cors(service: ServiceFound, origins: tuple[str, ...]) -> Difference:
    risk = "The storage's CORS rules are not those of CORS_ALLOWED_ORIGINS."
    if not service.cors:
        risk = "The storage has no CORS rule: browsers cannot upload or download."
    return Difference(
        setting="cors",
        found="; ".join(f"{rule[0]} {rule[1]}" for rule in service.cors) or "no rule",
        wanted=f"{','.join(sorted(origins))} {','.join(azure_account.CORS_METHODS)}"
        if origins
        else "no rule",
        risk=risk,
    )
