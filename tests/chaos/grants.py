"""Kill workers between every two statements; then prove that no access is left and no job was cut off.

``python -m tests.chaos grants --rounds 40`` ends with one line of JSON. In each round two
workers at once need access to the account of one person, or of two. Both are killed a few
times; clocks jump; some consents are partial; every fifth answer to a revocation is 503.
The control does the same work with ``finally: revoke()``: it has to leak.
"""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, Self

from simulators.identity.google import google
from simulators.postgres import postgres
from sync_engine.database import Database
from sync_engine.grants import SqlGrants
from tests.chaos.grants_life import Orders

if TYPE_CHECKING:
    from simulators.identity.google import Google

LIFE = 180
"""Steps of an undisturbed life, about: where the kills are spread over."""

NAIVE_LIFE = 50

SKEWS = (0.0, 0.0, 0.0, -86_400.0, -600.0, 600.0, 86_400.0)
"""Where the clock stands, in seconds beside the true time."""

ENDS = ("done", "done", "failed", "cancel")
REVOKE_FAILS = 0.2

LEAST_CONTROL = 8
"""Rounds of the control: about one life in three leaks."""

REAPS = 40
"""Runs of the reaper after which an access that is still there counts as left."""


@dataclass(slots=True)
class Figures:
    """What happened. The last four must be 0, but for the control."""

    rounds: int = 0
    lives: int = 0
    kills: int = 0
    failed_lives: int = 0
    grants: int = 0
    revocations: int = 0
    refused_503: int = 0
    orphans: int = 0
    live_grants_left: int = 0
    jobs_cut_off: int = 0
    jobs_unfinished: int = 0
    secrets_left: int = 0
    control_kills: int = 0
    control_leaked: int = 0
    control_cut_off: int = 0


