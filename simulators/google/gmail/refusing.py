"""The refusals Gmail has of its own, in its words."""

from __future__ import annotations

from simulators.google.refusals import Refusal


def invalid(words: str) -> Refusal:
    """Return the 400 for a value that is wrong (dacastro4/laravel-gmail#121, GAM-team/GAM#365)."""
    return Refusal(400, words, "invalidArgument")


def missing() -> Refusal:
    """Return the 404: words as measured in brekkylab/backlot#39, and for history in LogicLabs-OU/OpenArchiver#443."""
    return Refusal(404, "Requested entity was not found.", "notFound")


def no_q() -> Refusal:
    """Return the 403 for a search with gmail.metadata, also an empty one, also beside another scope.

    dacastro4/laravel-gmail#50, googleapis/google-api-python-client#582, bytechefhq/bytechef#5394.
    """
    return Refusal(403, "Metadata scope does not support 'q' parameter", "forbidden")


def no_format(said: str) -> Refusal:
    """Return the 403 for ``full`` or ``raw`` with gmail.metadata (dacastro4/laravel-gmail#90)."""
    return Refusal(403, f"Metadata scope doesn't allow format {said.upper()}", "forbidden")


def denied(user: str) -> Refusal:
    """Return the 403 for somebody else's mail (googleworkspace/python-samples#80)."""
    return Refusal(403, f"Delegation denied for {user}", "forbidden")


def for_administrators() -> Refusal:
    """Return the 403 of methods for service accounts with domain-wide authority. The words are a guess."""
    words = "Access restricted to service accounts that have been delegated domain-wide authority"
    return Refusal(403, words, "forbidden")


def disabled() -> Refusal:
    """Return the 400 of an account without Gmail (WPManageNinja/fluent-smtp#152)."""
    return Refusal(400, "Mail service not enabled", "failedPrecondition", rpc="FAILED_PRECONDITION")
