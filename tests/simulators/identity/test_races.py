"""What two programs, threads or clicks do at the same moment: one of them wins, and the rules hold."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

import pytest

from simulators.identity.dropbox import Dropbox
from simulators.identity.generic import Generic
from simulators.identity.google import Google
from simulators.identity.infomaniak import Infomaniak, login
from simulators.identity.nextcloud import Nextcloud
from tests.simulators.identity.asking import Answer, Program, basic, bearer, send
from tests.simulators.identity.conftest import google_program

AT_ONCE = 6
T = TypeVar("T")


def at_once(acts: Sequence[Callable[[], T]]) -> list[T]:
    """Do all of it at the same moment; return what came of each."""
    barrier, came = threading.Barrier(len(acts)), list[T]()

    def run(act: Callable[[], T]) -> None:
        barrier.wait(30)
        came.append(act())

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(came) == len(acts)
    return came


def statuses(answers: Sequence[Answer]) -> list[int]:
    return sorted(answer.status for answer in answers)


def test_a_rotating_token_used_by_many_is_good_once_and_then_all_is_over(at_generic: Generic) -> None:
    app = Program(at_generic, at_generic.client, "calendars")
    token = app.connect()["refresh_token"]
    answers = at_once([lambda: app.refresh(token)] * AT_ONCE)
    assert statuses(answers) == [200] + [400] * (AT_ONCE - 1)
    assert at_generic.live_grants() == []
    assert at_generic.grants[0].ended_by == "reuse"


def test_a_token_that_does_not_rotate_serves_them_all(at_google: Google) -> None:
    app = google_program(at_google)
    token = app.connect()["refresh_token"]
    answers = at_once([lambda: app.refresh(token)] * AT_ONCE)
    assert statuses(answers) == [200] * AT_ONCE
    assert len({answer.json["access_token"] for answer in answers}) == AT_ONCE


def test_consents_of_one_person_at_once_are_one_grant(at_google: Google) -> None:
    programs = [google_program(at_google, client=number % 2) for number in range(AT_ONCE)]
    tokens = at_once([program.connect for program in programs])
    assert len(at_google.grants) == 1
    assert send("POST", at_google.revoke_url, {"token": tokens[0]["access_token"]}).status == 200
    assert at_google.live_tokens() == []


def test_authorizations_at_once_stay_apart(at_dropbox: Dropbox) -> None:
    extra = {"token_access_type": "offline"}
    programs = [Program(at_dropbox, at_dropbox.client, "account_info.read", extra) for _ in range(AT_ONCE)]
    tokens = at_once([program.connect for program in programs])
    assert len(at_dropbox.live_grants()) == AT_ONCE
    revoke = functools.partial(send, "POST", at_dropbox.revoke_url)
    ends = [functools.partial(revoke, headers=bearer(each["access_token"])) for each in tokens[: AT_ONCE - 1]]
    answers = at_once(ends)
    assert statuses(answers) == [200] * (AT_ONCE - 1)
    assert len(at_dropbox.live_grants()) == 1


def test_a_refresh_and_a_revocation_meet(at_google: Google) -> None:
    """Whoever comes first: in the end nothing is left, and a token from the refresh opens nothing."""
    app = google_program(at_google)
    token = app.connect()["refresh_token"]
    acts = [lambda: app.refresh(token), lambda: send("POST", at_google.revoke_url, {"token": token})]
    answers = at_once(acts * 3)
    assert sum(answer.status == 200 and answer.body == b"{}" for answer in answers) == 1
    assert at_google.live_tokens() == []
    for answer in answers:
        if answer.status == 200 and "access_token" in answer.json:
            assert app.reaches(answer.json["access_token"]) == 401


def test_a_password_is_given_out_once(at_nextcloud: Nextcloud) -> None:
    flow = send("POST", at_nextcloud.login_url).json
    at_nextcloud.approve(flow["login"], user="ana")
    poll = flow["poll"]
    answers = at_once([lambda: send("POST", poll["endpoint"], {"token": poll["token"]})] * AT_ONCE)
    assert statuses(answers) == [200] + [404] * (AT_ONCE - 1)


def test_a_password_is_deleted_once(at_nextcloud: Nextcloud) -> None:
    flow = send("POST", at_nextcloud.login_url).json
    at_nextcloud.approve(flow["login"], user="ana")
    got = send("POST", flow["poll"]["endpoint"], {"token": flow["poll"]["token"]}).json
    headers = basic("ana", got["appPassword"]) | {"OCS-APIRequest": "true"}
    answers = at_once([lambda: send("DELETE", at_nextcloud.revoke_url, headers=headers)] * AT_ONCE)
    assert 200 in statuses(answers)
    assert set(statuses(answers)) <= {200, 401}
    assert at_nextcloud.live_grants() == []


def test_passwords_made_at_once_differ(at_infomaniak: Infomaniak) -> None:
    token = Program(at_infomaniak, at_infomaniak.client).connect()["access_token"]
    url = at_infomaniak.password_url
    made = at_once([lambda: send("POST", url, {"name": "Wherry"}, headers=bearer(token))] * AT_ONCE)
    values = {answer.json["data"]["password"] for answer in made}
    assert len(values) == AT_ONCE
    name = login("ana@example.org")
    opened = [send("PROPFIND", at_infomaniak.dav_url, headers=basic(name, value)).status for value in values]
    assert opened == [207] * AT_ONCE


def test_one_consent_page_answered_by_two_clicks(at_google: Google) -> None:
    app = google_program(at_google)
    page = send("GET", app.url()).body.decode()
    ticket = page.split('name="ticket" value="')[1].split('"')[0]
    send("POST", f"{at_google.authorize_url}/account", {"ticket": ticket, "user": "ana@example.org"})
    allow = {"ticket": ticket, "decision": "allow"}
    answers = at_once([lambda: send("POST", f"{at_google.authorize_url}/consent", allow)] * AT_ONCE)
    assert statuses(answers) == [302] + [400] * (AT_ONCE - 1)
    assert len(at_google.book.codes) == 1


@pytest.mark.parametrize("clients", [2, 4])
def test_the_limit_of_refresh_tokens_holds_for_consents_at_once(at_google: Google, clients: int) -> None:
    at_google.most_refresh_tokens = clients
    at_once([google_program(at_google).connect for _ in range(AT_ONCE)])
    assert len(at_google.live_tokens("refresh")) == clients
