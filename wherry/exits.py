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
    AUDIT_BROKEN = 20
    AUDIT_TRUNCATED = 21
    AUDIT_SIGNATURE = 22
    INTERRUPTED = 130
    TERMINATED = 143


MEANINGS: dict[Exit, str] = {
    Exit.DONE: "done",
    Exit.UNEXPECTED: "something unexpected; the details are in the log",
    Exit.USAGE: "the command, a place or the settings cannot be understood",
    Exit.SOME_NOT_COPIED: "done, but some items could not be copied",
    Exit.DIFFERENCES: "verify found differences",
    Exit.TEMPORARY: "a passing fault; run again later",
    Exit.UNKNOWN_NAME: "no such job, account, collection or version",
    Exit.BUSY: "another run holds the job",
    Exit.ACCESS: "access is missing, refused or withdrawn",
    Exit.FULL: "the destination is full",
    Exit.SAFETY_STOP: "safety stop: too much would be deleted",
    Exit.AUDIT_BROKEN: "the audit log was changed: it breaks at a record",
    Exit.AUDIT_TRUNCATED: "the audit log is cut off, or something in it is missing",
    Exit.AUDIT_SIGNATURE: "the audit log is not signed with the given key",
    Exit.NOT_REVOKED: "done, but an access could not be ended yet; retried at the next start",
    Exit.INTERRUPTED: "stopped by you; nothing is lost, resume when you like",
    Exit.TERMINATED: "stopped by the system; nothing is lost, resume when you like",
}
"""One line per code, for ``wherry help exit-codes`` and the help of each command."""

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
