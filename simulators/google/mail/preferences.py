"""The settings of a mailbox, as settings.* tells them: every field of the document's schemas occurs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from simulators.google.discovery import Json

KEYS = {
    "filters": "id",
    "forwardingAddresses": "forwardingEmail",
    "sendAs": "sendAsEmail",
    "delegates": "delegateEmail",
}
"""The lists, and the field by which one entry is asked for."""


def preferences(user: str, labels: Sequence[str]) -> dict[str, Json | list[Json]]:
    """Return the settings of *user*: objects, and lists of ``KEYS``. *labels* are the ids a filter may use."""
    other = "other@example.net"
    return {
        "getImap": {"enabled": True, "autoExpunge": True, "expungeBehavior": "archive", "maxFolderSize": 0},
        "getPop": {"accessWindow": "fromNowOn", "disposition": "leaveInInbox"},
        "getLanguage": {"displayLanguage": "de"},
        "getVacation": {
            "enableAutoReply": True,
            "responseSubject": "Ferien 🏖",
            "responseBodyPlainText": "Back soon,\r\nÀ bientôt",
            "responseBodyHtml": '<div dir="ltr">Back soon,<br>À bientôt &amp; <b>bye</b></div>',
            "restrictToContacts": True,
            "restrictToDomain": False,
            "startTime": "1790000000000",
            "endTime": "1790600000000",
        },
        "getAutoForwarding": {"enabled": True, "emailAddress": other, "disposition": "markRead"},
        "filters": _filters(labels, other),
        "forwardingAddresses": [
            {"forwardingEmail": other, "verificationStatus": "accepted"},
            {"forwardingEmail": "late@example.net", "verificationStatus": "pending"},
        ],
        "sendAs": [
            {
                "sendAsEmail": user,
                "displayName": "Ana Ünïcödé",
                "replyToAddress": "",
                "signature": "<div>-- <br>Ana &lt;3</div>",
                "isPrimary": True,
                "isDefault": True,
            },
            {
                "sendAsEmail": "sales@example.com",
                "displayName": 'Sales, "Ltd"',
                "replyToAddress": "reply@example.com",
                "signature": "",
                "treatAsAlias": True,
                "smtpMsa": {"host": "smtp.example.com", "port": 587, "securityMode": "starttls"},
                "verificationStatus": "accepted",
            },
        ],
        "delegates": [
            {"delegateEmail": "assistant@example.org", "verificationStatus": "accepted"},
            {"delegateEmail": "asked@example.org", "verificationStatus": "pending"},
        ],
    }


def _filters(labels: Sequence[str], other: str) -> list[Json]:
    own = [each for each in labels if each.startswith("Label_")]
    added = own[:1] or ["STARRED"]
    return [
        {
            "id": "ANe1BmjFirst",
            "criteria": {"from": "list@example.org", "subject": 'weekly "news"', "hasAttachment": True},
            "action": {"addLabelIds": added, "removeLabelIds": ["INBOX", "UNREAD"]},
        },
        {
            "id": "ANe1BmjSecond",
            "criteria": {
                "to": "ana+shop@",
                "query": "larger:5M OR {from:(shop)}",
                "negatedQuery": "invoice",
                "size": 5_000_000,
                "sizeComparison": "larger",
                "excludeChats": True,
            },
            "action": {"addLabelIds": ["TRASH"], "forward": other},
        },
    ]
