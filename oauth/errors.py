"""What can go wrong with secrets and grants. Each leaf carries data, never a secret."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class OAuthError(Exception):
    """Root of every error of this package."""


class UnsafeFile(OAuthError):
    """A file or folder with secrets is open to others, or is not what it should be; it is not read."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path}: {why}")
        self.path, self.why = path, why


class StoreBusy(OAuthError):
    """Another process holds the lock of the file with secrets."""

    def __init__(self, path: Path, seconds: float) -> None:
        super().__init__(f"{path}: still locked after {seconds:g} s")
        self.path, self.seconds = path, seconds


class NoSuchSecret(OAuthError):
    """No secret is kept under this name."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class UnsafeOrigin(OAuthError):
    """A credential would have to be sent where others can read it."""

    def __init__(self, origin: str) -> None:
        super().__init__(origin)
        self.origin = origin


class Unreachable(OAuthError):
    """A provider gave no answer: no address, no connection, or none in time."""

    def __init__(self, origin: str, why: str) -> None:
        super().__init__(f"{origin}: {why}")
        self.origin, self.why = origin, why


class BadAnswer(OAuthError):
    """A provider answered with something that is no answer: a page, nothing, too much, half a document."""

    def __init__(self, origin: str, why: str) -> None:
        super().__init__(f"{origin}: {why}")
        self.origin, self.why = origin, why


class ProviderRefused(OAuthError):
    """A provider refused a request of ours; *code* is the word of RFC 6749 5.2, never its free text."""

    def __init__(self, origin: str, code: str) -> None:
        super().__init__(f"{origin}: {code}")
        self.origin, self.code = origin, code


class GrantDead(OAuthError):
    """The provider says that this grant is no more; *code* is its word for it."""

    def __init__(self, provider: str, code: str = "invalid_grant") -> None:
        super().__init__(f"{provider}: {code}")
        self.provider, self.code = provider, code


class UnknownProvider(OAuthError):
    """No provider of this name is known. *known* are those that are."""

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        super().__init__(f"{name!r} is none of {', '.join(known)}")
        self.name, self.known = name, known


class UnknownScope(OAuthError):
    """A scope is not in the registry."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class ClientMissing(OAuthError):
    """The provider wants to know which program asks, and no client id is configured."""

    def __init__(self, provider: str) -> None:
        super().__init__(f"{provider}: no client id")
        self.provider = provider


class UnsafeEndpoint(OAuthError):
    """An address of a provider is not one a secret may be sent to."""

    def __init__(self, what: str, why: str) -> None:
        super().__init__(f"{what}: {why}")
        self.what, self.why = what, why


class BadMetadata(OAuthError):
    """A server's description of itself cannot be used, or is that of another server."""

    def __init__(self, issuer: str, why: str) -> None:
        super().__init__(f"{issuer}: {why}")
        self.issuer, self.why = issuer, why


class PortTaken(OAuthError):
    """The port the answer should come to is used by another program."""

    def __init__(self, port: int) -> None:
        super().__init__(f"127.0.0.1:{port}")
        self.port = port


class WrongCallback(OAuthError):
    """What came back from the browser does not belong to what was asked; *why* holds nothing of it."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class ConsentRefused(OAuthError):
    """The person, or the provider in their place, said no; *code* is the word of RFC 6749 4.1.2.1."""

    def __init__(self, provider: str, code: str) -> None:
        super().__init__(f"{provider}: {code}")
        self.provider, self.code = provider, code


class ConsentTimedOut(OAuthError):
    """No answer came from the browser in time: it was closed, or the person went away."""

    def __init__(self, provider: str, seconds: float) -> None:
        super().__init__(f"{provider}: nothing after {seconds:g} s")
        self.provider, self.seconds = provider, seconds


class ScopesDiffer(OAuthError):
    """Other scopes were granted than asked for. The grant was kept just long enough to be given back."""

    def __init__(self, provider: str, *, missing: tuple[str, ...] = (), extra: tuple[str, ...] = ()) -> None:
        parts = [f"missing {', '.join(missing)}"] * bool(missing) + [f"too many {', '.join(extra)}"] * bool(extra)
        super().__init__(f"{provider}: {'; '.join(parts)}")
        self.provider, self.missing, self.extra = provider, missing, extra


class NoRefreshToken(OAuthError):
    """Access for longer than one token lives was asked for, and the provider gave no refresh token."""

    def __init__(self, provider: str) -> None:
        super().__init__(provider)
        self.provider = provider


class LibraryMissing(OAuthError):
    """What this provider needs is not installed; *extra* brings it."""

    def __init__(self, extra: str) -> None:
        super().__init__(f"wherry[{extra}]")
        self.extra = extra


class BadRecord(OAuthError):
    """Something outside the closed schema was to be written into the audit log; *field* says where."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(f"{field}: {why}")
        self.field, self.why = field, why


