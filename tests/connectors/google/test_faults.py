"""What goes wrong on the way: nothing is taken for missing, nothing is doubled."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from connectors.base import ChangePage, Endpoint, Failed, ItemRef
from connectors.errors import (
    ConnectorError,
    CursorExpired,
    ItemRejected,
    NotTheService,
    ProviderForbids,
    ReauthRequired,
    ScopeMissing,
    Throttled,
    Transient,
    Vanished,
)
from connectors.google.calendar import Calendars
from connectors.google.calendars import collection
from connectors.google.contacts import Contacts
from connectors.google.errors import PageLost
from connectors.retry import worth_again
from tests.connectors.google.behind import HASTY, QUICK, START, calendars, contacts, context, listed, only, transport
from tests.connectors.google.test_series import WEEKLY
from tests.connectors.servers import always, reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from connectors.base import Source
    from simulators.google import Service
    from tests.connectors.conftest import Serve
    from tests.connectors.servers import Received

METHODS = {"contacts": "people.people.connections.list", "calendar": "calendar.events.list"}


@pytest.fixture(params=sorted(METHODS))
def kind(request: pytest.FixtureRequest, server: Service, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return each kind of place in turn, filled so that it lists three pages."""
    monkeypatch.setattr("connectors.google.books.PAGE", 4)
    monkeypatch.setattr("connectors.google.listing.PAGE", 4)
    for number in range(10):
        server.account.add_person(names=[{"givenName": f"Nr {number}"}])
        server.account.add_event("primary", summary=f"Nr {number}", **START)
    return str(request.param)


def opened(kind: str, server: Service, *, hasty: bool = False) -> Source:
    retry = HASTY if hasty else QUICK
    return contacts(server, retry=retry) if kind == "contacts" else calendars(server, retry=retry)


@pytest.mark.parametrize("fault", ["reset", "cut", "html"])
@pytest.mark.parametrize("call", [1, 2, 3])
def test_a_page_that_breaks_is_asked_for_again_or_ends_the_listing(
    server: Service, kind: str, fault: str, call: int
) -> None:
    place = opened(kind, server)
    home = only(place)
    server.faults.break_(METHODS[kind], fault, call=call)
    pages: list[ChangePage] = []
    try:
        pages.extend(place.changes(home, None))
    except NotTheService:
        assert fault == "html"
        assert not any(page.last for page in pages)
    else:
        assert len({each.ref.id for page in pages for each in page.changes}) == 10
        assert pages[-1].last


@pytest.mark.parametrize("fault", ["reset", "cut", "html"])
@pytest.mark.parametrize("call", [1, 2, 3])
def test_pages_that_stay_broken_never_end_a_listing(server: Service, kind: str, fault: str, call: int) -> None:
    place = opened(kind, server, hasty=True)
    home = only(place)
    server.faults.break_(METHODS[kind], fault, call=call, times=100)
    pages: list[ChangePage] = []
    with pytest.raises(Transient):
        pages.extend(place.changes(home, None))
    assert not any(page.last for page in pages)


@pytest.mark.parametrize(
    ("status", "reason", "leaf"),
    [
        (500, "backendError", Transient),
        (503, "backendError", Transient),
        (403, "rateLimitExceeded", Throttled),
        (403, "userRateLimitExceeded", Throttled),
        (429, "RATE_LIMIT_EXCEEDED", Throttled),
        (403, "dailyLimitExceeded", Throttled),
        (401, "authError", ReauthRequired),
        (403, "ACCESS_TOKEN_SCOPE_INSUFFICIENT", ScopeMissing),
        (403, "SERVICE_DISABLED", ProviderForbids),
        (403, "accessNotConfigured", ProviderForbids),
        (403, "forbidden", ItemRejected),
    ],
)
def test_refusals_in_the_middle_say_who_must_act(
    server: Service, kind: str, status: int, reason: str, leaf: type[ConnectorError]
) -> None:
    place = opened(kind, server, hasty=True)
    home = only(place)
    server.faults.refuse(METHODS[kind], status, reason, call=2, times=100)
    pages: list[ChangePage] = []
    with pytest.raises(leaf):
        pages.extend(place.changes(home, None))
    assert not any(page.last for page in pages)


