"""One life of a worker that needs access: it may be killed at any step, and another goes on for it.

What happens goes to a journal, one line each, which outlives a SIGKILL.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, TypeVar

from oauth.callbacks import pasted
from oauth.client import revoke
from oauth.code_flow import flow_of
from oauth.consent import Consent, Wish
from oauth.errors import (
    BadAnswer,
    GrantDead,
    GrantDying,
    GrantError,
    GrantGone,
    ScopesDiffer,
    Unreachable,
    WrongCallback,
)
from oauth.grants import USABLE, Grant, GrantState, Holder, HolderKind
from oauth.keys import GivenKeys
from oauth.profiles import ENDPOINTS, profile
from oauth.refreshing import GrantTokens
from oauth.revocation import Reaper
from oauth.secret import Secret
from oauth.tokens import Client
from oauth.transport import Request
from oauth.vault import Vault
from simulators.identity import browser
from sync_engine.database import Database
from sync_engine.errors import LeaseLost
from sync_engine.grants import SqlGrants
from sync_engine.jobs import Jobs
from sync_engine.leases import Leases
from sync_engine.model import ENDED, Job, JobKind, JobSpec, JobState, Lease, Want
from sync_engine.owners import is_dead, own_name
from tests.oauth.wire import Wire

if TYPE_CHECKING:
    from tests.chaos.doom import Doom

G = "https://www.googleapis.com/auth/"
SCOPES = ("openid", f"{G}calendar.calendarlist.readonly", f"{G}calendar.events.owned.readonly")
REDIRECT = "http://127.0.0.1:9/callback/google"
PATIENCE = 60.0
PAGES = 4
T = TypeVar("T")


@dataclass(slots=True)
class Orders:
    """What one life is to do. *task* is ``job``, ``reap`` or ``naive``.

    *clock* is a file with the seconds by which the clock is wrong, for everybody at once.
    """

    url: str
    journal: str
    clock: str
    key: str
    provider: dict[str, str]
    task: str
    user: str = ""
    job: str = ""
    step: int = 0
    seed: int = 0
    partial: bool = False
    end: str = "done"


@dataclass(slots=True)
class Life:
    """A worker with everything it needs, from its birth to its end."""

    orders: Orders
    doom: Doom
    luck: Random = field(init=False)
    wire: Wire = field(default_factory=Wire)

    def __post_init__(self) -> None:
        self.luck = Random(self.orders.seed)

    def note(self, *words: str) -> None:
        """Write one line into the journal."""
        file = os.open(self.orders.journal, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.write(file, (" ".join((self.orders.job or "-", *words)) + "\n").encode())
        os.close(file)

    def wish(self) -> Wish:
        given = self.orders.provider
        addresses = {name: url for name, url in given.items() if name in ENDPOINTS}
        client = Client(given["client_id"], Secret(given["client_secret"]))
        return Wish(profile("google", addresses, allow_loopback=True), client, SCOPES, self.orders.user)

    def live(self) -> None:
        """Do what was ordered."""
        if self.orders.task == "naive":
            Naive(self).run()
            return
        database = Database.open(self.orders.url)
        self.doom.watch(database)
        try:
            Careful(self, database).run()
        finally:
            database.close()

    def reads(self, resource: str, token: Secret) -> bool:
        """Ask the provider for data; say whether it let us."""
        answer = self.wire(Request("GET", resource, {"Authorization": f"Bearer {token.reveal()}"}))
        return answer.status == 200

    def person(self, url: str, *, partial: bool) -> str:
        """Do in a browser what a person does; with *partial* one box stays empty."""
        boxes = [SCOPES[1]] if partial else None
        return browser.approve(url, user=self.orders.user, scopes=boxes)


class Careful:
    """What the product does: hold, work, let go, and reap at both ends."""

    def __init__(self, life: Life, database: Database) -> None:
        self.life, self.orders, self.database = life, life.orders, database
        self.owner = own_name()
        self.store = SqlGrants(database, skew=self.skew)
        self.vault = Vault(GivenKeys(life.orders.key), self.store)
        self.consent = Consent(self.store, self.vault, life.wire, owner=self.owner, pause=lambda _: None)
        self.jobs, self.leases = Jobs(database), Leases(database)

    def skew(self) -> float:
        return float(Path(self.orders.clock).read_text() or 0.0)

    def run(self) -> None:
        self.reap()
        if self.orders.task == "job":
            name = self.orders.job
            job = self.jobs.submit(JobSpec(JobKind.BACKUP, f"dav:{name}", f"vdir:/{name}", mirror=True))
            if f"{name} over" not in Path(self.orders.journal).read_text():
                self.work(job)
                self.life.note("over")
            self.reap()

    def reap(self) -> None:
        Reaper(
            self.store,
            self.vault,
            self.life.wire,
            self.owner,
            redeem=self.consent.redeem,
            dead=is_dead,
            patience=0.3,
            luck=self.life.luck,
        ).run()

    def work(self, job: Job) -> None:
        if job.state in ENDED:
            # The life before died between the end of the job and its note.
            return
        if job.state is not JobState.LEASED:
            self.jobs.start(job.id)
        grant = self.held(job)
        lease = patiently(lambda: self._claimed(job))
        tokens = GrantTokens(self.store, self.vault, self.life.wire, grant.id, self.owner)
        with suppress(LeaseLost):
            for _ in range(PAGES):
                self.read(tokens)
                self.leases.renew(lease, ttl=30)
            if self.orders.end == "cancel":
                self.jobs.want(job.id, Want.CANCEL)
                self.leases.release(lease, state=JobState.READY)
            else:
                self.leases.release(lease, state=JobState(self.orders.end))

    def _claimed(self, job: Job) -> Lease | None:
        """Return the lease of *job*; while it is a dead worker's, free it for the next time."""
        lease = self.leases.claim(self.owner, ttl=30, job=job.id)
        if lease is None:
            self.leases.expire(is_dead)
        return lease

    def read(self, tokens: GrantTokens) -> None:
        """Read a page; a refusal while the job holds the grant is the promise broken."""
        resource = self.orders.provider["resource_url"]
        try:
            token = tokens.current()
            if self.life.reads(resource, token):
                return
            again = tokens.renewed(token)
            if again is not None and self.life.reads(resource, again):
                return
        except (GrantGone, GrantDying, GrantDead) as gone:
            self.life.note("cut", type(gone).__name__)
            return
        self.life.note("cut", "refused")

    def held(self, job: Job) -> Grant:
        """Return a grant that this job holds."""
        mine = [grant for grant in self.store.list() if (HolderKind.JOB, job.id) in kinds(grant)]
        if mine:
            return self.store.attach(mine[0].id, Holder(HolderKind.JOB, job.id))
        if f"{self.orders.job} held" in Path(self.orders.journal).read_text():
            self.life.note("cut", "taken-away")
        grant = patiently(lambda: self.taken(job) or self.asked(job))
        self.life.note("held", grant.id)
        return grant

    def taken(self, job: Job) -> Grant | None:
        """Hold a grant that is there already."""
        for grant in self.store.of_account(self.orders.user):
            if grant.state in USABLE and set(SCOPES) <= set(grant.granted):
                with suppress(GrantDying, GrantGone):
                    return self.store.attach(grant.id, Holder(HolderKind.JOB, job.id))
        return None

    def asked(self, job: Job) -> Grant | None:
        """Ask the person for a new one; ``None`` when that has to be done again."""
        try:
            begun = self.consent.begin(self.life.wish(), REDIRECT)
            back = self.life.person(begun.url, partial=self.orders.partial)
            self.orders.partial = False
            grant = self.consent.receive(begun, pasted(back, begun.expected))
            return self.store.attach(grant.id, Holder(HolderKind.JOB, job.id))
        except (ScopesDiffer, GrantError, GrantDead, WrongCallback, Unreachable, BadAnswer) as again:
            self.life.note("again", type(again).__name__)
            self.reap()
            return None


