"""Errors in the form of each API: 401, 403, 404, quotas, and what nobody stands in for."""

from __future__ import annotations

import re

import pytest

from simulators.google import Service
from simulators.google.discovery import document
from simulators.google.serving import HANDLERS
from tests.simulators.google.asking import Caller

CALENDAR_READS = "calendars/primary/events"


def _path(name: str) -> str:
    """Return a path of a method, with anything in its variables."""
    names = {"resourceName": "people/me" if ".people." in name else "contactGroups/all", "calendarId": "primary"}
    names |= {"eventId": "x", "setting": "timezone"}
    api = document("people.v1" if name.startswith("people.") else "calendar.v3")
    pattern = next(method.path.pattern for method in api.methods if method.id == name)
    filled = re.sub(r"\(\?P<(\w+)>[^)]*\)", lambda found: names[found[1]], pattern)
    return filled.replace("\\", "")


def test_a_call_without_a_token_is_refused_by_people(server: Service) -> None:
    answer = Caller(server, headers={"Authorization": ""}).connections()
    assert answer.status == 401
    assert answer.headers["www-authenticate"] == 'Bearer realm="https://accounts.google.com/"'
    assert answer.error["status"] == "UNAUTHENTICATED"
    assert answer.error["message"].startswith("Request is missing required authentication credential.")
    assert "errors" not in answer.error
    assert answer.reason == "CREDENTIALS_MISSING"


def test_a_call_without_a_token_is_refused_by_calendar(server: Service) -> None:
    answer = Caller(server, headers={"Authorization": ""}).events()
    assert (answer.status, answer.error["code"]) == (401, 401)
    first = answer.error["errors"][0]
    assert (first["domain"], first["reason"], first["location"]) == ("global", "required", "Authorization")


@pytest.mark.parametrize("value", ["Bearer nonsense", "Basic YTpi", "Bearer", "bearer \t", "ya29.x"])
def test_what_is_no_token_of_the_book_is_refused(server: Service, value: str) -> None:
    for answer in (
        Caller(server, headers={"Authorization": value}).connections(),
        Caller(server, headers={"Authorization": value}).events(),
    ):
        assert answer.status == 401


def test_a_token_that_ran_out_is_refused(server: Service, caller: Caller) -> None:
    assert caller.connections().status == 200
    server.advance(server.identity.access_lifetime + 1)
    people, calendar = caller.connections(), caller.events()
    assert (people.status, people.reason) == (401, "ACCESS_TOKEN_EXPIRED")
    assert calendar.error["errors"][0]["reason"] == "authError"
    assert calendar.error["errors"][0]["message"] == "Invalid Credentials"
    assert calendar.headers["www-authenticate"].endswith('error="invalid_token"')


def test_a_token_that_was_revoked_is_refused(server: Service, caller: Caller) -> None:
    server.identity.remove_access(server.account.user)
    assert caller.connections().status == caller.events().status == 401


def test_a_token_may_stand_in_the_query(server: Service) -> None:
    token, nobody = server.token("contacts.readonly"), Caller(server, headers={"Authorization": ""})
    assert nobody.connections(access_token=token).status == 200
    assert nobody.connections(oauth_token=token).status == 200


@pytest.mark.parametrize("name", sorted(name for name in HANDLERS if not name.startswith("gmail.")))
def test_each_scope_of_the_document_opens_its_method_and_no_other_does(server: Service, name: str) -> None:
    api = document("people.v1" if name.startswith("people.") else "calendar.v3")
    method = next(each for each in api.methods if each.id == name)
    others = {scope for each in api.methods for scope in each.scopes} - method.scopes
    for scope in sorted(method.scopes):
        refused = Caller(server, server.token(scope)).get(_path(name))
        ours = "insufficient" in refused.body.decode()
        assert not ours or scope.rpartition("/")[2].startswith(("calendar.events.public", "calendar.app.created"))
    for scope in sorted(others):
        answer = Caller(server, server.token(scope)).get(_path(name))
        assert (answer.status, answer.reason) == (403, "ACCESS_TOKEN_SCOPE_INSUFFICIENT")
        assert 'error="insufficient_scope"' in answer.headers["www-authenticate"]