def test_a_429_with_a_wait_is_waited_for(server: Service, kind: str) -> None:
    place = opened(kind, server)
    home = only(place)
    server.faults.refuse(METHODS[kind], 429, "rateLimitExceeded", call=2, retry_after=1)
    began = time.monotonic()
    assert len(listed(place, home).present) == 10
    assert time.monotonic() - began >= 1


def test_a_sync_token_nobody_gave_out_is_an_expired_cursor(server: Service, kind: str) -> None:
    place = opened(kind, server)
    home = only(place)
    mark = dict(listed(place, home).cursor)
    with pytest.raises(CursorExpired):
        listed(place, home, {**mark, "sync": "forged"})


Answers = dict[str, Any]


def serving(serve: Serve, answers: Callable[[str], Answers]) -> str:
    """Serve what *answers* returns for a path, and return the address."""

    def script(asked: Received) -> list[bytes]:
        return [reply(200, json.dumps(answers(asked.path)).encode(), content_type="application/json")]

    return serve(script).url()


def odd_contacts(serve: Serve, *pages: Answers) -> Contacts:
    def answers(path: str) -> Answers:
        if "contactGroups" in path:
            return {"contactGroups": [], "nextSyncToken": "groups"}
        return pages[next((n for n in range(1, len(pages)) if f"pageToken=p{n}&" in f"{path}&"), 0)]

    url = serving(serve, answers)
    return Contacts(Endpoint("google-contacts", url=url), context(transport(url, "x")))


def odd_calendar(serve: Serve, *pages: Answers) -> Calendars:
    def answers(path: str) -> Answers:
        if "calendarList" in path:
            return {"items": [{"id": "home", "summary": "Home", "accessRole": "owner"}]}
        return pages[next((n for n in range(1, len(pages)) if f"pageToken=p{n}&" in f"{path}&"), 0)]

    url = serving(serve, answers)
    return Calendars(Endpoint("google-calendar", url=url), context(transport(url, "x")))


def person(name: str, etag: str = "1") -> Answers:
    return {"resourceName": name, "etag": etag, "metadata": {"sources": [{"type": "CONTACT", "id": "1", "etag": etag}]}}


def event(id_: str, etag: str = '"1"', **more: object) -> Answers:
    return {"id": id_, "etag": etag, "status": "confirmed", **START, **more}


def test_the_same_person_on_two_pages_is_one(serve: Serve) -> None:
    place = odd_contacts(
        serve,
        {"connections": [person("people/c1"), person("people/c2")], "nextPageToken": "p1"},
        {"connections": [person("people/c2"), person("people/c3")], "nextSyncToken": "s"},
    )
    found = listed(place, only(place))
    assert [each.ref.id for each in found.changes] == ["people/c1", "people/c2", "people/c3"]
    assert [ref.id for ref in place.inventory(only(place))] == ["people/c1", "people/c2", "people/c3"]


def test_a_person_changed_while_it_is_listed_is_said_as_it_is_now(serve: Serve) -> None:
    place = odd_contacts(
        serve,
        {"connections": [person("people/c1")], "nextPageToken": "p1"},
        {"connections": [person("people/c1", etag="2")], "nextSyncToken": "s"},
    )
    first, second = listed(place, only(place)).changes
    assert first.ref.id == second.ref.id
    assert first.ref.revision != second.ref.revision


def test_the_same_event_on_two_pages_is_one(serve: Serve) -> None:
    place = odd_calendar(
        serve,
        {"items": [event("a"), event("b", recurrence=["RRULE:FREQ=DAILY"])], "nextPageToken": "p1"},
        {"items": [event("a"), event("b", recurrence=["RRULE:FREQ=DAILY"])], "nextSyncToken": "s"},
    )
    assert sorted(each.ref.id for each in listed(place, only(place)).changes) == ["a", "b"]
    assert sorted(ref.id for ref in place.inventory(only(place))) == ["a", "b"]


