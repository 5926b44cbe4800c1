"""Which method is answered by what. Only reading is stood in for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulators.google.gmail import history_api, labels_api, messages_api
from simulators.google.gmail.refusing import denied, disabled
from simulators.google.mail.preferences import KEYS
from simulators.google.parameters import text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from simulators.google.calling import Call
    from simulators.google.discovery import Json

SETTINGS = "gmail.users.settings."
ANSWERS: Mapping[str, Callable[[Call], Json]] = {
    "gmail.users.getProfile": labels_api.profile,
    "gmail.users.labels.list": labels_api.list_,
    "gmail.users.labels.get": labels_api.get,
    "gmail.users.messages.list": messages_api.list_,
    "gmail.users.messages.get": messages_api.get,
    "gmail.users.messages.attachments.get": messages_api.attachment,
    "gmail.users.threads.list": messages_api.threads,
    "gmail.users.threads.get": messages_api.thread,
    "gmail.users.drafts.list": messages_api.drafts,
    "gmail.users.drafts.get": messages_api.draft,
    "gmail.users.history.list": history_api.list_,
    **{
        f"{SETTINGS}{name}": labels_api.setting
        for name in ("getImap", "getPop", "getLanguage", "getVacation", "getAutoForwarding")
    },
    **{f"{SETTINGS}{name}.list": labels_api.entries for name in KEYS},
    **{f"{SETTINGS}{name}.get": labels_api.entry for name in KEYS},
}


def _own(answer: Callable[[Call], Json]) -> Callable[[Call], Json]:
    """Let users see their own mail only, and those without Gmail none."""

    def answered(call: Call) -> Json:
        box = call.account.mail
        if text(call.said, "userId").casefold() not in {"me", box.user.casefold()}:
            raise denied(box.user)
        if box.habits.disabled:
            raise disabled()
        return answer(call)

    return answered


HANDLERS: Mapping[str, Callable[[Call], Json]] = {name: _own(answer) for name, answer in ANSWERS.items()}
