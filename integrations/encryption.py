"""Ciphertext of stored keys: Fernet under ``KEY_ENCRYPTION_KEYS``, the newest of which writes."""

from __future__ import annotations

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from integrations import conf
from integrations.errors import GatewayMisconfigured


def new_key() -> str:
    """Make a key to put first in ``KEY_ENCRYPTION_KEYS``."""
    return Fernet.generate_key().decode()


def is_key(text: str) -> bool:
    """Whether a text is a Fernet key: 32 bytes in URL-safe base64."""
    try:
        Fernet(text)
    except ValueError:
        return False
    return True


def encrypt(secret: str) -> str:
    """Return the ciphertext under the newest key.

    Raises:
        GatewayMisconfigured: ``KEY_ENCRYPTION_KEYS`` is empty or malformed.
    """
    return _keys().encrypt(secret.encode()).decode()


def decrypt(ciphertext: str) -> str | None:
    """Return the secret; None where none of the keys reads it.

    Raises:
        GatewayMisconfigured: ``KEY_ENCRYPTION_KEYS`` is empty or malformed.
    """
    try:
        return _keys().decrypt(ciphertext).decode()
    except InvalidToken:
        return None


def needs_older_key(ciphertext: str) -> bool:
    """Whether the newest key alone does not read a ciphertext.

    Raises:
        GatewayMisconfigured: ``KEY_ENCRYPTION_KEYS`` is empty or malformed.
    """
    try:
        _fernets()[0].decrypt(ciphertext)
    except InvalidToken:
        return True
    return False


def reencrypt(ciphertext: str) -> str | None:
    """Return the same secret under the newest key; None where none of the keys reads it.

    Raises:
        GatewayMisconfigured: ``KEY_ENCRYPTION_KEYS`` is empty or malformed.
    """
    try:
        return _keys().rotate(ciphertext).decode()
    except InvalidToken:
        return None


def _keys() -> MultiFernet:
    return MultiFernet(_fernets())


def _fernets() -> list[Fernet]:
    try:
        fernets = [Fernet(key) for key in conf.encryption_keys()]
    except ValueError:
        # The library's text would say how long the key is.
        raise GatewayMisconfigured("KEY_ENCRYPTION_KEYS holds what is no Fernet key.") from None
    if not fernets:
        raise GatewayMisconfigured("KEY_ENCRYPTION_KEYS is not set.")
    return fernets
