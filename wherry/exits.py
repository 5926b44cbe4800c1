"""Exit codes of the command: a promise to scripts."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """What the process answers. A code that is not listed here means failure."""

    DONE = 0
    UNEXPECTED = 1
    USAGE = 2
    SOME_NOT_COPIED = 3
    DIFFERENCES = 4
    TEMPORARY = 5
    UNKNOWN_NAME = 10
    BUSY = 11
    ACCESS = 12
    FULL = 13
    SAFETY_STOP = 14
    NOT_REVOKED = 16
    INTERRUPTED = 130
    TERMINATED = 143


MEANINGS: dict[Exit, str] = {
    Exit.DONE: "done",
    Exit.UNEXPECTED: "something unexpected; the details are in the log",
    Exit.USAGE: "the command, a place or the settings cannot be understood",
    Exit.SOME_NOT_COPIED: "done, but some items could not be copied, or not all of them",
    Exit.DIFFERENCES: "verify found differences",
    Exit.TEMPORARY: "a passing fault; run again later",
    Exit.UNKNOWN_NAME: "no such job, account, collection or version",
    Exit.BUSY: "another run holds the job",
    Exit.ACCESS: "access is missing, refused or withdrawn",
    Exit.FULL: "the destination is full",
    Exit.SAFETY_STOP: "safety stop: too much would be deleted",
    Exit.NOT_REVOKED: "done, but an access could not be ended yet; retried at the next start",
    Exit.INTERRUPTED: "stopped by you; nothing is lost, resume when you like",
    Exit.TERMINATED: "stopped by the system; nothing is lost, resume when you like",
}
"""One line per code, for ``wherry help exit-codes`` and the help of each command."""

VERIFIED: dict[int, str] = {
    0: "the log is as it was written",
    1: "the log or the key could not be read",
    2: "a record was changed, left out, put in or moved: the log breaks there",
    3: "the log is cut off, or a chain that was once signed is missing",
    4: "a signature is not of the given key, or of another store",
}
"""What ``wherry audit verify`` answers, and ``audit_verify.py`` alone: the same, so that a script may use either."""

OF_A_LOOK = (
    Exit.DONE,
    Exit.UNEXPECTED,
    Exit.USAGE,
    Exit.SOME_NOT_COPIED,
    Exit.TEMPORARY,
    Exit.UNKNOWN_NAME,
    Exit.ACCESS,
    Exit.FULL,
    Exit.SAFETY_STOP,
    Exit.NOT_REVOKED,
    Exit.INTERRUPTED,
)
"""What a command that says how a job stands may answer."""

OF_A_RUN = (
    Exit.DONE,
    Exit.USAGE,
    Exit.SOME_NOT_COPIED,
    Exit.TEMPORARY,
    Exit.UNKNOWN_NAME,
    Exit.BUSY,
    Exit.ACCESS,
    Exit.FULL,
    Exit.SAFETY_STOP,
    Exit.NOT_REVOKED,
    Exit.INTERRUPTED,
)
"""What a command that submits and runs a job may answer."""
