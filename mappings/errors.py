"""What can go wrong between formats. Each leaf carries data, never a piece of the object."""

from __future__ import annotations


class MappingError(Exception):
    """Root of every error of this package."""


class TooLarge(MappingError):
    """An object, a line or the number of lines is over its limit (*what*: ``bytes``, ``line``, ``lines``)."""

    def __init__(self, what: str, limit: int) -> None:
        super().__init__(f"more {what} than {limit}")
        self.what = what
        self.limit = limit


class TooDeep(MappingError):
    """Components are nested deeper than *limit*."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"nested deeper than {limit}")
        self.limit = limit


class Unwritable(MappingError):
    """A line cannot be written as asked: it would break out of its place (*what*: ``name``, ``value`` …)."""

    def __init__(self, what: str) -> None:
        super().__init__(f"the {what} cannot be written on a content line")
        self.what = what


class CarrierTooLarge(MappingError):
    """A value's JSON text of *size* octets is over what one carrier line may hold (*limit*)."""

    def __init__(self, size: int, limit: int) -> None:
        super().__init__(f"a value of {size} octets is over the {limit} a carrier line holds")
        self.size = size
        self.limit = limit


class Malformed(MappingError):
    """An object is not complete, so it cannot become part of another (*problem*: a code of ``inspect``)."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


class UnknownType(MappingError):
    """The media type is neither a calendar nor a card."""

    def __init__(self, media_type: str) -> None:
        super().__init__(media_type)
        self.media_type = media_type


class UnknownZone(MappingError):
    """A name asked for is none of the IANA time zone database."""


class BadTime(MappingError):
    """A time is none (*what*: ``date``, ``duration``), lies outside the calendar (``range``), or in no ``zone``."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class EditRefused(MappingError):
    """A provider does not take a change, or it is not the user's to make (*reason*: a stable word; *fields*)."""

    def __init__(self, reason: str, fields: tuple[str, ...]) -> None:
        super().__init__(f"{reason}: {', '.join(fields)}")
        self.reason = reason
        self.fields = fields
