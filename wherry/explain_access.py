"""What a person reads when access went wrong: the rows of ``oauth/errors.py``.

A part of the one table in ``wherry/explain.py``.
"""

from __future__ import annotations

from collections.abc import Mapping

from wherry.exits import Exit
from wherry.explanation import Explanation, row

_AGAIN = "Run the same command again in a while; what is done stays done."

ACCESS: Mapping[str, Explanation] = {
    # Secrets.
    "oauth.errors.UnsafeFile": row(
        "unsafe-file",
        Exit.ACCESS,
        "A file with secrets is open to others, and was not read",
        "Look who could have read it, take their rights away (chmod 600), and change the passwords in it.",
    ),
    "oauth.errors.StoreBusy": row("store-busy", Exit.TEMPORARY, "Another process holds the file with secrets", _AGAIN),
    "oauth.errors.NoSuchSecret": row(
        "no-secret",
        Exit.ACCESS,
        "The password of this account is not known",
        "Connect the account again: wherry connect",
    ),
    "oauth.errors.UnsafeOrigin": row(
        "unsafe-origin",
        Exit.USAGE,
        "The password would have to be sent where others can read it",
        "Use an https address, or --auth digest if the server offers it.",
    ),
    # Consent, and providers of it.
    "oauth.errors.Unreachable": row("provider-silent", Exit.TEMPORARY, "The provider did not answer", _AGAIN),
    "oauth.errors.BadAnswer": row(
        "provider-odd-answer",
        Exit.TEMPORARY,
        "The provider answered with something that makes no sense",
        "Often a guest network's login page, or a fault on its side: open a browser, sign in there, then run again.",
    ),
    "oauth.errors.ProviderRefused": row(
        "provider-refused",
        Exit.ACCESS,
        "The provider refused what this program asked",
        "Check client id, client secret and redirect address in the provider's console.",
    ),
    "oauth.errors.GrantDead": row(
        "access-ended", Exit.ACCESS, "The access you gave has ended", "Connect the account again: wherry connect."
    ),
    "oauth.errors.UnknownProvider": row(
        "unknown-provider",
        Exit.UNKNOWN_NAME,
        "No provider of this name is known",
        "See them with: wherry connect --help",
    ),
    "oauth.errors.UnknownScope": row(
        "unknown-scope", Exit.USAGE, "No scope of this name is known", "Scopes Wherry knows stand in oauth/scopes.json."
    ),
    "oauth.errors.ClientMissing": row(
        "client-missing",
        Exit.USAGE,
        "The provider wants to know which program asks, and no client id is set",
        "Register a client in the provider's console and give its id with --client-id.",
    ),
    "oauth.errors.UnsafeEndpoint": row(
        "unsafe-endpoint",
        Exit.USAGE,
        "An address of the provider is not safe to send secrets to",
        "Use its https address, without user name and fragment.",
    ),
    "oauth.errors.BadMetadata": row(
        "bad-metadata",
        Exit.USAGE,
        "What the server says about its logins cannot be used",
        "Check the issuer's address, or name the endpoints yourself.",
    ),
    "oauth.errors.PortTaken": row(
        "port-taken",
        Exit.USAGE,
        "Another program uses the port the browser's answer should come to",
        "End that program, or choose another port with --port; without one a free port is used.",
    ),
    "oauth.errors.WrongCallback": row(
        "wrong-callback",
        Exit.ACCESS,
        "What came back from the browser does not belong to what was asked",
        "Nothing was kept. Begin again with wherry connect, and use the address it prints within ten minutes.",
    ),
    "oauth.errors.ConsentRefused": row(
        "consent-refused",
        Exit.ACCESS,
        "Access was not given",
        "Nothing was kept. If that was a mistake, connect again and allow what the page lists.",
    ),
    "oauth.errors.ConsentTimedOut": row(
        "consent-timed-out",
        Exit.ACCESS,
        "No answer came from the browser",
        "Nothing was kept. Connect again; on a machine without a browser paste the address back: --no-browser.",
    ),
    "oauth.errors.ScopesDiffer": row(
        "scopes-differ",
        Exit.ACCESS,
        "Something else was allowed than was asked for",
        "It is being given back. Connect again and leave all boxes of the page ticked.",
    ),
    "oauth.errors.NoRefreshToken": row(
        "no-refresh-token",
        Exit.ACCESS,
        "The provider gave access for an hour only",
        "It is being given back. Remove Wherry in the provider's settings, then connect again.",
    ),
    "oauth.errors.LibraryMissing": row(
        "library-missing",
        Exit.USAGE,
        "What this provider needs is not installed",
        "Install it with the extra: pip install 'wherry[google]'",
    ),
    # The life of a grant.
    "oauth.errors.GrantUnknown": row(
        "no-such-grant", Exit.UNKNOWN_NAME, "There is no such access", "List what Wherry may see with: wherry accounts"
    ),
    "oauth.errors.GrantDying": row(
        "grant-dying",
        Exit.TEMPORARY,
        "Earlier access to this account is being ended",
        "That takes seconds, rarely minutes. Run the same command again then, and allow it anew.",
    ),
    "oauth.errors.GrantGone": row(
        "grant-gone",
        Exit.ACCESS,
        "The access to this account is over",
        "Connect the account again: wherry connect. What is copied stays copied.",
    ),
    "oauth.errors.GrantStateWrong": row(
        "grant-state",
        Exit.ACCESS,
        "This consent was used already, or came too late",
        "Begin again with: wherry connect",
    ),
    "oauth.errors.GrantLeaseLost": row(
        "grant-lease-lost",
        Exit.TEMPORARY,
        "Another process went on with this access meanwhile",
        "Nothing is lost. Run the same command again.",
    ),
    "oauth.errors.GrantBusy": row(
        "grant-busy",
        Exit.BUSY,
        "Another process has been renewing this access for too long",
        "Wait for it, or end it if it hangs; then run again.",
    ),
    "oauth.errors.HolderEndless": row(
        "holder-endless",
        Exit.USAGE,
        "A schedule without an end would keep its access for ever",
        "Say until when it is to run.",
    ),
    "oauth.errors.HolderOver": row(
        "holder-over",
        Exit.USAGE,
        "The job that needs this access has ended",
        "Start it again with: wherry resume",
    ),
}
"""Error type as ``module.Class`` -> explanation."""