class Naive:
    """What everybody writes first: ``finally: revoke()``."""

    def __init__(self, life: Life) -> None:
        self.life = life

    def run(self) -> None:
        from secrets import token_urlsafe

        wish, resource = self.life.wish(), self.life.orders.provider["resource_url"]
        state, verifier = Secret(token_urlsafe(32)), Secret(token_urlsafe(64))
        flow = flow_of(wish.profile)
        url = flow.authorization_url(
            wish.profile, wish.client, scopes=SCOPES, state=state, verifier=verifier, redirect_uri=REDIRECT
        )
        arrival: Any = browser.approve(url, user=self.life.orders.user)
        code = arrival.partition("code=")[2].partition("&")[0].replace("%2F", "/")
        try:
            tokens = flow.exchange_code(
                wish.profile,
                self.life.wire,
                wish.client,
                code=Secret(code),
                verifier=verifier,
                redirect_uri=REDIRECT,
                requested=SCOPES,
            )
        except GrantDead:
            return
        try:
            for _ in range(PAGES):
                time.sleep(0.02)  # a sibling needs a moment in which it may end
                if tokens.access is None or not self.life.reads(resource, tokens.access):
                    self.life.note("cut", "refused")
                    break
        finally:
            revoke(wish.profile, self.life.wire, tokens, wish.client)


def kinds(grant: Grant) -> set[tuple[HolderKind, str]]:
    """Return who holds *grant*."""
    return {(holder.kind, holder.ref) for holder in grant.holders} if grant.state is GrantState.LIVE else set()


def patiently(look: Callable[[], T | None]) -> T:
    """Return what *look* finds, trying until it does. Raises ``TimeoutError``."""
    until = time.monotonic() + PATIENCE
    while (found := look()) is None:
        if time.monotonic() > until:
            raise TimeoutError("nothing was found in time")
        time.sleep(0.01)
    return found
