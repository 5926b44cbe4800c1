"""One error of each kind a connector may raise, sorted by who must act."""

from __future__ import annotations

from connectors.errors import (
    CollectionGone,
    ConfigError,
    Conflict,
    ConnectorBroken,
    ConnectorError,
    CursorExpired,
    DestinationFull,
    InDoubt,
    ItemRejected,
    NotTheService,
    ProviderForbids,
    ReadOnly,
    ReauthRequired,
    ScopeMissing,
    Throttled,
    TooMuchAtOnce,
    Transient,
    UnsafeAddress,
    Vanished,
)

LEAVES: dict[str, ConnectorError] = {
    "Transient": Transient("lost"),
    "Throttled": Throttled("wait", retry_after=3_600.0),
    "NotTheService": NotTheService("a login page"),
    "TooMuchAtOnce": TooMuchAtOnce("too much"),
    "InDoubt": InDoubt("perhaps"),
    "CursorExpired": CursorExpired("forgotten"),
    "Conflict": Conflict("in the way"),
    "ItemRejected": ItemRejected("refused", "by taste"),
    "Vanished": Vanished("gone"),
    "CollectionGone": CollectionGone("404"),
    "ReadOnly": ReadOnly("look only"),
    "ReauthRequired": ReauthRequired("401"),
    "ScopeMissing": ScopeMissing("calendar"),
    "DestinationFull": DestinationFull("507"),
    "ConfigError": ConfigError("no such server"),
    "UnsafeAddress": UnsafeAddress("http"),
    "ProviderForbids": ProviderForbids("403"),
    "ConnectorBroken": ConnectorBroken("a bug"),
}
PASSING = {"Transient", "Throttled", "NotTheService", "TooMuchAtOnce", "InDoubt"}
USER = {"ReauthRequired", "ScopeMissing", "DestinationFull", "ConfigError", "UnsafeAddress"}
OF_ONE_COLLECTION = {"ItemRejected", "CollectionGone", "ReadOnly"}
