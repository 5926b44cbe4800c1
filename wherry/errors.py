"""What can go wrong in the application itself, before or beside a connector."""

from __future__ import annotations


class WherryError(Exception):
    """Root of the application's own errors. *hint* is one more sentence of advice, or empty."""

    def __init__(self, detail: str = "", *, hint: str = "") -> None:
        super().__init__(detail)
        self.detail = detail
        self.hint = hint


class PlaceError(WherryError):
    """A place that cannot be understood: unknown kind, no such form."""


class AccountUnknown(WherryError):
    """A place names an account nobody connected."""


class AccessMissing(WherryError):
    """An account is known, but nobody gave access to it, or the access has ended."""


class AccessEnding(WherryError):
    """The access to an account is just being ended: a job cannot take it up again."""


class NotAgreed(WherryError):
    """The person did not agree to what would have been asked for."""


class NameUnknown(WherryError):
    """No collection, version or topic has this name."""


class SettingsError(WherryError):
    """The settings file or a ``WHERRY_*`` variable does not say something usable."""


class NotInteractive(WherryError):
    """A question would be needed, and there is nobody to ask."""


class FileTrouble(WherryError):
    """A local file or folder could not be read or written."""
