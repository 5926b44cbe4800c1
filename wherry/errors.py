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


class NameUnknown(WherryError):
    """No collection, version or topic has this name."""


class SettingsError(WherryError):
    """The settings file or a ``WHERRY_*`` variable does not say something usable."""


class NotInteractive(WherryError):
    """A question would be needed, and there is nobody to ask."""


class FileTrouble(WherryError):
    """A local file or folder could not be read or written."""
