"""One Google API: requests are built by Google's library, and sent by ours.

The library reads its discovery document, checks parameters and spells URLs; it never opens
a connection: whatever tries to, meets ``_NoSockets``. Only methods of the document are
called, no batch and no upload, for these two leave the address they were given.
This is the only file that touches the library, which has no types.
"""

from __future__ import annotations

import json
import logging
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NoReturn

from connectors.errors import ConfigError, ConnectorBroken, ItemRejected, NotTheService, ScopeMissing
from connectors.google.answers import parsed
from connectors.google.errors import failure, passing
from connectors.google.quota import Budget
from oauth.origins import origin

if TYPE_CHECKING:
    from collections.abc import Callable

    from connectors.answers import Response
    from connectors.errors import ConnectorError, Transient
    from connectors.google.answers import Json
    from connectors.http import Http

    Build = Callable[..., Any]

ANSWER_CAP: Final = 64 * 1024 * 1024
"""Most decoded bytes of one answer."""

Value = str | int | bool | list[str]


class _NoSockets:
    """What the library gets for a transport."""

    def request(self, *_: object, **__: object) -> NoReturn:
        raise ConnectorBroken("Google's library was about to open a connection of its own")

    def close(self) -> None:
        """Hold nothing."""


class Service:
    """One API at *root*, asked through *http*, at most *limit* times a minute."""

    def __init__(self, http: Http, document: str, *, root: str, limit: int) -> None:
        self._http, self._document, self._root = http, document, _slashed(root)
        self._budget = Budget(limit)

    def ask(self, method: str, /, **parameters: Value) -> Json:
        """Return the answer of *method*, called as in ``people.connections.list``.

        Raises what ``errors.failure`` makes of a refusal, and like ``Http.request``.
        """
        url = self.url(method, **parameters)
        answer = self._http.request("GET", url, headers={"Accept": "application/json"}, cap=ANSWER_CAP, terms=self)
        if answer.status != 200:
            raise _complete(failure(answer), self._document, method)
        if origin(answer.url) != origin(url):
            raise NotTheService(f"the API led away to {origin(answer.url)}")
        return parsed(answer.body)

    def url(self, method: str, /, **parameters: Value) -> str:
        """Return the URL a call of *method* asks. Raises ``ItemRejected`` when a parameter cannot be what it says."""
        try:
            asked = _builder(self._document, self._root, method)(**parameters)
        except TypeError as error:
            # The library refuses what its document's patterns do not admit, such as people//x.
            raise ItemRejected("refused", "the API knows no such name") from error
        url = str(asked.uri)
        if origin(url) != origin(self._root) or asked.method != "GET":
            raise ConnectorBroken("Google's library would ask somebody else")
        return url

    def due(self, now: float) -> float:
        """Book a request: see ``Terms``."""
        return self._budget.due(now)

    def again(self, response: Response) -> Transient | None:
        """Say which refusals mean "not now": see ``Terms``."""
        return passing(response)


def _slashed(root: str) -> str:
    if not origin(root):
        raise ConfigError("the address of the API is no http or https address")
    return root if root.endswith("/") else f"{root}/"


@lru_cache(maxsize=64)
def _builder(document: str, root: str, method: str) -> Build:
    """Return what builds requests of *method*. Getting there costs milliseconds, the request itself 0.1 ms."""
    found = _service(document, root)
    *resources, name = method.split(".")
    for resource in resources:
        found = getattr(found, resource)()
    build: Build = getattr(found, name)
    return build


@lru_cache(maxsize=8)
def _service(name: str, root: str) -> Any:  # noqa: ANN401 - the library makes its classes at run time
    from googleapiclient.discovery import build_from_document

    # It logs whole URLs: a calendar's id is somebody's address, and a page token says where we are.
    logging.getLogger("googleapiclient").setLevel(logging.WARNING)
    document = discovery(name)
    # With this address the library would choose another host when the environment names a client certificate.
    document.pop("mtlsRootUrl", None)
    document["rootUrl"] = root
    # An environment variable could name another universe, to which the addresses would be changed.
    options = {"universe_domain": "googleapis.com"}
    return build_from_document(document, http=_NoSockets(), client_options=options)


def discovery(name: str) -> dict[str, Any]:
    """Return a discovery document the library ships, such as ``people.v1``. Raises ``ConfigError`` without it."""
    from importlib.resources import files

    try:
        shelf = files("googleapiclient.discovery_cache.documents")
    except ModuleNotFoundError as error:
        raise ConfigError(f"Google's APIs need {error.name}: pip install 'wherry[google]'") from error
    text = shelf.joinpath(f"{name}.json").read_text("utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def _complete(error: ConnectorError, document: str, method: str) -> ConnectorError:
    """Return *error*, with the scopes that would do where the API does not name them."""
    if isinstance(error, ScopeMissing) and not error.scope:
        return ScopeMissing(" ".join(_described(document, method)["scopes"]), error.detail)
    return error


def _described(document: str, method: str) -> dict[str, Any]:
    """Return what the document says of a method."""
    found = discovery(document)
    *resources, name = method.split(".")
    for resource in resources:
        found = found["resources"][resource]
    said: dict[str, Any] = found["methods"][name]
    return said


@lru_cache(maxsize=8)
def listed_values(document: str, method: str, parameter: str, after: str = "valid values are:") -> tuple[str, ...]:
    """Return the words a parameter's description lists as its values, behind *after*: field masks have no enum."""
    said: str = _described(document, method)["parameters"][parameter]["description"]
    begin = said.lower().index(after.lower()) + len(after)
    words = []
    for word in said[begin:].split("*")[1:]:
        words.append(word.split()[0])
        if len(word.split()) > 1:
            break  # prose goes on behind the last one
    return tuple(words)
