"""Jobs that hold one access together, that wait, that are killed: nobody is cut off and nothing is left."""

from __future__ import annotations

import os
import signal

import pytest

from simulators.davstores import fill
from simulators.identity.generic import Generic
from tests.wherry.access.household import Ana, Spoken, interposed
from tests.wherry.conftest import CARD, Run

pytestmark = pytest.mark.server


@pytest.fixture
def here(ana: Ana, environ: dict[str, str]) -> dict[str, str]:
    """Return the environment of another process of the same person."""
    return {**environ, **ana.browser()}


def spoken(ana: Ana, here: dict[str, str], to: str, *more: str) -> Spoken:
    return Spoken("backup", "dav:mail", "--to", str(ana.folder / to), *more, environ=here)


def stopped(ana: Ana, idp: Generic, here: dict[str, str], sign: int) -> Spoken:
    """Back up until *sign* is sent to the process, in the middle of its run; return what it said."""
    running: list[Spoken] = []

    def stop() -> None:
        os.kill(running[0].process.pid, sign)

    with interposed(idp, "introspect", 3, stop):
        running.append(spoken(ana, here, "copy"))
        running[0].process.wait(60)
    return running[0]


def test_two_jobs_at_once_do_not_cut_each_other_off(ana: Ana, here: dict[str, str]) -> None:
    cards = [(f"m{n}", CARD.format(uid=f"m{n}", name=f"More {n}").encode()) for n in range(40)]
    fill(ana.dav, "more", cards, kind="contacts", title="More")
    ana.connected()
    both = [spoken(ana, here, "all"), spoken(ana, here, "events", "--only", "calendars")]
    answers = [each.end() for each in both]
    codes = [answer.code for answer in answers]
    assert sorted(codes) in ([0, 0], [0, 11]), [answer.err for answer in answers]
    if 11 in codes:
        # One run at a time uses an account; the job that has to wait holds the access meanwhile.
        assert ana.live == 1
        again = ana.backup(*(("--only", "calendars"), ())[codes.index(11) == 0], to=("all", "events")[codes.index(11)])
        assert again.code == 0, again.err
    assert ana.live == 0
    assert ana.states() == ["erased"]


def test_the_first_of_two_jobs_leaves_the_access_to_the_second(ana: Ana, idp: Generic, here: dict[str, str]) -> None:
    ana.connected()
    assert stopped(ana, idp, here, signal.SIGINT).end().code == 130
    (waiting,) = ana.account()["jobs"]
    other = ana.backup(to="other")
    assert other.code == 0
    assert "Access" not in other.out
    assert (ana.live, ana.account()["jobs"]) == (1, [waiting])
    resumed = ana.run("resume", waiting)
    assert resumed.code == 0, resumed.err
    assert "Access     to 'mail' ended at" in resumed.out
    assert ana.live == 0


def test_a_job_that_was_stopped_keeps_its_access_until_it_is_cancelled(
    ana: Ana, idp: Generic, here: dict[str, str]
) -> None:
    ana.connected()
    assert stopped(ana, idp, here, signal.SIGTERM).end().code == 143
    (job,) = ana.account()["jobs"]
    shown = ana.run("accounts").out.splitlines()[1]
    assert "the job ends" in shown
    assert job in shown
    assert ana.run("pause", job).code == 0
    assert ana.live == 1
    cancelled = ana.run("cancel", job)
    assert cancelled.code == 0
    assert "Access     to 'mail' ended at" in cancelled.out
    assert ana.live == 0
    assert ana.states() == ["erased"]


def test_a_cancelled_job_whose_access_cannot_be_ended_says_so(ana: Ana, idp: Generic, here: dict[str, str]) -> None:
    ana.connected()
    assert stopped(ana, idp, here, signal.SIGINT).end().code == 130
    (job,) = ana.account()["jobs"]
    idp.faults.switch("revoke", 503)
    lines = ana.run("cancel", job, "--json")
    assert lines.code == 16
    assert [line["type"] for line in lines.lines] == ["wish", "not_revoked"]


def test_a_job_whose_source_is_down_waits_with_its_access(ana: Ana) -> None:
    """A passing fault is no end: the job may be run again, and gives its access back when it is cancelled."""
    ana.connected()
    settings = ana.home / "settings.toml"
    kept = settings.read_text()
    settings.write_text(kept.replace(ana.dav.url, "http://127.0.0.1:9/"))
    assert ana.backup().code == 5
    assert ana.live == 1
    settings.write_text(kept)
    assert ana.backup().code == 0
    assert ana.live == 0


