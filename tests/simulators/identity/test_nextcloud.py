"""Login Flow v2: a program polls, a person allows, a password comes once and can be deleted by itself."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as ET

import pytest

from simulators.identity.browser import Refused
from simulators.identity.nextcloud import ACCOUNT_PASSWORD, Nextcloud
from tests.simulators.identity.asking import Answer, basic, send


def begin(server: Nextcloud, agent: str = "Wherry") -> dict[str, Any]:
    answer = send("POST", server.login_url, headers={"User-Agent": agent})
    assert answer.status == 200
    return dict(answer.json)


def poll(flow: dict[str, Any]) -> Answer:
    return send("POST", flow["poll"]["endpoint"], {"token": flow["poll"]["token"]})


def connect(server: Nextcloud, user: str = "ana") -> tuple[str, str]:
    """Go the whole way; return the name and the password."""
    flow = begin(server)
    server.approve(flow["login"], user=user)
    got = poll(flow).json
    return got["loginName"], got["appPassword"]


def delete(server: Nextcloud, name: str, password: str, *, query: str = "", flagged: bool = True) -> Answer:
    headers = basic(name, password) | ({"OCS-APIRequest": "true"} if flagged else {})
    return send("DELETE", server.revoke_url + query, headers=headers)


def dav(server: Nextcloud, name: str, password: str) -> int:
    return send("PROPFIND", server.dav_url, headers=basic(name, password)).status


def code_of(answer: Answer) -> tuple[int, str]:
    """Return the status and the OCS statuscode, which differ."""
    return answer.status, ET.fromstring(answer.body).findtext("meta/statuscode") or ""


def test_the_addresses_are_below_the_server(at_nextcloud: Nextcloud) -> None:
    flow = begin(at_nextcloud)
    assert flow["poll"]["endpoint"].startswith(f"{at_nextcloud.url}/")
    assert flow["login"].startswith(f"{at_nextcloud.url}/")
    assert flow["poll"]["token"] not in flow["login"]


def test_the_password_comes_once_and_not_before(at_nextcloud: Nextcloud) -> None:
    flow = begin(at_nextcloud)
    assert [poll(flow).status for _ in range(3)] == [404, 404, 404]
    at_nextcloud.approve(flow["login"], user="ana")
    got = poll(flow)
    assert got.status == 200
    assert set(got.json) == {"server", "loginName", "appPassword"}
    assert (got.json["server"], got.json["loginName"]) == (at_nextcloud.url, "ana")
    assert [poll(flow).status for _ in range(2)] == [404, 404]
    assert dav(at_nextcloud, "ana", got.json["appPassword"]) == 207


def test_the_page_names_the_program_and_says_that_it_is_done(at_nextcloud: Nextcloud) -> None:
    flow = begin(at_nextcloud, "Wherry <b>on</b> laptop")
    ticket = {"ticket": "login", "user": "ana"}
    page = send("POST", flow["login"], ticket).body.decode()
    assert "Wherry &lt;b&gt;on&lt;/b&gt; laptop wants access to your Nextcloud account" in page
    done = send("POST", flow["login"], {"ticket": "grant", "decision": "allow"}).body.decode()
    assert "Account connected" in done
    assert "<b>on</b>" not in done


def test_a_person_who_cancels_gives_nothing(at_nextcloud: Nextcloud) -> None:
    flow = begin(at_nextcloud)
    at_nextcloud.deny(flow["login"], user="ana")
    assert poll(flow).status == 404
    assert at_nextcloud.tokens == []


def test_who_did_not_sign_in_cannot_allow(at_nextcloud: Nextcloud) -> None:
    flow = begin(at_nextcloud)
    send("POST", flow["login"], {"ticket": "grant", "decision": "allow"})
    assert poll(flow).status == 404
    assert at_nextcloud.tokens == []


def test_a_login_may_take_twenty_minutes(at_nextcloud: Nextcloud) -> None:
    in_time, late, finished = begin(at_nextcloud), begin(at_nextcloud), begin(at_nextcloud)
    at_nextcloud.clock.advance(1195)
    at_nextcloud.approve(in_time["login"], user="ana")
    at_nextcloud.approve(finished["login"], user="ana")
    assert poll(in_time).status == 200
    at_nextcloud.clock.advance(10)
    with pytest.raises(Refused) as caught:
        at_nextcloud.approve(late["login"], user="ana")
    assert caught.value.status == 403
    assert poll(finished).status == 404


@pytest.mark.parametrize("token", ["", "guessed"])
def test_only_who_began_can_poll(at_nextcloud: Nextcloud, token: str) -> None:
    flow = begin(at_nextcloud)
    at_nextcloud.approve(flow["login"], user="ana")
    assert poll({"poll": {**flow["poll"], "token": token}}).status == 404
    assert poll(flow).status == 200


def test_a_login_address_nobody_gave_out(at_nextcloud: Nextcloud) -> None:
    with pytest.raises(Refused) as caught:
        at_nextcloud.approve(f"{at_nextcloud.login_url}/flow/guessed", user="ana")
    assert caught.value.status == 403


def test_a_finished_login_cannot_be_walked_again(at_nextcloud: Nextcloud) -> None:
    flow = begin(at_nextcloud)
    at_nextcloud.approve(flow["login"], user="ana")
    with pytest.raises(Refused):
        at_nextcloud.approve(flow["login"], user="eve")
    assert poll(flow).json["loginName"] == "ana"


def test_flows_do_not_mix(at_nextcloud: Nextcloud) -> None:
    mine, hers = begin(at_nextcloud), begin(at_nextcloud)
    at_nextcloud.approve(hers["login"], user="eve")
    assert poll(mine).status == 404
    at_nextcloud.approve(mine["login"], user="ana")
    assert poll(hers).json["loginName"] == "eve"
    assert poll(mine).json["loginName"] == "ana"


class TestDeletion:
    def test_it_ends_this_password_and_no_other(self, at_nextcloud: Nextcloud) -> None:
        (name, mine), (_, other) = connect(at_nextcloud), connect(at_nextcloud)
        assert code_of(delete(at_nextcloud, name, mine)) == (200, "200")
        assert dav(at_nextcloud, name, mine) == 401
        assert dav(at_nextcloud, name, other) == 207
        assert len(at_nextcloud.live_grants("ana")) == 1

    def test_the_second_time_nobody_is_logged_in(self, at_nextcloud: Nextcloud) -> None:
        name, password = connect(at_nextcloud)
        assert delete(at_nextcloud, name, password).status == 200
        assert code_of(delete(at_nextcloud, name, password)) == (401, "997")

    def test_the_account_s_own_password_cannot(self, at_nextcloud: Nextcloud) -> None:
        assert code_of(delete(at_nextcloud, "ana", ACCOUNT_PASSWORD)) == (403, "403")
        assert dav(at_nextcloud, "ana", ACCOUNT_PASSWORD) == 207

    @pytest.mark.parametrize(("name", "password"), [("ana", "guessed"), ("eve", None), ("", "")])
    def test_others_cannot(self, at_nextcloud: Nextcloud, name: str, password: str | None) -> None:
        _, mine = connect(at_nextcloud)
        assert code_of(delete(at_nextcloud, name, mine if password is None else password)) == (401, "997")
        assert len(at_nextcloud.live_grants()) == 1

    def test_without_the_header_it_is_taken_for_a_forgery(self, at_nextcloud: Nextcloud) -> None:
        name, password = connect(at_nextcloud)
        assert delete(at_nextcloud, name, password, flagged=False).status == 412
        assert dav(at_nextcloud, name, password) == 207

    def test_the_answer_can_be_json(self, at_nextcloud: Nextcloud) -> None:
        name, password = connect(at_nextcloud)
        answer = delete(at_nextcloud, name, password, query="?format=json")
        assert answer.json["ocs"]["meta"] == {"status": "ok", "statuscode": 200, "message": "OK"}

    def test_the_user_can_do_it_in_the_settings(self, at_nextcloud: Nextcloud) -> None:
        name, password = connect(at_nextcloud)
        at_nextcloud.remove_access("ana", "Wherry")
        assert code_of(delete(at_nextcloud, name, password)) == (401, "997")


@pytest.mark.parametrize("header", ["", "Basic", "Basic !", "Basic YW5h", "Bearer x", "Basic /w=="])
def test_dav_refuses_what_is_no_login(at_nextcloud: Nextcloud, header: str) -> None:
    answer = send("PROPFIND", at_nextcloud.dav_url, headers={"Authorization": header} if header else {})
    assert answer.status == 401
    assert answer.headers["www-authenticate"].startswith("Basic ")
