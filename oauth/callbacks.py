"""What comes back from the browser: the same checks whether it came over the loopback or was pasted.

RFC 6749 4.1.2, RFC 9207, RFC 9700 4.4 and 4.7. What is refused is never shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from hmac import compare_digest
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from oauth.answers import known_code
from oauth.secret import Secret

if TYPE_CHECKING:
    from oauth.profiles import ProviderProfile

LONGEST = 8 * 1024
"""Most characters an address that comes back may have."""

ONCE = frozenset({"code", "state", "iss", "error"})
"""Parameters that mean nothing when they come twice (RFC 6749 3.1)."""


class Verdict(StrEnum):
    """What an arrival is worth."""

    STRAY = "stray"
    """Not for us: a wrong path, a wrong or missing state. The real answer may still come."""
    WRONG = "wrong"
    """It carries our state, and cannot be trusted all the same. The state is spent."""
    REFUSED = "refused"
    """The provider says no."""
    RECEIVED = "received"
    """A code."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One address that came back; *why* says what is wrong with it, *error* why the provider refused."""

    verdict: Verdict
    code: Secret | None = None
    error: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Expected:
    """The one answer that is waited for."""

    redirect_uri: str
    state: Secret
    issuer: str = ""
    iss_required: bool = False

    @classmethod
    def of(cls, profile: ProviderProfile, *, redirect_uri: str, state: Secret) -> Expected:
        """Return what to expect from *profile*'s provider."""
        return cls(redirect_uri, state, profile.issuer, profile.iss_required)

    @property
    def path(self) -> str:
        """Return the path of the redirect address."""
        return urlsplit(self.redirect_uri).path


def judge(target: str, expected: Expected) -> Arrival:
    """Say what *target*, path and query of a request, is worth."""
    if len(target) > LONGEST:
        return Arrival(Verdict.STRAY, why="too long")
    try:
        parts = urlsplit(target)
        given = parse_qsl(parts.query, keep_blank_values=True, max_num_fields=50)
    except ValueError:
        return Arrival(Verdict.STRAY, why="cannot be read")
    if parts.path != expected.path:
        return Arrival(Verdict.STRAY, why="another path")
    found = dict(given)
    state = found.get("state", "")
    if not state:
        return Arrival(Verdict.STRAY, why="no state")
    if [name for name, _ in given].count("state") != 1:
        return Arrival(Verdict.STRAY, why="more than one state")
    if not compare_digest(state.encode("utf-8", "surrogateescape"), expected.state.reveal().encode()):
        return Arrival(Verdict.STRAY, why="another state")
    return _trusted([name for name, _ in given], found, expected)


def _trusted(names: list[str], found: dict[str, str], expected: Expected) -> Arrival:
    """Judge an arrival that carries our state. Whatever is wrong with it now ends the flow."""
    if any(names.count(name) > 1 for name in ONCE):
        return Arrival(Verdict.WRONG, why="a parameter comes twice")
    issuer = found.get("iss")
    if issuer is None and expected.iss_required:
        return Arrival(Verdict.WRONG, why="no issuer, though this provider always names itself")
    if issuer is not None and expected.issuer and issuer != expected.issuer:
        # Compared as it stands: RFC 9207 2.4 allows no normalisation.
        return Arrival(Verdict.WRONG, why="it comes from another provider")
    if "error" in found:
        return Arrival(Verdict.REFUSED, error=known_code(found["error"]))
    if not found.get("code"):
        return Arrival(Verdict.WRONG, why="neither a code nor an error")
    return Arrival(Verdict.RECEIVED, code=Secret(found["code"]))


def pasted(text: str, expected: Expected) -> Arrival:
    """Judge the address a person copied from the browser's address bar.

    It must be the whole address: a bare code carries no state.
    """
    address = text.strip()
    if len(address) > LONGEST:
        return Arrival(Verdict.STRAY, why="what was pasted is too long")
    if not address.startswith(("http://", "https://")):
        return Arrival(Verdict.STRAY, why="what was pasted is no address: copy all of the browser's address bar")
    base, _, query = address.partition("?")
    if base != expected.redirect_uri:
        return Arrival(Verdict.STRAY, why="it is not the address the provider was asked to come back to")
    return judge(f"{expected.path}?{query.partition('#')[0]}", expected)


def state_in(address: str) -> str:
    """Return the state an address carries, empty when it has none or more than one."""
    try:
        given = parse_qsl(urlsplit(address[:LONGEST]).query, max_num_fields=50)
    except ValueError:
        return ""
    states = [value for name, value in given if name == "state"]
    return states[0] if len(states) == 1 else ""


def state_hash(state: str) -> str:
    """Return what is kept of a state in the clear, to find its grant by."""
    from hashlib import sha256

    return sha256(b"wherry state\0" + state.encode("utf-8", "surrogateescape")).hexdigest()
