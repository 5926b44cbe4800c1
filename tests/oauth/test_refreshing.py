"""One refresh at a time: over threads, over processes, and with rotation."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from oauth.errors import GrantBusy, GrantDying, GrantGone, NoRefreshToken, Unreachable
from oauth.grants import Grant, GrantState, Holder, HolderKind
from oauth.keys import GivenKeys
from oauth.refreshing import MARGIN, TRIES, GrantTokens
from oauth.secret import Secret
from oauth.vault import Vault
from simulators.identity.dropbox import dropbox
from simulators.identity.generic import Generic, generic
from simulators.identity.google import google
from tests.oauth.consenting import World, dropbox_wish, generic_wish, google_wish
from tests.oauth.reaping import Reaping

KEY = "T25lIGtleSBmb3IgYWxsIG9mIHRoZSBwcm9jZXNzZXM="


@pytest.fixture
def reaping(world: World) -> Reaping:
    return Reaping(world)


def tokens_of(reaping: Reaping, grant: Grant, **more: Any) -> GrantTokens:
    world = reaping.world
    given: dict[str, Any] = {"owner": "worker", "sleep": reaping.slept.append} | more
    return GrantTokens(world.store, world.vault, world.wire, grant.id, **given)


def rotating(reaping: Reaping, provider: Generic) -> Grant:
    """Return a held grant at a server that rotates refresh tokens."""
    provider.rotates = True
    grant = reaping.grant(generic_wish(provider, reaping.world), provider)
    return reaping.world.store.attach(grant.id, Holder(HolderKind.KEPT, "k"))


def expire(reaping: Reaping, provider: Generic, seconds: float = 7200.0) -> None:
    provider.clock.advance(seconds)
    reaping.at(seconds)


def test_a_token_that_lasts_is_not_refreshed(reaping: Reaping) -> None:
    with generic() as provider:
        grant = rotating(reaping, provider)
        tokens = tokens_of(reaping, grant)
        first = tokens.current()
        assert first == reaping.world.kept(grant).access
        assert tokens.current() is first
        assert provider.count("token") == 1


def test_a_token_about_to_end_is_renewed_and_kept(reaping: Reaping) -> None:
    with generic() as provider:
        provider.access_lifetime = 3600
        grant = rotating(reaping, provider)
        tokens, old = tokens_of(reaping, grant), reaping.world.kept(grant)
        reaping.at(3600 - MARGIN + 5)
        fresh = tokens.current()
        kept = reaping.world.kept(grant)
        assert fresh == kept.access != old.access
        assert kept.refresh != old.refresh, "the rotated one is kept"
        found = reaping.world.store.get(grant.id)
        assert (found.expires_at or 0) > reaping.world.store.now() + 3000
        assert reaping.world.store.lease(grant.id, "another", 5), "and the lease is given back"


def test_sixteen_threads_make_one_refresh(reaping: Reaping) -> None:
    with generic() as provider:
        grant = rotating(reaping, provider)
        expire(reaping, provider)
        tokens, start = tokens_of(reaping, grant), threading.Barrier(16)

        def ask(_: int) -> str:
            start.wait()
            return tokens.current().reveal()

        with ThreadPoolExecutor(16) as pool:
            answers = set(pool.map(ask, range(16)))
        assert len(answers) == 1
        assert provider.count("token") == 2
        assert provider.live_grants()


def test_sixteen_threads_with_nothing_in_common_but_the_store_make_one_refresh(reaping: Reaping) -> None:
    import time

    with generic() as provider:
        grant = rotating(reaping, provider)
        expire(reaping, provider)
        provider.faults.slow("token", 0.2)
        start = threading.Barrier(16)

        def ask(number: int) -> str:
            tokens = tokens_of(reaping, grant, owner=f"worker-{number}", sleep=time.sleep)
            start.wait()
            return tokens.current().reveal()

        with ThreadPoolExecutor(16) as pool:
            answers = set(pool.map(ask, range(16)))
        assert len(answers) == 1
        assert provider.count("token") == 2, "a second use of a rotated token would have ended the grant"


def test_sixteen_threads_that_were_refused_renew_once(reaping: Reaping) -> None:
    with generic() as provider:
        grant = rotating(reaping, provider)
        tokens, start = tokens_of(reaping, grant), threading.Barrier(16)
        stale = tokens.current()

        def ask(_: int) -> str | None:
            start.wait()
            fresh = tokens.renewed(stale)
            return None if fresh is None else fresh.reveal()

        with ThreadPoolExecutor(16) as pool:
            answers = set(pool.map(ask, range(16)))
        assert len(answers) == 1
        assert answers != {stale.reveal()}
        assert provider.count("token") == 2


CHILD = """
import json, sys
from oauth.keys import GivenKeys
from oauth.refreshing import GrantTokens
from oauth.vault import Vault
from sync_engine.database import Database
from sync_engine.grants import SqlGrants
from sync_engine.owners import own_name
from tests.oauth.wire import Wire
url, key, grant, skew = sys.argv[1:]
store = SqlGrants(Database.open(url), skew=lambda: float(skew))
tokens = GrantTokens(store, Vault(GivenKeys(key), store), Wire(), grant, own_name())
print("up", flush=True)
sys.stdin.readline()
print(json.dumps(tokens.current().reveal()))
"""


def test_several_processes_make_one_refresh(reaping: Reaping) -> None:
    world = reaping.world
    world.vault = world.consent.vault = Vault(GivenKeys(KEY), world.store)
    with generic() as provider:
        grant = rotating(reaping, provider)
        expire(reaping, provider)
        provider.faults.slow("token", 0.2)
        command = [sys.executable, "-c", CHILD, f"sqlite:///{world.path}", KEY, grant.id, "7200"]
        children = [
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(4)
        ]
        for child in children:
            assert child.stdout is not None
            assert child.stdout.readline() == "up\n"
        threads = ThreadPoolExecutor(4)
        with threads:
            answers = list(threads.map(lambda child: child.communicate("go\n", timeout=60)[0], children))
        assert [child.returncode for child in children] == [0] * 4
        assert len({json.loads(answer) for answer in answers}) == 1
        assert provider.count("token") == 2
        assert provider.live_grants()


def test_what_another_process_renewed_is_taken_without_asking(reaping: Reaping) -> None:
    with generic() as provider:
        grant = rotating(reaping, provider)
        here, there = tokens_of(reaping, grant), tokens_of(reaping, grant, owner="there")
        stale = here.current()
        fresh = there.renewed(stale)
        assert here.renewed(stale) == fresh
        assert provider.count("token") == 2


def test_a_process_that_holds_it_too_long_is_named(reaping: Reaping) -> None:
    with generic() as provider:
        grant = rotating(reaping, provider)
        expire(reaping, provider)
        assert reaping.world.store.lease(grant.id, "another", 600)
        with pytest.raises(GrantBusy):
            tokens_of(reaping, grant, patience=0.0).current()
        assert provider.count("token") == 1


def test_a_refresher_that_died_is_taken_over_when_its_lease_is_over(reaping: Reaping) -> None:
    with generic() as provider:
        grant = rotating(reaping, provider)
        expire(reaping, provider)
        assert reaping.world.store.lease(grant.id, "dead", 1.0)
        assert tokens_of(reaping, grant, sleep=lambda _: reaping.at(7300)).current()
        assert provider.count("token") == 2


def test_the_fresh_token_is_kept_before_anybody_has_it(reaping: Reaping) -> None:
    """A store that cannot write: nobody gets a token that nobody could give back."""
    with generic() as provider:
        grant = rotating(reaping, provider)
        expire(reaping, provider)
        tokens = tokens_of(reaping, grant)
        with reaping.world.database.write() as connection:
            connection.exec_driver_sql(
                "create trigger full before update on sealed begin select raise(abort, 'disk full'); end"
            )
        with pytest.raises(sqlite3.IntegrityError, match="disk full"):
            tokens.current()
        with reaping.world.database.write() as connection:
            connection.exec_driver_sql("drop trigger full")
        # The server saw a rotated token twice and ended the grant: that is what the other side does.
        with pytest.raises(GrantGone):
            tokens.current()
        assert reaping.state(grant) is GrantState.LOST
        assert provider.live_grants() == []


def test_invalid_grant_is_a_lost_grant(reaping: Reaping) -> None:
    with google() as provider:
        grant = reaping.grant(google_wish(provider), provider)
        reaping.world.store.attach(grant.id, Holder(HolderKind.KEPT, "k"))
        stale = tokens_of(reaping, grant).current()
        provider.remove_access("ana@example.org")
        with pytest.raises(GrantGone) as gone:
            tokens_of(reaping, grant).renewed(stale)
        assert gone.value.state == "lost"
        found = reaping.world.store.get(grant.id)
        assert (found.state, found.holders, found.last_error) == (GrantState.LOST, (), "invalid_grant")
        with pytest.raises(GrantGone):
            tokens_of(reaping, grant).current()


@pytest.mark.parametrize("fault", [503, "reset", "html", "cut"])
def test_a_token_endpoint_that_stumbles_is_asked_again(fault: int | str, reaping: Reaping) -> None:
    with google() as provider:
        grant = reaping.grant(google_wish(provider), provider)
        provider.clock.advance(7200)
        reaping.at(7200)
        provider.faults.switch("token", fault, times=TRIES - 1)
        assert tokens_of(reaping, grant).current() == reaping.world.kept(grant).access
        assert len(reaping.slept) == TRIES - 1


def test_what_still_lasts_does_while_the_provider_is_out_of_reach(reaping: Reaping) -> None:
    with google() as provider:
        grant = reaping.grant(google_wish(provider), provider)
        tokens, old = tokens_of(reaping, grant), reaping.world.kept(grant).access
        provider.faults.switch("token", "reset")
        ends = (reaping.world.store.get(grant.id).expires_at or 0) - reaping.world.store.now()
        reaping.at(ends - MARGIN / 2)
        assert tokens.current() == old
        reaping.at(ends + 5)
        with pytest.raises(Unreachable):
            tokens.current()
        assert reaping.state(grant) is GrantState.LIVE, "out of reach is not over"


def test_without_a_refresh_token_what_is_over_is_over(reaping: Reaping) -> None:
    with dropbox() as provider:
        grant = reaping.grant(dropbox_wish(provider, offline=False), provider)
        tokens = tokens_of(reaping, grant)
        first = tokens.current()
        assert tokens.renewed(first) is None
        reaping.at(5 * 3600)
        with pytest.raises(NoRefreshToken):
            tokens_of(reaping, grant).current()


@pytest.mark.parametrize("state", ["revoking", "erased"])
def test_no_token_of_a_grant_that_ends(state: str, reaping: Reaping) -> None:
    with google() as provider:
        grant = reaping.drained(google_wish(provider), provider)
        assert tokens_of(reaping, grant).current(), "DRAINING may still be taken back"
        if state == "revoking":
            assert reaping.world.store.lease(grant.id, "reaper", 60, to=GrantState.REVOKING)
        else:
            reaping.run()
        with pytest.raises(GrantDying if state == "revoking" else GrantGone):
            tokens_of(reaping, grant).current()


def test_a_foreign_stale_token_asks_nobody(reaping: Reaping) -> None:
    with google() as provider:
        grant = reaping.grant(google_wish(provider), provider)
        tokens = tokens_of(reaping, grant)
        assert tokens.renewed(Secret("some older one")) == reaping.world.kept(grant).access
        assert provider.count("token") == 1