def test_a_page_token_nobody_knows_any_more_ends_the_listing_and_it_begins_again(serve: Serve) -> None:
    lost: list[bool] = []

    def script(asked: Received) -> list[bytes]:
        if "pageToken" in asked.path and not lost:
            lost.append(True)
            said = {"error": {"code": 400, "errors": [{"reason": "invalid", "location": "pageToken"}]}}
            return [reply(400, json.dumps(said).encode())]
        page = {"items": [event("b")], "nextSyncToken": "s"} if "pageToken" in asked.path else first
        return [reply(200, json.dumps(page).encode())]

    first = {"items": [event("a")], "nextPageToken": "p1"}
    server = serve(script)
    place = Calendars(Endpoint("google-calendar", url=server.url()), context(transport(server.url(), "x")))
    home = collection({"id": "home", "accessRole": "owner"}, owned=False)
    with pytest.raises(PageLost):
        listed(place, home)
    assert len(server.received) == 2, "the same request would be refused again"
    assert worth_again(PageLost())
    assert set(listed(place, home).present) == {"a", "b"}


@pytest.mark.parametrize("make", [odd_contacts, odd_calendar])
def test_pages_in_a_circle_end(serve: Serve, make: Callable[..., Source]) -> None:
    place = make(serve, {"items": [], "connections": []}, {"nextPageToken": "p1"})
    circle = make(serve, {"nextPageToken": "p1"}, {"nextPageToken": "p1"})
    assert listed(place, only(place)).changes == []
    with pytest.raises(Transient, match="circle"):
        listed(circle, only(circle))


@pytest.mark.parametrize(
    "page",
    [
        {"items": {}, "connections": {}},
        {"items": [1], "connections": ["x"]},
        {"items": None, "connections": None},
        {"items": [{"summary": "no id"}], "connections": 7},
    ],
)
@pytest.mark.parametrize("make", [odd_contacts, odd_calendar])
def test_an_answer_of_another_shape_is_not_the_service(
    serve: Serve, make: Callable[..., Source], page: Answers
) -> None:
    place = make(serve, page)
    with pytest.raises(NotTheService):
        listed(place, only(place))


def test_without_a_token_everything_is_listed_again(serve: Serve) -> None:
    for place in (odd_contacts(serve, {"connections": [person("people/c1")]}), odd_calendar(serve, {"items": []})):
        assert list(place.changes(only(place), None))[-1].cursor is None


def test_a_token_longer_than_a_cursor_is_not_kept(serve: Serve) -> None:
    place = odd_contacts(serve, {"connections": [], "nextSyncToken": "x" * 5000})
    assert list(place.changes(only(place), None))[-1].cursor is None


HOSTILE = ["../../x", "people/../x", "a\0b", "", "..", ".", "%2e%2e/x", "x" * 3000, "people/", "😀", "people/c1\n"]


def test_hostile_ids_from_a_listing_are_words_and_nothing_else(serve: Serve) -> None:
    names = [each for each in HOSTILE if each]
    place = odd_contacts(serve, {"connections": [person(each) for each in names], "nextSyncToken": "s"})
    assert [each.ref.id for each in listed(place, only(place)).changes] == names
    odd = odd_calendar(serve, {"items": [event(each) for each in names], "nextSyncToken": "s"})
    assert [each.ref.id for each in listed(odd, only(odd)).changes] == names


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_ids_are_no_requests_elsewhere(server: Service, kind: str, hostile: str) -> None:
    place = opened(kind, server)
    home = only(place)
    server.calls.clear()
    (answer,) = place.fetch(home, [ItemRef(hostile)])
    assert isinstance(answer, Failed)
    assert isinstance(answer.error, Vanished | ItemRejected)
    allowed = {"people.people.getBatchGet", "calendar.events.list", "calendar.events.get"}
    assert set(server.calls) <= allowed


