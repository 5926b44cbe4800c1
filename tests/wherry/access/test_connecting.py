"""The browser that is opened, the account that is described, and what stands after a connection: in detail."""

from __future__ import annotations

import sys
import time
import webbrowser
from pathlib import Path

import pytest

from connectors.errors import ConnectorError
from oauth.grants import Holder, HolderKind
from tests.wherry.access.household import Ana, Person
from tests.wherry.conftest import Run
from wherry.connecting import Talk, by_browser, look, open_browser, supersede
from wherry.errors import AccessMissing
from wherry.settings import read_settings

pytestmark = pytest.mark.server


def wait_for(person: Person) -> None:
    """Wait until the browser was opened: it is, in a thread of its own."""
    deadline = time.monotonic() + 30
    while not person.urls and time.monotonic() < deadline:
        time.sleep(0.01)


class TestBrowser:
    def test_it_is_opened_without_waiting(self, person: Person) -> None:
        person.does = lambda _: None
        open_browser("https://example.org/", {"BROWSER": "person"})
        wait_for(person)
        assert person.urls == ["https://example.org/"]

    @pytest.mark.skipif(sys.platform == "darwin", reason="a Mac always has a browser")
    def test_without_a_screen_none_takes_the_terminal(self, person: Person) -> None:
        open_browser("https://example.org/", {})
        open_browser("https://example.org/", {"TERM": "xterm", "HOME": "/"})
        assert person.urls == []

    @pytest.mark.parametrize("name", ["BROWSER", "DISPLAY", "WAYLAND_DISPLAY"])
    def test_where_there_is_one_it_is_used(self, person: Person, name: str) -> None:
        person.does = lambda _: None
        assert webbrowser.get() is not None
        open_browser("https://example.org/", {name: ":0"})
        wait_for(person)
        assert len(person.urls) == 1

    def test_a_browser_that_fails_disturbs_nobody(self, ana: Ana) -> None:
        def fail(url: str) -> None:
            ana.person.allow(url)
            raise OSError("no screen")

        ana.person.does = fail
        assert ana.connect().code == 0
        assert [str(error) for error in ana.person.errors] == ["no screen"]


class TestAfterwards:
    def test_an_older_access_loses_its_consent_but_not_its_job(self, ana: Ana) -> None:
        ana.connected()
        with ana.access() as (access, account, wish):
            older = access.grant_of("mail")
            job = _job(access.database)
            access.attach("mail", Holder(HolderKind.KEPT, "mail", time.time() + 1000))
            access.attach("mail", Holder(HolderKind.JOB, job))
            grant, found = by_browser(access, account, wish, Talk(lambda url: open_browser(url, {"BROWSER": "person"})))
            assert sorted(collection.name for collection in found) == ["Friends", "Work"]
            assert [holder.kind for holder in access.store.get(older.id).holders] == [HolderKind.JOB]
            assert [holder.kind for holder in access.store.get(grant.id).holders] == [HolderKind.CONSENT]
            assert access.grant_of("mail").id == grant.id
            supersede(access, account, grant)
            assert access.grant_of("mail").id == grant.id
            access.store.release(HolderKind.JOB, job)
            assert [ended.after.id for ended in access.reap()] == [older.id]
        assert ana.live == 1

    def test_what_cannot_be_looked_at_is_given_back(self, ana: Ana) -> None:
        from dataclasses import replace

        with ana.access() as (access, account, wish):
            gone = replace(account, url="http://127.0.0.1:9/")
            access.settings = access.settings.with_account(gone)
            show = Talk(lambda url: open_browser(url, {"BROWSER": "person"}))
            with pytest.raises(ConnectorError):
                by_browser(access, gone, wish, show)
            (grant,) = access.store.list()
            assert grant.state.value == "draining"
            assert [ended.after.state.value for ended in access.reap()] == ["erased"]
        assert ana.live == 0

    def test_looking_without_access_says_so(self, ana: Ana) -> None:
        with ana.access() as (access, account, _), pytest.raises(AccessMissing) as caught:
            look(access.settings, account, access=access)
        assert caught.value.hint == "Give it again with: wherry connect dav --name mail"

    def test_nothing_owed_opens_no_vault(self, run: Run, home: Path) -> None:
        """A reaper that has nothing to do needs no key, so that none is made for it."""
        assert run("accounts").code == 0
        assert not read_settings({"WHERRY_HOME": str(home)}).folders.vault_key.exists()


def _job(database: object) -> str:
    from sync_engine.jobs import Jobs
    from sync_engine.model import JobKind, JobSpec

    jobs = Jobs(database)  # type: ignore[arg-type]  # the state database of an Access
    return jobs.start(jobs.submit(JobSpec(JobKind.BACKUP, "dav:mail", "vdir:/nowhere", mirror=True)).id).id
