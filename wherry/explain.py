"""One table: what went wrong -> what a person reads, what they can do, and the exit code.

Rows are found by an error's type or by the short reason a job keeps in its record. The
rows name types by text: looking something up imports nothing that is not there already.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from wherry.exits import Exit
from wherry.explain_access import ACCESS
from wherry.explanation import Explanation
from wherry.explanation import row as _row
from wherry.showing import show

__all__ = ["REASONS", "TABLE", "UNEXPECTED", "Explanation", "explain", "explain_problem", "known", "reason_words"]

_AGAIN = "Run the same command again in a while; what is done stays done."

TABLE: Mapping[str, Explanation] = {
    # The place answered, or did not.
    "connectors.errors.Transient": _row("temporary", Exit.TEMPORARY, "The other side did not answer properly", _AGAIN),
    "connectors.errors.Throttled": _row("throttled", Exit.TEMPORARY, "The provider asks us to wait", _AGAIN),
    "connectors.errors.NotTheService": _row(
        "not-the-service",
        Exit.TEMPORARY,
        "Something else answered in place of the service",
        "Often a login page of a hotel or guest network: open a browser, sign in there, then run again. "
        "If there is none, check the address: wherry accounts.",
    ),
    "connectors.errors.UnsafeRedirect": _row(
        "unsafe-redirect",
        Exit.TEMPORARY,
        "The server sent us on to an address that is not safe; nobody was asked there",
        "Often a login page of a hotel or guest network: open a browser, sign in there, then run again.",
    ),
    "connectors.google.errors.PageLost": _row(
        "page-lost",
        Exit.TEMPORARY,
        "The provider lost its place in a list",
        "Run again: it is listed from the last checkpoint on.",
    ),
    "connectors.errors.TooMuchAtOnce": _row(
        "too-much-at-once", Exit.TEMPORARY, "The server could not answer a request of this size", _AGAIN
    ),
    "connectors.errors.InDoubt": _row(
        "in-doubt",
        Exit.TEMPORARY,
        "The connection broke while something was being written",
        "Run again: what stands there is looked at first, so nothing is written twice.",
    ),
    "connectors.errors.CursorExpired": _row(
        "cursor-expired",
        Exit.TEMPORARY,
        "The server forgot where we were",
        "Run again: the collection is listed anew, and only what differs is copied.",
    ),
    # One item, or one collection.
    "connectors.errors.Conflict": _row(
        "conflict",
        Exit.SOME_NOT_COPIED,
        "Something else stands where the copy should be",
        "It was left alone. Look at both; rename or remove one, then run again.",
    ),
    "connectors.errors.ItemRejected": _row(
        "rejected",
        Exit.SOME_NOT_COPIED,
        "An item was refused",
        "Everything else goes on; `wherry report` names the item and the reason.",
    ),
    "connectors.errors.Vanished": _row(
        "vanished",
        Exit.SOME_NOT_COPIED,
        "An item disappeared while it was copied",
        "Run again to see how it stands now.",
    ),
    "connectors.errors.CollectionGone": _row(
        "collection-gone",
        Exit.SOME_NOT_COPIED,
        "A whole collection is not there any more",
        "Its copy was left alone. If it really was deleted, the next run confirms that.",
    ),
    "connectors.errors.ReadOnly": _row(
        "read-only",
        Exit.ACCESS,
        "The place can be read but not written",
        "Ask its owner for the right to write, or choose another destination.",
    ),
    # The user has to act.
    "connectors.errors.ReauthRequired": _row(
        "access-refused",
        Exit.ACCESS,
        "The user name or password was refused",
        "Connect the account again: wherry connect. Many providers want an app password, not your usual one.",
    ),
    "connectors.errors.AccessGone": _row(
        "access-gone",
        Exit.ACCESS,
        "Access to the account is missing: it has ended, or was never given",
        "Give it again: wherry connect.",
    ),
    "connectors.errors.ScopeMissing": _row(
        "scope-missing",
        Exit.ACCESS,
        "The access you gave does not cover this",
        "Connect the account again and allow what this job needs.",
    ),
    "connectors.errors.DestinationFull": _row(
        "destination-full",
        Exit.FULL,
        "The destination is full",
        "Make room there, then resume: what is copied stays copied.",
    ),
    "connectors.errors.ConfigError": _row(
        "configuration",
        Exit.USAGE,
        "The place is not set up in a way that can work",
        "Check its address: wherry accounts.",
    ),
    "connectors.errors.UnsafeAddress": _row(
        "unsafe-address",
        Exit.USAGE,
        "The address is not safe to send a password to",
        "Use an https address. For a server in your own network connect with --allow-private.",
    ),
    "connectors.errors.ProviderForbids": _row(
        "provider-forbids",
        Exit.ACCESS,
        "The provider does not let this program in",
        "Look in the provider's settings whether access by apps is switched off.",
    ),
    "connectors.errors.ConnectorBroken": _row(
        "connector-bug",
        Exit.UNEXPECTED,
        "The connector made a mistake",
        "Nothing is lost. Please report it with the log file; run again after an update.",
    ),
    # The engine, and its database.
    "sync_engine.errors.JobUnknown": _row(
        "no-such-job", Exit.UNKNOWN_NAME, "There is no such job", "List them with: wherry jobs"
    ),
    "sync_engine.errors.JobAmbiguous": _row(
        "ambiguous-job", Exit.UNKNOWN_NAME, "Several jobs begin like this", "Write more of the job's id."
    ),
    "sync_engine.errors.JobBusy": _row(
        "busy", Exit.BUSY, "Another run holds this job", "Watch it with: wherry watch; or wait until it ends."
    ),
    "MassDeletion": _row(
        "mass-deletion",
        Exit.SAFETY_STOP,
        "Safety stop: unusually many items would be deleted from the copy",
        "Look at the source first. If they really are to go: wherry resume JOB --allow-deletions",
    ),
    "sync_engine.errors.LeaseLost": _row(
        "lease-lost",
        Exit.BUSY,
        "Another process took this job over",
        "It goes on there: wherry watch. Nothing was written twice.",
    ),
    "sync_engine.errors.DatabaseAddressInvalid": _row(
        "database-address",
        Exit.USAGE,
        "The address of the state database names none we can open",
        "Write sqlite:////path or postgresql+psycopg://... in WHERRY_DATABASE or the settings.",
    ),
    "sync_engine.errors.DatabaseUnreachable": _row(
        "database-unreachable", Exit.TEMPORARY, "The state database does not answer", "Start it, then run again."
    ),
    "sync_engine.errors.DatabaseBusy": _row(
        "database-busy", Exit.TEMPORARY, "Another process holds the state database", _AGAIN
    ),
    "sync_engine.errors.DatabaseCorrupt": _row(
        "database-damaged",
        Exit.UNEXPECTED,
        "The state database is damaged",
        "Your copies are safe. Move the file away: the next run makes a new one and compares instead of copying again.",
    ),
    "sync_engine.errors.DatabaseNotWritable": _row(
        "database-not-writable",
        Exit.UNEXPECTED,
        "The state database cannot be written",
        "Check who owns the file and its folder: wherry doctor.",
    ),
    "sync_engine.errors.DatabaseFull": _row(
        "disk-full", Exit.FULL, "The disk with the state database is full", "Make room, then run again."
    ),
    "sync_engine.errors.SchemaTooNew": _row(
        "database-too-new",
        Exit.USAGE,
        "A newer wherry has changed the state database",
        "Install that version again, or a newer one.",
    ),
    **ACCESS,
    # The audit log.
    "oauth.errors.BadSigningKey": _row(
        "bad-signing-key",
        Exit.ACCESS,
        "The key that signs the audit log cannot be read",
        "Put the file back from a backup. If it is lost, move it away: a new key is made, and the new signatures are "
        "of the new key. Hand its public half out again.",
    ),
    "oauth.errors.BadRecord": _row(
        "bad-record",
        Exit.UNEXPECTED,
        "Something that does not belong there was to be written into the audit log",
        "Nothing was written. Please report it with the log file.",
    ),
    # The vault and its key.
    "oauth.errors.NotKept": _row(
        "not-kept",
        Exit.UNEXPECTED,
        "A file with secrets could not be written",
        "Make room, or look who owns its folder; what was there before is still there.",
    ),
    "oauth.errors.KeyMissing": _row(
        "key-missing",
        Exit.ACCESS,
        "The key that opens the kept secrets is not there",
        "Put it back where it was (keyring, key file or WHERRY_VAULT_KEY). If it is lost: end the access at each "
        "provider yourself, then connect the accounts again.",
    ),
    "oauth.errors.WrongKey": _row(
        "wrong-key",
        Exit.ACCESS,
        "A kept secret was changed or exchanged for another, and was not used",
        "Somebody may have written to the state database. Look into that, then connect the account again.",
    ),
    "oauth.errors.BadVault": _row(
        "bad-vault",
        Exit.ACCESS,
        "A kept secret or the key file cannot be read",
        "Put the file back from a copy. A newer wherry may have written it: then use that version.",
    ),
    "oauth.errors.KeyFixed": _row(
        "key-fixed",
        Exit.USAGE,
        "The vault's key can only be changed where it comes from",
        "WHERRY_VAULT_KEY: put the new key in front of the old one, with a comma between them, and run again.",
    ),
    "oauth.errors.KeyringShut": _row(
        "keyring-shut",
        Exit.ACCESS,
        "The system's keyring holds the vault's key and does not hand it out",
        "Unlock it, then run the same command again.",
    ),
    "oauth.errors.KeyServiceUnusable": _row(
        "key-service",
        Exit.USAGE,
        "The service that should keep the vault's key cannot be used",
        "Install its package beside wherry, or correct its name.",
    ),
    # Formats.
    "mappings.errors.TooLarge": _row(
        "too-large", Exit.SOME_NOT_COPIED, "An item is too large", "It stays as it is; everything else goes on."
    ),
    "mappings.errors.TooDeep": _row(
        "too-deep", Exit.SOME_NOT_COPIED, "An item is nested too deeply", "It stays as it is; everything else goes on."
    ),
    "mappings.errors.Unwritable": _row(
        "unwritable", Exit.SOME_NOT_COPIED, "An item cannot be written in this format", "It is left out and named."
    ),
    "mappings.errors.CarrierTooLarge": _row(
        "carrier-too-large",
        Exit.SOME_NOT_COPIED,
        "A value without a place in the other format is too large to be carried along",
        "Everything else of the item was written; the loss report names the value.",
    ),
    "mappings.errors.Malformed": _row(
        "malformed",
        Exit.SOME_NOT_COPIED,
        "An item is not complete",
        "It is left out and named; repair it at its source.",
    ),
    "mappings.errors.UnknownZone": _row(
        "unknown-zone",
        Exit.SOME_NOT_COPIED,
        "A time zone is none of the IANA database",
        "The item is left out and named; correct the zone at its source.",
    ),
    "mappings.errors.BadTime": _row(
        "bad-time",
        Exit.SOME_NOT_COPIED,
        "A date, time or duration cannot be read",
        "The item is left out and named; correct it at its source.",
    ),
    "mappings.errors.EditRefused": _row(
        "edit-refused",
        Exit.SOME_NOT_COPIED,
        "The change is not yours to make there",
        "The event belongs to somebody else, or the provider fixed this part of it; the other fields are not touched.",
    ),
    "mappings.errors.UnknownType": _row(
        "unknown-type", Exit.SOME_NOT_COPIED, "A file is neither a calendar nor a card", "It is left out and named."
    ),
    # The application's own.
    "wherry.errors.PlaceError": _row(
        "place",
        Exit.USAGE,
        "This place cannot be understood",
        "A place is kind:account, such as dav:home, or a folder.",
    ),
    "wherry.errors.AccountUnknown": _row(
        "no-such-account", Exit.UNKNOWN_NAME, "There is no such account", "List them with: wherry accounts"
    ),
    "wherry.errors.AccessMissing": _row(
        "access-missing", Exit.ACCESS, "The access was not given, or has ended", "Connect the account: wherry connect."
    ),
    "wherry.errors.AccessEnding": _row(
        "access-ending",
        Exit.ACCESS,
        "The access is being ended; nothing new begins with it",
        "Wait until wherry accounts shows it no more, then: wherry connect.",
    ),
    "wherry.errors.NotAgreed": _row(
        "not-agreed", Exit.ACCESS, "Nothing was done", "Type yes when you agree; nothing was changed."
    ),
    "wherry.errors.NameUnknown": _row(
        "no-such-name", Exit.UNKNOWN_NAME, "There is nothing of this name", "Check how it is written."
    ),
    "wherry.errors.SettingsError": _row(
        "settings", Exit.USAGE, "The settings cannot be used", "Repair the file, or connect the account again."
    ),
    "wherry.errors.NotInteractive": _row(
        "nobody-to-ask",
        Exit.USAGE,
        "A question is needed, and nobody is there to answer",
        "Give the password with --password-file FILE or in WHERRY_PASSWORD.",
    ),
    "wherry.errors.FileTrouble": _row(
        "local-file",
        Exit.UNEXPECTED,
        "A local file could not be read or written",
        "Check the folder and its permissions.",
    ),
}
"""Error type as ``module.Class`` -> explanation. Every leaf has its row; a test looks.