class Nursery:
    """Processes in which lives are lived; one for each worker."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "tests.chaos.grants_child"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate(timeout=60)

    def live(self, orders: Orders) -> int:
        """Live one life to its end; return how it ended."""
        pipe, answers = self._process.stdin, self._process.stdout
        if pipe is None or answers is None:
            raise RuntimeError("no pipes")
        pipe.write(json.dumps(asdict(orders)) + "\n")
        pipe.flush()
        return int(answers.readline())


@dataclass(slots=True)
class Campaign:
    """A provider, a state database, two workers and bad luck."""

    url: str
    folder: Path
    provider: Google
    nurseries: list[Nursery]
    luck: Random
    figures: Figures
    keys: set[str] = field(default_factory=set)
    planned: set[str] = field(default_factory=set)

    def orders(self, task: str, **more: Any) -> Orders:
        given = {name: getattr(self.provider, name) for name in ADDRESSES}
        given |= {"client_id": self.provider.client.id, "client_secret": self.provider.client.secret}
        more = {"seed": self.luck.randrange(1 << 30)} | more
        return Orders(self.url, str(self.folder / "journal"), str(self.folder / "clock"), KEY, given, task, **more)

    def jump(self, seconds: float) -> None:
        """Put the clock forward or back, for everybody at once and in the middle of whatever they do."""
        fresh = self.folder / "clock.new"
        fresh.write_text(str(seconds))
        fresh.rename(self.folder / "clock")

    def round(self, number: int) -> None:
        """Let two workers do a job each, killed a few times; then look at what is left."""
        self.figures.rounds += 1
        self.provider.replay_revokes = number % 2 == 0
        people = [f"{number}a@example.org", f"{number}{'a' if number % 3 else 'b'}@example.org"]
        plans = [
            [
                self.orders(
                    "job", user=user, job=f"r{number}w{index}", partial=self.luck.random() < 0.3, **self._mood()
                )
                for _ in range(self.luck.randrange(2, 5))
            ]
            for index, user in enumerate(people)
        ]
        for plan in plans:
            plan[-1].step = 0
            self.planned.add(plan[-1].job)
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(self._lives, self.nurseries, plans))
        self._settle(sorted(set(people)))
        self.figures.live_grants_left += len(self.provider.live_grants())
        for grant in self.provider.live_grants():
            self.provider.remove_access(grant.user)

    def _mood(self) -> dict[str, Any]:
        step = self.luck.randrange(1, LIFE)
        return {"step": step, "end": self.luck.choice(ENDS)}

    def _lives(self, nursery: Nursery, plan: list[Orders]) -> None:
        for orders in plan:
            self._judge(nursery.live(orders))
            self._remember()
            self.jump(Random(orders.seed).choice(SKEWS))

    def _judge(self, code: int) -> None:
        self.figures.lives += 1
        self.figures.kills += code == -signal.SIGKILL
        self.figures.failed_lives += code not in {0, -signal.SIGKILL}

    def _settle(self, people: list[str]) -> None:
        """Reap until nothing is owed, hours passing in between; who is asked to consent again does it once."""
        later = 86_400.0
        asked: set[str] = set()
        for _ in range(REAPS):
            self.jump(later)
            self._judge(self.nurseries[0].live(self.orders("reap")))
            later += 3600.0
            self._remember()
            told = [user for user in self._orphaned(people) if user not in asked]
            for user in told:
                self._judge(self.nurseries[0].live(self.orders("job", user=user, job=f"again-{user}")))
            asked.update(told)
            if not self._owed():
                break
        self.figures.orphans += len(asked)

    def _owed(self) -> bool:
        told = [grant for grant in self._grants() if grant.state.value != "escalated"]
        return bool(told or self.provider.live_grants())

    def _orphaned(self, people: list[str]) -> list[str]:
        """Return who was told that an access may be left which we hold no token of."""
        told = {grant.account for grant in self._grants() if grant.state.value == "escalated" and grant.subject is None}
        return [user for user in people if user in told]

    def _grants(self) -> list[Any]:
        database = Database.open(self.url)
        try:
            return SqlGrants(database).list()
        finally:
            database.close()

    def _remember(self) -> None:
        """Remember wrapped keys: once a grant is over, nothing of them may be found."""
        database = Database.open(self.url)
        try:
            self.keys |= {grant.data_key for grant in SqlGrants(database).list() if grant.data_key is not None}
        finally:
            database.close()

    def judge(self) -> None:
        """Read everything back."""
        journal = (self.folder / "journal").read_text().splitlines()
        self.figures.jobs_cut_off += sum(line.split()[1] == "cut" for line in journal)
        over = {line.split()[0] for line in journal if line.split()[1] == "over"}
        self.figures.jobs_unfinished += len(self.planned - over)
        database = Database.open(self.url)
        try:
            grants = SqlGrants(database).list(all=True)
            self.figures.grants += len(grants)
            kept = {grant.data_key for grant in grants if grant.data_key is not None}
            self.figures.secrets_left += leaked(database, self.folder, self._canaries() | (self.keys - kept))
        finally:
            database.close()
        self.figures.revocations += self.provider.count("revoke")
        self.figures.refused_503 += self.provider.count("revoke", status=503)

    def _canaries(self) -> set[str]:
        said = {token.value for token in self.provider.tokens} | set(self.provider.book.codes)
        return said | {self.provider.client.secret, KEY}

    def control(self, rounds: int) -> None:
        """Do the same work with ``finally: revoke()``."""
        journal = self.folder / "naive"
        for number in range(rounds):
            users = [f"n{number}a@example.org", f"n{number}{'a' if number % 3 else 'b'}@example.org"]
            plans = [
                self.orders("naive", user=user, job=f"n{number}w{index}", step=self.luck.randrange(1, NAIVE_LIFE))
                for index, user in enumerate(users)
            ]
            for plan in plans:
                plan.journal = str(journal)
            with ThreadPoolExecutor(2) as pool:
                codes = list(pool.map(Nursery.live, self.nurseries, plans))
            self.figures.control_kills += codes.count(-signal.SIGKILL)
            self.figures.control_leaked += len(self.provider.live_grants())
            for user in users:
                self.provider.remove_access(user)
        if journal.exists():
            self.figures.control_cut_off += sum(" cut " in line for line in journal.read_text().splitlines())


ADDRESSES = ("authorize_url", "token_url", "revoke_url", "issuer", "resource_url")
KEY = "S2V5IG9mIHRoZSBjaGFvcyBoYXJuZXNzLCAzMiBieXQ="
TABLES = ("grants", "holder", "sealed", "audit", "job")


def leaked(database: Database, folder: Path, secrets: set[str]) -> int:
    """Count *secrets* that stand anywhere in the database: on SQLite in its files, byte by byte."""
    if database.sqlite:
        content = b"".join(file.read_bytes() for file in folder.glob("state.db*"))
    else:
        with database.read() as connection:
            rows = [row for table in TABLES for row in connection.exec_driver_sql(f"select * from {table}")]
        content = repr([[bytes(v) if isinstance(v, memoryview) else v for v in row] for row in rows]).encode()
    return sum(secret.encode() in content for secret in secrets)


@contextmanager
def state(kind: str, folder: Path) -> Iterator[str]:
    """Lend the address of a new state database."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'state.db'}"
        return
    with postgres() as server, server.database() as name:
        yield server.url(name)


def strike(kind: str, options: argparse.Namespace, figures: Figures) -> None:
    """Run the rounds and the control on one kind of database."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        (folder / "journal").touch()
        (folder / "clock").touch()
        url = stack.enter_context(state(kind, folder))
        Database.open(url).close()
        provider = stack.enter_context(google())
        provider.faults.switch("revoke", 503, chance=REVOKE_FAILS, seed=options.seed)
        nurseries = [stack.enter_context(Nursery()) for _ in range(2)]
        campaign = Campaign(url, folder, provider, nurseries, Random(options.seed), figures)
        for number in range(options.rounds):
            campaign.round(number)
        campaign.judge()
        campaign.control(max(options.rounds, LEAST_CONTROL))


def main(argv: list[str]) -> int:
    """Run the harness; 0 when no promise was broken and the control did break them."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos grants")
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--database", choices=["sqlite", "postgres", "both"], default="sqlite")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(argv)
    figures = Figures()
    for kind in ["sqlite", "postgres"] if options.database == "both" else [options.database]:
        strike(kind, options, figures)
    broken = figures.live_grants_left or figures.jobs_cut_off or figures.secrets_left or figures.jobs_unfinished
    sys.stdout.write(json.dumps({"harness": "grants", **asdict(figures)}) + "\n")
    return 1 if broken or figures.failed_lives or not figures.control_leaked else 0