def test_a_missing_scope_reads_as_each_api_says_it(server: Service) -> None:
    caller = Caller(server, server.token("drive.readonly"))
    people, calendar = caller.connections().error, caller.events().error
    assert people["message"] == calendar["message"] == "Request had insufficient authentication scopes."
    assert people["status"] == calendar["status"] == "PERMISSION_DENIED"
    assert "errors" not in people
    assert calendar["errors"] == [
        {"domain": "global", "reason": "insufficientPermissions", "message": "Insufficient Permission"}
    ]
    info = people["details"][0]
    assert info["@type"] == "type.googleapis.com/google.rpc.ErrorInfo"
    assert info["domain"] == "googleapis.com"
    assert info["metadata"] == {"service": "people.googleapis.com", "method": "people.people.connections.list"}


def test_people_adds_the_older_errors_when_asked(caller: Caller) -> None:
    error = caller.get("/v1/people/me/connections", **{"$.xgafv": "1"}).error
    assert error["errors"][0]["reason"] == "invalidParameter"


@pytest.mark.parametrize(
    "path",
    [
        "/calendar/v3/calendars/nobody%40example.org/events",
        "/calendar/v3/calendars/primary/events/doesnotexist",
        "/calendar/v3/users/me/calendarList/nobody",
        "/calendar/v3/calendars/primary/events/doesnotexist/instances",
        "/calendar/v3/users/me/settings/nothing",
        "/calendar/v3/nothing/at/all",
    ],
)
def test_what_calendar_does_not_find(caller: Caller, path: str) -> None:
    answer = caller.get(path)
    assert (answer.status, answer.reason, answer.error["message"]) == (404, "notFound", "Not Found")


def test_what_people_does_not_find(caller: Caller) -> None:
    answer = caller.people("people/c1", personFields="names")
    assert (answer.status, answer.error["status"]) == (404, "NOT_FOUND")
    assert caller.people("contactGroups/none").status == 404
    assert caller.get("/v1/nothing").status == 404
    assert caller.people("people/c2/connections", personFields="names").status == 400


def test_several_at_once_tell_what_is_missing(caller: Caller, server: Service) -> None:
    name = next(server.account.person_names())
    said = caller.people("people:batchGet", personFields="names", resourceNames=[name, "people/c1"]).json["responses"]
    assert [each["requestedResourceName"] for each in said] == [name, "people/c1"]
    assert said[0]["person"]["resourceName"] == name
    assert said[1]["status"]["code"] == 5
    groups = caller.people("contactGroups:batchGet", resourceNames=["contactGroups/all", "contactGroups/x"]).json
    assert [bool(each.get("contactGroup")) for each in groups["responses"]] == [True, False]
    assert caller.people("people:batchGet", personFields="names").status == 400
    assert caller.people("people:batchGet", personFields="names", resourceNames=["people/c1"] * 201).status == 400


@pytest.mark.parametrize("verb", ["POST", "PATCH", "DELETE", "PUT"])
def test_writing_is_not_stood_in_for(server: Service, verb: str) -> None:
    caller = Caller(server, server.token("contacts", "calendar"))
    path = {"POST": "/v1/people:createContact", "PATCH": "/v1/people/c1:updateContact", "PUT": "/v1/contactGroups/x"}
    answer = caller.request(verb, path.get(verb, "/v1/people/c1:deleteContact"))
    assert (answer.status, answer.error["status"]) == (501, "UNIMPLEMENTED")
    reading = Caller(server, server.token("contacts.readonly"))
    assert reading.request(verb, path.get(verb, "/v1/people/c1:deleteContact")).status == 403


def test_another_user_sees_an_account_of_their_own(server: Service) -> None:
    other = Caller(server, server.token("contacts.readonly", "calendar.readonly", user="bo@example.org"))
    assert other.connections().json.get("connections") is None
    assert other.events().json["items"] == []
    server.add_account("cy@example.org", people=3, events=4, seed=2)
    third = Caller(server, server.token("contacts.readonly", user="cy@example.org"))
    assert third.connections().json["totalItems"] == 3


def test_a_token_of_another_users_list_is_not_taken(server: Service, caller: Caller) -> None:
    server.add_account("cy@example.org", people=50)
    page = caller.connections(pageSize=10).json["nextPageToken"]
    other = Caller(server, server.token("contacts.readonly", user="cy@example.org"))
    assert other.connections(pageSize=10, pageToken=page).status == 400