class GrantError(OAuthError):
    """Root of what goes wrong with one grant; *grant* is its id."""

    def __init__(self, grant: str, words: str) -> None:
        super().__init__(f"grant {grant}: {words}")
        self.grant = grant


class GrantUnknown(GrantError):
    """No grant has this id."""

    def __init__(self, grant: str) -> None:
        super().__init__(grant, "unknown")


class GrantDying(GrantError):
    """The grant is being ended: nobody may hold it any more. Wait, then ask for a fresh consent."""

    def __init__(self, grant: str) -> None:
        super().__init__(grant, "being ended")


class GrantGone(GrantError):
    """The grant is over (*state*): a fresh consent is needed."""

    def __init__(self, grant: str, state: str) -> None:
        super().__init__(grant, f"is {state}")
        self.state = state


class GrantStateWrong(GrantError):
    """The grant's *state* does not allow the step *wanted*: a replayed callback, or a bug."""

    def __init__(self, grant: str, state: str, wanted: str) -> None:
        super().__init__(grant, f"is {state}, cannot become {wanted}")
        self.state, self.wanted = state, wanted


class GrantLeaseLost(GrantError):
    """Another process took over the work on this grant: nothing was written."""

    def __init__(self, grant: str, token: int) -> None:
        super().__init__(grant, f"the lease with token {token} is gone")
        self.token = token


class GrantBusy(GrantError):
    """Another process works on this grant for longer than *seconds*."""

    def __init__(self, grant: str, seconds: float) -> None:
        super().__init__(grant, f"still leased after {seconds:g} s")
        self.seconds = seconds


class HolderEndless(OAuthError):
    """A schedule without an end date would keep its access for ever."""

    def __init__(self, ref: str) -> None:
        super().__init__(ref)
        self.ref = ref


class HolderOver(OAuthError):
    """The job that is to hold a grant has ended, or does not exist."""

    def __init__(self, ref: str) -> None:
        super().__init__(ref)
        self.ref = ref


class NotKept(OAuthError):
    """A private file or its folder could not be written: no right to, no room, a read-only disk."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path}: {why}")
        self.path, self.why = path, why


class KeyMissing(OAuthError):
    """A key that sealed secrets is not where keys are kept. *key_id* is empty when there is none at all."""

    def __init__(self, key_id: str, where: str) -> None:
        super().__init__(f"key {key_id or 'of the vault'} is not in {where}")
        self.key_id, self.where = key_id, where


class WrongKey(OAuthError):
    """A sealed secret does not open: changed, or put in the place of another. *what* names its place."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class BadVault(OAuthError):
    """A sealed secret, or a document of keys, has a form that cannot be read."""

    def __init__(self, what: str | Path, why: str) -> None:
        super().__init__(f"{what}: {why}")
        self.what, self.why = what, why


class KeyFixed(OAuthError):
    """The vault's key comes from *where*, and only there can it be changed."""

    def __init__(self, where: str) -> None:
        super().__init__(where)
        self.where = where


class KeyringShut(OAuthError):
    """The system's keyring holds the vault's key and does not hand it out."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class KeyServiceUnusable(OAuthError):
    """The service named to keep the vault's key is not installed, or is no such service."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"{name!r}: {why}")
        self.name, self.why = name, why


class BadSigningKey(OAuthError):
    """The file with the key that signs the audit log is damaged, or holds something else."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path}: {why}")
        self.path, self.why = path, why