def test_an_item_with_a_thousand_exceptions_too_many_is_a_problem(
    server: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.google.happenings.MOST_BYTES", 4000)
    small = server.account.add_event("primary", summary="small", **START)
    large = server.account.add_event("primary", summary="large", description="x" * 5000, **WEEKLY)
    place = calendars(server)
    found = listed(place, only(place))
    assert set(found.present) == {small}
    (problem,) = [each for each in found.changes if each.problem is not None]
    assert problem.ref.id == large
    assert isinstance(problem.problem, ItemRejected)
    assert problem.problem.code == "too-large"
    answers = {each.ref.id: each for each in place.fetch(only(place), [ItemRef(small), ItemRef(large)])}
    assert isinstance(answers[large], Failed)


def test_a_page_too_large_is_asked_for_in_smaller_ones(server: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(30):
        server.account.add_event("primary", summary=f"{number}", description="x" * 2000, **START)
    monkeypatch.setattr("connectors.google.client.ANSWER_CAP", 40_000)
    place = calendars(server)
    assert len(listed(place, only(place)).present) == 30
    assert len({each.ref.id for each in listed(place, only(place)).changes}) == 30


def test_one_person_who_cannot_be_read_leaves_the_others(serve: Serve) -> None:
    def answers(path: str) -> Answers:
        if "contactGroups" in path:
            return {"contactGroups": []}
        asked = [name for name in ("people/c1", "people/c2", "people/c3", "people/c4") if name[-2:] in path]
        told: list[Answers] = []
        for name in asked:
            bad: Answers = {"requestedResourceName": name, "status": {"code": 13, "message": "words"}}
            gone: Answers = {"requestedResourceName": name, "status": {"code": 5}}
            fine: Answers = {"requestedResourceName": name, "person": person(name), "status": {}}
            told += {"1": [fine], "2": [bad], "3": [gone], "4": []}[name[-1]]
        return {"responses": told}

    url = serving(serve, answers)
    place = Contacts(Endpoint("google-contacts", url=url), context(transport(url, "x")))
    refs = [ItemRef(f"people/c{number}") for number in (1, 2, 3, 4)]
    found = {each.ref.id: each for each in place.fetch(only(place), refs)}
    kinds = {id_[-1]: type(each.error) if isinstance(each, Failed) else None for id_, each in found.items()}
    assert kinds == {"1": None, "2": ItemRejected, "3": Vanished, "4": ItemRejected}


def test_a_batch_that_is_refused_is_asked_for_in_parts(serve: Serve) -> None:
    def script(asked: Received) -> list[bytes]:
        if "contactGroups" in asked.path:
            return [reply(200, b'{"contactGroups": []}')]
        names = [f"people/c{number}" for number in range(1, 9) if f"people%2Fc{number}&" in asked.path]
        if "people/c5" in names:
            said = {"error": {"code": 400, "status": "INVALID_ARGUMENT", "message": "words"}}
            return [reply(400, json.dumps(said).encode())]
        told = [{"requestedResourceName": name, "person": person(name)} for name in names]
        return [reply(200, json.dumps({"responses": told}).encode())]

    server = serve(script)
    place = Contacts(Endpoint("google-contacts", url=server.url()), context(transport(server.url(), "x")))
    found = list(place.fetch(only(place), [ItemRef(f"people/c{number}") for number in range(1, 9)]))
    failed = [each for each in found if isinstance(each, Failed)]
    assert len(found) == 8
    assert [each.ref.id for each in failed] == ["people/c5"]


def test_a_login_page_is_no_empty_account(serve: Serve) -> None:
    server = serve(always(reply(200, b"<!doctype html><title>Welcome</title>", content_type="text/html")))
    for place in (
        Contacts(Endpoint("google-contacts", url=server.url()), context(transport(server.url(), "x"))),
        Calendars(Endpoint("google-calendar", url=server.url()), context(transport(server.url(), "x"))),
    ):
        with pytest.raises(NotTheService):
            place.check()


def test_a_token_that_ended_is_refused(server: Service, kind: str) -> None:
    place = opened(kind, server)
    home = only(place)
    server.advance(3700)
    with pytest.raises(ReauthRequired):
        listed(place, home)