``MassDeletion`` is no error type: it is a state a job ends in, and explained like one.
"""

REASONS: Mapping[str, Explanation] = {row.reason: row for row in TABLE.values()}
"""The same rows by reason: what a job in the database keeps of its problem."""

UNEXPECTED = _row(
    "unexpected",
    Exit.UNEXPECTED,
    "Something unexpected happened",
    "What is copied is safe. The details are in the log; run again, and report it if it happens twice.",
)


def explain(error: BaseException) -> Explanation:
    """Return the row of *error*'s type or of its nearest ancestor; with the error's own hint where it has one."""
    for ancestor in type(error).__mro__:
        row = TABLE.get(f"{ancestor.__module__}.{ancestor.__qualname__}")
        if row is not None:
            hint = getattr(error, "hint", "")
            return replace(row, what_to_do=hint) if hint else row
    return UNEXPECTED


def explain_problem(problem: Mapping[str, str]) -> Explanation:
    """Return the row of the problem a job keeps: by the name of the *error*, else by its *reason*."""
    row = TABLE.get(f"connectors.errors.{problem.get('error', '')}")
    return row or REASONS.get(problem.get("reason", ""), UNEXPECTED)


def reason_words(reason: str) -> str:
    """Return a reason as a person reads it; a word we do not know is shown as it is."""
    row = REASONS.get(reason)
    return row.title[0].lower() + row.title[1:] if row else show(reason.replace("-", " ").replace("_", " "))


def known(error: BaseException) -> bool:
    """Whether *error* was foreseen, so that its text may be shown and no trace is needed."""
    return explain(error).reason != UNEXPECTED.reason
