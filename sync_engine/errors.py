"""What can go wrong inside the engine. The sentence a person reads is made in ``wherry/explain.py``."""

from __future__ import annotations

from collections.abc import Sequence


class EngineError(Exception):
    """Root of every error the engine raises on purpose."""


class LeaseLost(EngineError):
    """Another worker took the job over, or it is no longer leased: nothing was written."""

    def __init__(self, job: str, token: int) -> None:
        super().__init__(f"the lease on job {job} with token {token} is gone")
        self.job = job
        self.token = token


class JobUnknown(EngineError):
    """No job has this id."""

    def __init__(self, job: str) -> None:
        super().__init__(f"there is no job {job}")
        self.job = job


class JobAmbiguous(EngineError):
    """Several jobs' ids begin like this; *matches* are some of them."""

    def __init__(self, prefix: str, matches: Sequence[str]) -> None:
        super().__init__(f"{prefix} could be any of {', '.join(matches)}")
        self.prefix = prefix
        self.matches = tuple(matches)


class DatabaseError(EngineError):
    """The state database cannot be used. *database* is its address, without a password."""

    def __init__(self, database: str, detail: str = "") -> None:
        super().__init__(f"{database}: {detail}" if detail else database)
        self.database = database
        self.detail = detail


class DatabaseAddressInvalid(DatabaseError):
    """The address names no database this program can open."""


class DatabaseUnreachable(DatabaseError):
    """The database server does not answer or refuses us."""


class DatabaseBusy(DatabaseError):
    """Another process held a lock for too long; the same call may succeed later."""


class DatabaseCorrupt(DatabaseError):
    """The file is damaged, or is no database at all."""


class DatabaseNotWritable(DatabaseError):
    """The file or its folder cannot be written."""


class DatabaseFull(DatabaseError):
    """The disk is full."""


class SchemaTooNew(DatabaseError):
    """A newer version of this program has changed the database; *stored* and *known* are revisions."""

    def __init__(self, database: str, *, stored: str, known: str) -> None:
        super().__init__(database, f"schema {stored} is newer than {known}")
        self.stored = stored
        self.known = known


class JobBusy(EngineError):
    """Another process is working on the job; *owner* says which."""

    def __init__(self, job: str, owner: str) -> None:
        super().__init__(f"job {job} is held by {owner}")
        self.job = job
        self.owner = owner
