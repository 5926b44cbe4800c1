"""What each scope allows, how sensitive it is, and what would be less: the registry, read from ``scopes.json``.

A scope that is not here is not asked for. ``class_confidence`` says how sure a class is;
only ``official`` was read on a page of the provider itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, Final

from oauth.errors import UnknownScope


@dataclass(frozen=True, slots=True)
class Scope:
    """One scope. *narrower* are less far-reaching ones, in words where they show less as well.

    *scope_class* is the provider's own (Google: ``restricted``, ``sensitive``,
    ``non-sensitive``); *access* what may be done, *reach* with how much of the account.
    *breadth* counts the methods of the provider it opens, where that is known.
    """

    id: str
    short: str
    provider: str
    api: str
    scope_class: str
    class_confidence: str
    description: str
    allows: str
    access: str
    reach: str
    narrower: tuple[str, ...]
    product_use: str
    source: str
    breadth: int | None = None
    note: str = ""
    revocation: str = ""

    @property
    def restricted(self) -> bool:
        """Say whether Google reviews its use with a security assessment."""
        return self.scope_class == "restricted"

    @property
    def used(self) -> bool:
        """Say whether Wherry ever asks for it."""
        return not self.product_use.startswith("never")


@dataclass(frozen=True, slots=True)
class JobMinimum:
    """The least a kind of job can do with: the *methods* it calls and the ids of the *scopes* that open them."""

    job: str
    provider: str
    methods: tuple[str, ...]
    scopes: tuple[str, ...]


_SAME: Final[Mapping[str, str]] = MappingProxyType(
    {
        "https://www.googleapis.com/auth/userinfo.email": "email",
        "https://www.googleapis.com/auth/userinfo.profile": "profile",
    }
)
"""Google grants ``email`` under its long name, and ``profile`` likewise."""


def canonical(scope: str) -> str:
    """Return the one spelling in which scopes are compared."""
    return _SAME.get(scope, scope)


def difference(asked: Iterable[str], granted: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the scopes missing from *granted* and those it has too many, each sorted."""
    wanted, got = {canonical(each) for each in asked}, {canonical(each) for each in granted}
    return tuple(sorted(wanted - got)), tuple(sorted(got - wanted))


def scopes(provider: str | None = None) -> tuple[Scope, ...]:
    """Return all scopes, or those of *provider*, in the order of the file."""
    return tuple(each for each in _registry().values() if provider in {None, each.provider})


def scope(name: str, *, provider: str | None = None) -> Scope:
    """Return the scope with the id or short name *name*. Raises ``UnknownScope``.

    Short names can mean one scope at one provider and another elsewhere: then the
    first provider of the file is meant unless *provider* says otherwise.
    """
    for each in scopes(provider):
        if name in {each.id, each.short}:
            return each
    raise UnknownScope(name)


def job_minimum(job: str) -> JobMinimum:
    """Return the least that *job*, such as ``google.contacts.import``, can do with. Raises ``UnknownScope``."""
    try:
        return _minimums()[job]
    except KeyError:
        raise UnknownScope(job) from None


def job_minimums() -> tuple[JobMinimum, ...]:
    """Return the minimum of every kind of job that was looked at."""
    return tuple(_minimums().values())


@cache
def _file() -> dict[str, Any]:
    import json
    from importlib.resources import files

    found: dict[str, Any] = json.loads(files("oauth").joinpath("scopes.json").read_text("utf-8"))
    return found


@cache
def _registry() -> Mapping[tuple[str, str], Scope]:
    return MappingProxyType({(row["provider"], row["id"]): _scope(row) for row in _file()["scopes"]})


@cache
def _minimums() -> Mapping[str, JobMinimum]:
    return MappingProxyType({job: _minimum(job, row) for job, row in _file()["job_minimums"].items()})


def _scope(row: Mapping[str, Any]) -> Scope:
    return Scope(
        scope_class=row["class"],
        narrower=tuple(row["narrower_alternatives"]),
        breadth=row.get("discovery_methods_authorised", row.get("sdk_routes")),
        note=row.get("note", ""),
        revocation=row.get("revocation", ""),
        **{
            name: row[name]
            for name in (
                *("id", "short", "provider", "api", "class_confidence", "description", "allows"),
                *("access", "reach", "product_use", "source"),
            )
        },
    )


def _minimum(job: str, row: Mapping[str, Any]) -> JobMinimum:
    provider = job.partition(".")[0]
    ids = tuple(scope(name, provider=provider).id for name in row["scopes"])
    return JobMinimum(job, provider, tuple(row["methods"]), ids)
