"""gmail.users.history.list."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from simulators.google import tokens
from simulators.google.gmail.refusing import invalid, missing
from simulators.google.mail import history
from simulators.google.parameters import number, text, texts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from simulators.google.calling import Call
    from simulators.google.discovery import Json
    from simulators.google.mail.history import Record
    from simulators.google.mail.mailbox import Mailbox

FIELDS = {
    history.ADDED: "messagesAdded",
    history.DELETED: "messagesDeleted",
    history.LABELS_ADDED: "labelsAdded",
    history.LABELS_REMOVED: "labelsRemoved",
}


def list_(call: Call) -> Json:
    """Tell what happened since ``startHistoryId``; pages are cut before filters are applied.

    Without a start it is 400 (googleapis/google-api-nodejs-client#978), with one that is too old, or was never given
    out, 404.
    """
    box, size = call.account.mail, number(call.said, call.method, "maxResults") or 100
    begin = text(call.said, "startHistoryId")
    if not begin or int(begin) == 0:
        raise invalid("Missing/invalid parameter: startHistoryId")
    with box.lock:
        oldest = box.clock.now() - box.habits.history_life
        if not box.log.good(int(begin), oldest, stale_when_quiet=box.habits.stale_when_quiet):
            raise missing()
        place = _place(call, int(begin))
        empty = box.habits.empty_history_pages and not place.position[1]
        found = box.log.since(place.position[0], size + 1)
        page = [] if empty else found[:size]
        told = [_record(box, record) for record in page if _wanted(call, record)]
        said: Json = {"history": told} if told else {}
        if len(found) > len(page):
            at = page[-1].id if page else place.position[0]
            said["nextPageToken"] = tokens.issue(replace(place, position=(at, 1, 0)), call.key)
        return {**said, "historyId": str(box.log.newest)}


def _place(call: Call, begin: int) -> tokens.Place:
    said = text(call.said, "pageToken")
    shape = repr((begin, call.said.get("labelId"), call.said.get("historyTypes")))
    if not said:
        return tokens.Place("page", call.method.id, shape, "", 0, 0.0, (begin, 0, 0))
    try:
        place = tokens.read(said, call.key)
    except tokens.Forged as error:
        raise invalid("Invalid pageToken") from error
    if (place.kind, place.list, place.asked) != ("page", call.method.id, shape):
        raise invalid("Invalid pageToken")
    return place


def _wanted(call: Call, record: Record) -> bool:
    kinds: Sequence[str] = texts(call.said, "historyTypes")
    label = text(call.said, "labelId")
    return (not kinds or record.kind in kinds) and (not label or label in record.labels | record.changed)


def _record(box: Mailbox, record: Record) -> Json:
    """Return one record. Of a message it tells id, threadId and labelIds, so that nothing has to be got for labels."""
    short = {"id": box.id(record.number), "threadId": box.id(box.root(record.number))}
    told: Json = {"message": {**short, **({"labelIds": sorted(record.labels)} if record.labels else {})}}
    if record.kind in {history.LABELS_ADDED, history.LABELS_REMOVED}:
        told["labelIds"] = sorted(record.changed)
    return {"id": str(record.id), "messages": [short], FIELDS[record.kind]: [told]}
