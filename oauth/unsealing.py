"""Where a sealed secret lies, and how one is opened: all that a quick start needs of the vault."""

from __future__ import annotations

from oauth.errors import BadVault
from oauth.sealing import open_sealed
from oauth.secret import Secret


def key_place(tenant: str, grant_id: str) -> tuple[str, ...]:
    """Return the place a wrapped data key is bound to."""
    return ("data key", tenant, grant_id)


def field_place(tenant: str, grant_id: str, field: str) -> tuple[str, ...]:
    """Return the place a sealed field is bound to."""
    return ("field", tenant, grant_id, field)


def open_field(data_key: bytes, sealed: bytes, *, place: tuple[str, ...]) -> Secret:
    """Return the secret in *sealed*. Raises ``WrongKey``, ``BadVault``."""
    try:
        text = bytes(sealed).decode("ascii")
    except UnicodeDecodeError:
        raise BadVault("/".join(place), "not text") from None
    return Secret(open_sealed(data_key, text, place=place).decode("utf-8", "surrogatepass"))
