"""A provider nobody wrote a profile for: it describes itself (RFC 8414, OpenID Connect Discovery).

What it says is believed only about itself: the issuer in the document must be the one that
was asked, letter by letter, or a server could borrow another's name (RFC 8414 3.3).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from oauth.answers import document
from oauth.errors import BadAnswer, BadMetadata, UnsafeEndpoint
from oauth.grants import Radius
from oauth.profiles import ProviderProfile, RevokeStyle, check_endpoint
from oauth.transport import Exchange, Request

if TYPE_CHECKING:
    from collections.abc import Iterator


def discover(
    issuer: str, exchange: Exchange, *, name: str = "oauth", manual_url: str = "", allow_loopback: bool = False
) -> ProviderProfile:
    """Return the profile of the authorization server *issuer*.

    Raises ``UnsafeEndpoint`` for an address that is not https, ``BadMetadata`` when the
    server does not describe itself, describes another, or cannot do what we need, and
    ``Unreachable``.
    """
    check_endpoint("the issuer", issuer, allow_loopback=allow_loopback)
    if urlsplit(issuer).query:
        raise UnsafeEndpoint("the issuer", "holds a query (RFC 8414 2)")
    found = _described(issuer, exchange)
    if found.get("issuer") != issuer:
        raise BadMetadata(issuer, "the server calls itself by another name")
    _usable(issuer, found)
    try:
        return ProviderProfile(
            name=name,
            authorize_url=_address(found, "authorization_endpoint"),
            token_url=_address(found, "token_endpoint"),
            revoke_url=_address(found, "revocation_endpoint"),
            introspect_url=_address(found, "introspection_endpoint"),
            issuer=issuer,
            iss_required=found.get("authorization_response_iss_parameter_supported") is True,
            revoke_style=RevokeStyle.RFC7009 if found.get("revocation_endpoint") else RevokeStyle.MANUAL,
            radius=Radius.AUTHORIZATION,
            client_auth=_client_auth(found),
            manual_url=manual_url,
            allow_loopback=allow_loopback,
        )
    except UnsafeEndpoint as unsafe:
        raise BadMetadata(issuer, f"{unsafe.what} {unsafe.why}") from None


def addresses(issuer: str) -> Iterator[str]:
    """Yield where *issuer* may describe itself: RFC 8414 3.1, then OpenID Connect Discovery 4.1."""
    parts = urlsplit(issuer)
    host, path = f"{parts.scheme}://{parts.netloc}", parts.path.rstrip("/")
    yield f"{host}/.well-known/oauth-authorization-server{path}"
    yield f"{host}{path}/.well-known/openid-configuration"


def _described(issuer: str, exchange: Exchange) -> dict[str, Any]:
    why = "it does not describe itself"
    for address in addresses(issuer):
        answer = exchange(Request("GET", address, {"Accept": "application/json"}))
        if answer.status != 200:
            continue
        try:
            return document(answer, address)
        except BadAnswer as bad:
            why = bad.why
    raise BadMetadata(issuer, why)


def _usable(issuer: str, found: dict[str, Any]) -> None:
    for needed in ("authorization_endpoint", "token_endpoint"):
        if not _address(found, needed):
            raise BadMetadata(issuer, f"no {needed}")
    if "code" not in _words(found, "response_types_supported", default=("code",)):
        raise BadMetadata(issuer, "it knows no authorization codes")
    if "authorization_code" not in _words(found, "grant_types_supported", default=("authorization_code",)):
        raise BadMetadata(issuer, "it knows no authorization codes")
    # A server that says nothing may know S256 all the same, and must not mind it (RFC 6749 3.1).
    if "S256" not in _words(found, "code_challenge_methods_supported", default=("S256",)):
        raise BadMetadata(issuer, "it knows PKCE, but not S256")


def _client_auth(found: dict[str, Any]) -> str:
    """Return how a client secret is sent. The header where the server names nothing (RFC 8414 2)."""
    known = _words(found, "token_endpoint_auth_methods_supported", default=("client_secret_basic",))
    return "body" if "client_secret_post" in known or "client_secret_basic" not in known else "basic"


def _address(found: dict[str, Any], name: str) -> str:
    value = found.get(name)
    return value if isinstance(value, str) else ""


def _words(found: dict[str, Any], name: str, *, default: tuple[str, ...]) -> tuple[str, ...]:
    value = found.get(name)
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else default
