"""The grants in the state database: ``oauth.grants.GrantStore`` on SQLite and PostgreSQL.

Each method is one transaction. What must not happen at once is ordered by the grant's row; grants
of one radius, which the provider ends together, are locked together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from oauth.audit import Event
from oauth.errors import (
    GrantDying,
    GrantGone,
    GrantLeaseLost,
    GrantStateWrong,
    GrantUnknown,
    HolderEndless,
    HolderOver,
)
from oauth.grants import (
    CONSENT_LIFE,
    EXCHANGE_LIFE,
    LOCAL,
    PAUSE_LIFE,
    USABLE,
    Grant,
    GrantLease,
    GrantState,
    Holder,
    HolderKind,
    Radius,
    may_follow,
)
from sync_engine import grants_statements as sql
from sync_engine.grants_ending import let_go
from sync_engine.grants_rows import EVENTS, grant_of, word
from sync_engine.grants_table import GrantTable, fence_of, listed, recording
from sync_engine.rows import storable


class SqlGrants(GrantTable):
    """Grants, holders and sealed secrets, as ``oauth.grants.GrantStore`` describes them."""

    # Consent.

    def begin(
        self,
        *,
        grant_id: str,
        tenant: str,
        provider: str,
        project: str,
        account: str,
        requested: Sequence[str],
        sealed: Mapping[str, bytes],
        data_key: str,
        until: float,
        state_hash: str,
        radius: Radius = Radius.AUTHORIZATION,
        owner: str | None = None,
    ) -> Grant:
        names = {"tenant": tenant, "provider": provider, "account": storable(account)}
        with self._write() as connection:
            if radius is Radius.PROJECT:
                dying = self._run(connection, sql.DYING_ACCOUNT, **names)
                if dying:
                    raise GrantDying(dying[0].id)
            self._run(
                connection,
                sql.BEGIN,
                **names,
                grant_id=grant_id,
                project=project,
                radius=radius.value,
                requested=listed(requested),
                state_hash=state_hash,
                data_key=data_key,
                until=until,
                owner=owner,
                lease_until=None if owner is None else until,
            )
            self._seal(connection, grant_id, sealed)
            return self._noted(connection, grant_id, Event.GRANT_INTENT)

    def by_state(self, state_hash: str) -> Grant | None:
        rows = self._fetch(sql.BY_HASH, state_hash=state_hash)
        return grant_of(rows[0]) if rows else None

    def exchanging(self, grant_id: str, sealed: Mapping[str, bytes]) -> None:
        with self._write() as connection:
            if not self._run(connection, sql.EXCHANGE, grant_id=grant_id, life=EXCHANGE_LIFE):
                self._refuse(connection, grant_id, GrantState.EXCHANGING)
            self._seal(connection, grant_id, sealed)
            self._noted(connection, grant_id, Event.GRANT_EXCHANGING)

    def persist(
        self,
        grant_id: str,
        *,
        subject: str | None,
        granted: Sequence[str],
        expires_at: float | None,
        sealed: Mapping[str, bytes],
        project: str | None = None,
    ) -> Grant:
        with self._write() as connection:
            before = self._held(connection, grant_id)
            if before.radius == Radius.PROJECT and subject is None:
                # Without a subject the account's name has to tell whose grants end together.
                subject = f"account:{before.account}"
            self._lock_radius(connection, before, subject, project)
            rows = self._run(
                connection,
                sql.PERSIST,
                grant_id=grant_id,
                subject=subject,
                granted=listed(granted),
                expires_at=expires_at,
                project=project,
                life=CONSENT_LIFE,
            )
            if not rows:
                self._refuse(connection, grant_id, GrantState.LIVE)
            self._run(connection, sql.UNSEAL_ONCE, grant_id=grant_id)
            self._seal(connection, grant_id, sealed)
            consent = {
                "kind": HolderKind.CONSENT.value,
                "ref": grant_id,
                "until": self._time(connection) + CONSENT_LIFE,
            }
            self._run(connection, sql.ATTACH, grant_id=grant_id, **consent)
            struck = self._struck(connection, rows[0])
            if struck:
                self._run(connection, sql.DROP_ALL, grant_id=grant_id)
                self._run(connection, sql.DRAIN, grant_id=grant_id)
                self._run(connection, sql.STRIKE, grant_id=grant_id)
            events = (Event.GRANT_LIVE, Event.GRANT_REVOKING) if struck else (Event.GRANT_LIVE,)
            return self._noted(connection, grant_id, *events)

    def close(self, grant_id: str, why: str) -> Grant:
        with self._write() as connection:
            state = GrantState(self._held(connection, grant_id).state)
            if not may_follow(state, GrantState.CLOSED):
                raise GrantStateWrong(grant_id, state, GrantState.CLOSED)
            self._run(connection, sql.UNSEAL, grant_id=grant_id)
            self._run(connection, sql.CLOSE, grant_id=grant_id, why=why)
            grant = self._noted(connection, grant_id, Event.GRANT_CLOSED, outcome=word(why))
        self.database.scrub()
        return grant

    # Holding.

    def attach(self, grant_id: str, holder: Holder) -> Grant:
        if holder.kind is HolderKind.SCHEDULE and holder.until is None:
            raise HolderEndless(holder.ref)
        with self._write() as connection:
            if holder.kind is HolderKind.JOB and not self._run(connection, sql.JOB_OPEN, ref=holder.ref):
                raise HolderOver(holder.ref)
            row = self._held(connection, grant_id)
            state = GrantState(row.state)
            if state not in USABLE:
                raise GrantDying(grant_id) if state is GrantState.REVOKING else GrantGone(grant_id, state)
            until = holder.until
            if holder.kind is HolderKind.JOB and until is None:
                until = self._time(connection) + PAUSE_LIFE
            values = {"grant_id": grant_id, "kind": holder.kind.value, "ref": holder.ref, "until": until}
            more = len(self._run(connection, sql.ATTACH, **values))
            if not more:
                self._run(connection, sql.ATTACH_AGAIN, **values)
            if holder.kind is not HolderKind.CONSENT:
                more -= len(self._run(connection, sql.TAKEN_UP, grant_id=grant_id))
            self._run(connection, sql.HOLD_ON, grant_id=grant_id, more=more)
            return self._noted(connection, grant_id, Event.GRANT_ATTACHED, holder=holder.kind.value)

    def release(self, kind: HolderKind, ref: str) -> list[str]:
        with self._write() as connection:
            return let_go(self.database, connection, kind.value, ref)

    def drain(self, grant_id: str) -> Grant:
        with self._write() as connection:
            state = GrantState(self._held(connection, grant_id).state)
            if state in {GrantState.INTENT, GrantState.EXCHANGING}:
                raise GrantStateWrong(grant_id, state, GrantState.DRAINING)
            if state not in USABLE:
                return self._noted(connection, grant_id)
            self._run(connection, sql.DROP_ALL, grant_id=grant_id)
            self._run(connection, sql.DRAIN, grant_id=grant_id)
            events = (Event.GRANT_DRAINING,) if state is GrantState.LIVE else ()
            return self._noted(connection, grant_id, *events)

    def lost(self, grant_id: str, why: str) -> Grant:
        with self._write() as connection:
            if GrantState(self._held(connection, grant_id).state) not in USABLE:
                return self._noted(connection, grant_id)
            self._run(connection, sql.DROP_ALL, grant_id=grant_id)
            self._run(connection, sql.LOST, grant_id=grant_id, why=why)
            return self._noted(connection, grant_id, Event.GRANT_LOST, outcome=word(why))

    def tidy(self) -> list[str]:
        with self._write() as connection:
            self._run(connection, sql.GUARD_ALL)
            self._run(connection, sql.GUARD_HOLDERS)
            drained = []
            for grant_id in sorted({row.grant_id for row in self._run(connection, sql.EXPIRED_HOLDERS)}):
                self._held(connection, grant_id)
                drained += [grant_id] * self._drop_expired(connection, grant_id)
            drained += [row.id for row in self._run(connection, sql.UNHELD)]
            for grant_id in drained:
                self._noted(connection, grant_id, Event.GRANT_DRAINING)
            return drained

    # Ending.

    def owed(self, *, limit: int = 100) -> list[Grant]:
        return [grant_of(row) for row in self._fetch(sql.OWED, limit=limit)]

    def lease(self, grant_id: str, owner: str, ttl: float, *, to: GrantState | None = None) -> GrantLease | None:
        if to not in {None, GrantState.REVOKING}:
            raise ValueError("only REVOKING is entered with the lease")
        with self._write() as connection:
            doomed = [] if to is None else self._doomed(connection, grant_id)
            if doomed is None:
                return None
            self._held(connection, grant_id)
            self._run(connection, sql.GUARD_ONE, grant_id=grant_id)
            taken = self._run(connection, sql.LEASE, grant_id=grant_id, owner=owner, ttl=ttl)
            if not taken:
                return None
            self._run(connection, sql.TIMED, grant_id=grant_id)
            for one in doomed:
                self._run(connection, sql.STRIKE, grant_id=one)
            for one in doomed:
                self._noted(connection, one, Event.GRANT_REVOKING)
            return GrantLease(grant_id, owner, taken[0].token, taken[0].lease_until)

    def renew(self, lease: GrantLease, ttl: float) -> None:
        with self._write() as connection:
            if not self._run(connection, sql.RENEW, **fence_of(lease), ttl=ttl):
                raise GrantLeaseLost(lease.grant_id, lease.token)

    def give_back(self, lease: GrantLease) -> None:
        with self._write() as connection:
            self._run(connection, sql.GIVE_BACK, **fence_of(lease))

    def expire(self, dead: Callable[[str], bool]) -> int:
        owners = [row.owner for row in self._fetch(sql.OWNERS)]
        gone = [owner for owner in owners if dead(owner)]
        with self._write() as connection:
            return sum(len(self._run(connection, sql.EXPIRE, owner=owner)) for owner in gone)

    def record(
        self,
        lease: GrantLease,
        *,
        state: GrantState | None = None,
        attempts: int | None = None,
        wait: float | None = None,
        last_error: str | None = None,
        answer: str | None = None,
        verified: bool | None = None,
        deadline: float | None = None,
    ) -> Grant:
        if state not in {None, GrantState.REVOKED, GrantState.MANUAL, GrantState.ESCALATED}:
            raise ValueError(f"{state} has a method of its own")
        with self._write() as connection:
            row = self._fenced(connection, lease)
            if state is not None and not may_follow(GrantState(row.state), state):
                raise GrantStateWrong(lease.grant_id, row.state, state)
            self._run(connection, sql.GUARD_ONE, grant_id=lease.grant_id)
            changes = {"attempts": attempts, "answer": answer, "verified": verified, "state": state}
            values: dict[str, Any] = {name: value for name, value in changes.items() if value is not None}
            if last_error is not None:
                values["last_error"] = storable(last_error) or None
            # A new state is looked at right away, unless the caller says when.
            pause = 0.0 if wait is None and state is not None else wait
            waits = {name: after for name, after in (("next_at", pause), ("deadline", deadline)) if after is not None}
            statement = recording(values, waits, state)
            self._run(connection, statement, grant_id=lease.grant_id, **values, **waits)
            if answer is not None:
                self._noted(connection, lease.grant_id, Event.GRANT_ANSWERED, outcome=word(answer))
            events = ([] if state is None else [EVENTS[state]]) + ([Event.GRANT_VERIFIED] if verified else [])
            return self._noted(connection, lease.grant_id, *events)

    def refreshed(
        self,
        lease: GrantLease,
        *,
        sealed: Mapping[str, bytes],
        expires_at: float | None,
        granted: Sequence[str] | None = None,
    ) -> Grant:
        with self._write() as connection:
            row = self._fenced(connection, lease)
            if row.data_key is None:
                raise GrantGone(lease.grant_id, row.state)
            self._seal(connection, lease.grant_id, sealed)
            scopes = None if granted is None else listed(granted)
            self._run(connection, sql.REFRESHED, grant_id=lease.grant_id, expires_at=expires_at, granted=scopes)
            return self._noted(connection, lease.grant_id, Event.GRANT_REFRESHED)

    def erase(self, lease: GrantLease, why: str | None = None) -> Grant:
        with self._write() as connection:
            row = self._fenced(connection, lease)
            if not may_follow(GrantState(row.state), GrantState.ERASED):
                raise GrantStateWrong(lease.grant_id, row.state, GrantState.ERASED)
            self._run(connection, sql.UNSEAL, grant_id=lease.grant_id)
            self._run(connection, sql.DROP_ALL, grant_id=lease.grant_id)
            self._run(connection, sql.ERASE, grant_id=lease.grant_id, why=why)
            grant = self._noted(connection, lease.grant_id, Event.SECRET_ERASED, Event.GRANT_ERASED)
        self.database.scrub()
        return grant

    # Looking.

    def sealed(self, grant_id: str) -> tuple[str | None, Mapping[str, bytes]]:
        rows = self._fetch(sql.SEALED, grant_id=grant_id)
        if not rows:
            raise GrantUnknown(grant_id)
        return rows[0].data_key, {row.field: bytes(row.ciphertext) for row in rows if row.field is not None}

    def rewrap(self, grant_id: str, *, old: str, new: str) -> bool:
        with self._write() as connection:
            done = bool(self._run(connection, sql.REWRAP, grant_id=grant_id, old=old, new=new))
        self.database.scrub()
        return done

    def now(self) -> float:
        with self.database.read() as connection:
            return self._time(connection)

    def get(self, grant_id: str) -> Grant:
        rows = self._fetch(sql.GET, grant_id=grant_id)
        if not rows:
            raise GrantUnknown(grant_id)
        return grant_of(rows[0])

    def of_account(self, account: str, *, tenant: str = LOCAL) -> list[Grant]:
        return [grant_of(row) for row in self._fetch(sql.OF_ACCOUNT, account=storable(account), tenant=tenant)]

    def list(self, *, all: bool = False) -> list[Grant]:  # noqa: A002 - the port's word
        return [grant_of(row) for row in self._fetch(sql.LIST_ALL if all else sql.LIST)]
