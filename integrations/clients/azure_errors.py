"""What the storage SDK raises, as what our callers know; its texts may hold signatures."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    DeserializationError,
    HttpResponseError,
    ResourceNotFoundError,
    ServiceRequestError,
    ServiceResponseError,
)

from integrations.errors import (
    AttemptFailed,
    BlobNotFound,
    GatewayAuthFailed,
    GatewayProtocolError,
    GatewayRejected,
    GatewayThrottled,
)

PROVIDER = "azure_blob"


def _code(error: HttpResponseError, otherwise: object) -> str:
    """Return the storage's own code; azure-storage adds it to azure-core's exception."""
    code = getattr(error, "error_code", None)
    return str(getattr(code, "value", code) or otherwise)


@contextmanager
def verdict(operation: str) -> Iterator[None]:
    """Turn the SDK's exceptions into ours; their texts may hold signatures and stop here."""
    about: dict[str, Any] = {"provider": PROVIDER, "operation": operation}
    try:
        yield
    except ResourceNotFoundError as err:
        if _code(err, "") == "ContainerNotFound":
            raise GatewayRejected(**about, provider_code="ContainerNotFound") from None
        raise BlobNotFound(**about, provider_code="404") from None
    except ClientAuthenticationError as err:
        if isinstance(err.__cause__, ServiceRequestError | ServiceResponseError):
            # The machine's own identity did not answer: nobody refused anything.
            raise AttemptFailed("connection_error", maybe_accepted=False) from None
        raise GatewayAuthFailed(**about, provider_code=_code(err, "auth")) from None
    except HttpResponseError as err:
        status = err.status_code or 0
        if status == 429:
            raise GatewayThrottled(**about, provider_code="429") from None
        if status >= 500 or status == 0:
            raise AttemptFailed("server_error", maybe_accepted=True, http_status=status) from None
        if status < 400:  # a yes that the SDK does not know: a sign-in page of a network
            raise GatewayProtocolError(**about, provider_code=f"http_{status}") from None
        if status in (401, 403):
            raise GatewayAuthFailed(**about, provider_code=_code(err, status)) from None
        raise GatewayRejected(**about, provider_code=_code(err, status)) from None
    except (ServiceRequestError, ServiceResponseError) as err:
        maybe = isinstance(err, ServiceResponseError)
        raise AttemptFailed("connection_error", maybe_accepted=maybe) from None
    except DeserializationError:  # which is none of the SDK's family
        raise GatewayProtocolError(**about, provider_code="unreadable") from None
    except AzureError:
        raise AttemptFailed("sdk_error", maybe_accepted=True) from None
