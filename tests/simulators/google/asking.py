"""Two clients: plain HTTP, for what must be seen as it is sent, and Google's own library."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import googleapiclient.discovery
from google.oauth2.credentials import Credentials

from simulators.google import Service
from simulators.google.discovery import raw

READING = ("contacts.readonly", "contacts.other.readonly", "calendar.readonly", "gmail.readonly")
ALL_FIELDS = (
    "addresses,ageRanges,biographies,birthdays,calendarUrls,clientData,coverPhotos,emailAddresses,events,externalIds,"
    "genders,imClients,interests,locales,locations,memberships,metadata,miscKeywords,names,nicknames,occupations,"
    "organizations,phoneNumbers,photos,relations,sipAddresses,skills,urls,userDefined"
)


def official(name: str, server: Service, token: str) -> Any:
    """Return Google's own client of an API, sent to *server*."""
    said = {key: value for key, value in raw(name).items() if key != "mtlsRootUrl"}
    said |= {"rootUrl": server.url, "baseUrl": server.url + said["servicePath"]}
    return googleapiclient.discovery.build_from_document(said, credentials=Credentials(token))  # type: ignore[no-untyped-call]  # google-auth has no types


@dataclass(slots=True)
class Answer:
    """An answer as it was sent."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> Any:
        return self.json["error"]

    @property
    def reason(self) -> str:
        """The reason by which a client decides: ErrorInfo's if there is one, else ``errors[].reason``."""
        infos = [each for each in self.error.get("details", ()) if each["@type"].endswith("ErrorInfo")]
        return str(infos[0]["reason"] if infos else self.error["errors"][0]["reason"])


@dataclass(slots=True)
class Caller:
    """Plain calls: ``caller.people("people/me/connections", personFields="names")``."""

    server: Service
    token: str = ""
    timeout: float = 30.0
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.token = self.token or self.server.token(*READING)

    def people(self, path: str, /, **query: object) -> Answer:
        return self.get("/v1/" + path, **query)

    def calendar(self, path: str, /, **query: object) -> Answer:
        return self.get("/calendar/v3/" + path, **query)

    def gmail(self, path: str, /, **query: object) -> Answer:
        return self.get("/gmail/v1/users/me/" + path, **query)

    def events(self, calendar: str = "primary", /, **query: object) -> Answer:
        return self.calendar(f"calendars/{quote(calendar, safe='')}/events", **query)

    def connections(self, **query: object) -> Answer:
        return self.people("people/me/connections", **{"personFields": "names,metadata", **query})

    def get(self, path: str, /, **query: object) -> Answer:
        asked = urlencode({key: _said(value) for key, value in query.items()}, doseq=True)
        return self.request("GET", f"{path}?{asked}" if asked else path)

    def request(self, verb: str, target: str, body: bytes | None = None, **more: str) -> Answer:
        headers = {"Authorization": f"Bearer {self.token}", **self.headers, **more}
        address = urlsplit(self.server.url)
        assert address.hostname is not None
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=self.timeout)
        try:
            connection.request(verb, target, body, {key: value for key, value in headers.items() if value})
            response = connection.getresponse()
            said = {key.lower(): value for key, value in response.getheaders()}
            return Answer(response.status, said, response.read())
        finally:
            connection.close()

    def pages(self, path: str, /, **query: object) -> Iterator[Any]:
        """Yield every page of a list, the first one's parameters repeated each time."""
        more: dict[str, object] = {}
        for _ in range(1000):
            answer = self.get(path, **{**query, **more})
            assert answer.status == 200, answer.body
            yield answer.json
            if "nextPageToken" not in answer.json:
                return
            more = {"pageToken": answer.json["nextPageToken"]}
        raise AssertionError("the list does not end")


def _said(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    return [str(each) for each in value] if isinstance(value, (list, tuple)) else str(value)