def test_an_old_access_stays_with_the_job_that_has_it(ana: Ana, idp: Generic, here: dict[str, str]) -> None:
    """Connecting anew cuts no job off; both accesses end when the job does."""
    ana.connected()
    assert stopped(ana, idp, here, signal.SIGINT).end().code == 130
    ana.connected()
    assert ana.states() == ["live", "live"]
    assert ana.backup().code == 0
    assert ana.live == 0
    assert ana.states() == ["erased", "erased"]


def test_an_access_nobody_used_gives_way_to_a_new_one(ana: Ana) -> None:
    ana.connected()
    ana.connected()
    assert ana.states() == ["erased", "live"]
    assert ana.live == 1


def test_a_killed_backup_goes_on_and_gives_its_access_back(ana: Ana, idp: Generic, here: dict[str, str]) -> None:
    ana.connected()
    assert stopped(ana, idp, here, signal.SIGKILL).end().code == -9
    assert ana.run("accounts").code == 0
    assert ana.live == 1, "the job has not ended"
    finished = ana.backup()
    assert finished.code == 0, finished.err
    assert ana.live == 0
    assert ana.states() == ["erased"]


@pytest.mark.parametrize("endpoint", ["revoke", "token"])
def test_a_backup_killed_while_it_ends_its_access(ana: Ana, idp: Generic, here: dict[str, str], endpoint: str) -> None:
    """Killed when the provider is asked, or when it is asked for the proof."""
    ana.connected()
    running: list[Spoken] = []

    def kill() -> None:
        os.kill(running[0].process.pid, signal.SIGKILL)

    with interposed(idp, endpoint, 1, kill):
        running.append(spoken(ana, here, "copy"))
        assert running[0].end().code == -9
    listed = ana.run("accounts")
    assert listed.code == 0, listed.err
    assert ana.live == 0
    assert ana.states() == ["erased"]
    assert ana.secrets_left() == 0


@pytest.mark.parametrize("endpoint", ["authorize", "token", "introspect"])
def test_a_connection_killed_on_its_way(ana: Ana, idp: Generic, here: dict[str, str], endpoint: str) -> None:
    """Killed at the browser, with the code in its hands, or with tokens that no account stands for yet."""
    running: list[Spoken] = []

    def kill() -> None:
        os.kill(running[0].process.pid, signal.SIGKILL)

    name = "_authorize" if endpoint == "authorize" else endpoint
    with interposed(idp, name, 1, kill):
        running.append(Spoken(*ana.words(), environ=here))
        running[0].wait_for("Type yes: ")
        running[0].tell("yes")
        assert running[0].end().code == -9
    assert not (ana.home / "settings.toml").exists()
    listed = ana.run("accounts")
    assert "Traceback" not in listed.err
    again = ana.connect()
    assert again.code in {0, 16}, again.err
    assert ana.backup().code in {0, 16}
    assert ana.run("disconnect", "mail").code == 0
    assert ana.live == 0
    assert set(ana.states()) <= {"closed", "erased"}
    assert ana.secrets_left() == 0


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_the_browser_is_waited_for(ana: Ana, here: dict[str, str], sign: signal.Signals) -> None:
    running = Spoken(*ana.words(), environ={**here, "BROWSER": "true %s"})
    running.wait_for("Type yes: ")
    running.tell("yes")
    running.wait_for(r"(http://127\.0\.0\.1:\d+/authorize\S+)\s")
    running.process.send_signal(sign)
    answer = running.end()
    assert answer.code == (130 if sign is signal.SIGINT else -15)
    assert "Traceback" not in answer.err
    assert ana.run("accounts").code == 0
    assert ana.states() == ["closed"]
    assert ana.secrets_left() == 0


def test_a_dead_process_is_no_reason_to_refuse_the_next(process: Run, ana: Ana, here: dict[str, str]) -> None:
    running = Spoken(*ana.words(), environ={**here, "BROWSER": "true %s"})
    running.wait_for("Type yes: ")
    running.tell("yes")
    running.wait_for(r"(http://127\.0\.0\.1:\d+/authorize\S+)\s")
    running.kill()
    answer = process(*ana.words(), input="yes\n", env=here)
    assert answer.code == 0, answer.err
    assert ana.states() == ["closed", "live"]
