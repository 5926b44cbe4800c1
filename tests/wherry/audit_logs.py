"""Exports of audit logs, made here without any of the product's code: what its verifier is held against."""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from wherry.audit_verify import Refused, Verifier

KEY = Ed25519PrivateKey.from_private_bytes(b"the key of the tests, 32 bytes..")
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(b"somebody else's key, 32 bytes...")
STORE = "5" * 32


def public(key: Ed25519PrivateKey = KEY) -> bytes:
    return key.public_key().public_bytes_raw()


def key_id(key: Ed25519PrivateKey = KEY) -> str:
    return hashlib.sha256(public(key)).hexdigest()[:16]


def dumped(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def genesis(store: str, chain: str) -> str:
    return hashlib.sha256(f"wherry audit chain v1\n{store}\n{chain}\n".encode()).hexdigest()


@dataclass
class Log:
    """An export in the making: say what happened, in order, then ``lines()``."""

    store: str = STORE
    scope: str = "all"
    key: Ed25519PrivateKey = KEY
    body: list[str] = field(default_factory=list)
    ends: dict[str, tuple[int, str]] = field(default_factory=dict)
    records: int = 0
    checkpoints: int = 0

    def end_of(self, chain: str) -> tuple[int, str]:
        return self.ends.get(chain, (0, genesis(self.store, chain)))

    def record(self, chain: str, event: str = "page.settled", /, **fields: Any) -> Log:
        seq, before = self.end_of(chain)
        said = {"v": 1, "seq": seq + 1, "ts": 1_795_000_000_000_000 + seq, "tenant": "local", "event": event}
        text = dumped({**said, "actor": {"kind": "worker"}, **fields})
        after = hashlib.sha256((before + text).encode()).hexdigest()
        self.body.append(f'{{"chain":"{chain}","hash":"{after}","record":{text}}}')
        self.ends[chain] = (seq + 1, after)
        self.records += 1
        return self

    def checkpoint(self, chain: str, **changes: Any) -> Log:
        seq, hash_ = self.end_of(chain)
        said = {"v": 1, "store": self.store, "chain": chain, "seq": seq, "count": seq, "hash": hash_, "ts": 7}
        self.body.append(self.signed("checkpoint", {**said, "key_id": key_id(self.key), **changes}))
        self.checkpoints += 1
        return self

    def promise(self, chain: str, seq: int, hash_: str) -> Log:
        """Put the end of another chain on record in the store's."""
        return self.record("store", "audit.checkpoint", chain=chain, chain_seq=seq, chain_hash=hash_)

    def signed(self, name: str, said: dict[str, Any]) -> str:
        purpose = "checkpoint" if name == "checkpoint" else "export"
        text = dumped(said)
        signature = self.key.sign(f"wherry audit {purpose} v1\n{text}".encode()).hex()
        return f'{{"{name}":{text},"signature":"{signature}"}}'

    def end(self, **changes: Any) -> str:
        heads = hashlib.sha256("".join(f"{c} {s} {h}\n" for c, (s, h) in self.ends.items()).encode()).hexdigest()
        said = {"v": 1, "store": self.store, "scope": self.scope, "records": self.records, "heads": heads}
        said |= {"checkpoints": self.checkpoints, "key_id": key_id(self.key)}
        return self.signed("end", {**said, **changes})

    def head(self) -> str:
        return dumped({"format": "wherry-audit", "scope": self.scope, "store": self.store, "v": 1})

    def lines(self) -> list[str]:
        return [self.head(), *self.body, self.end()]


def job_ends(*, jobs: int = 2, pages: int = 3, store: str = STORE, key: Ed25519PrivateKey = KEY) -> Log:
    """Return a log of *jobs* that ended after *pages* pages each: signed, and on record in the store's chain."""
    written = Log(store=store, key=key)
    chains = [f"job:{number:04x}" for number in range(jobs)]
    for chain in chains:
        job = chain.removeprefix("job:")
        written.record(chain, "job.submitted", job=job, run=1)
        for page in range(pages):
            written.record(chain, count=page, bytes=page * 1000, job=job, run=1)
        written.record(chain, "job.ended", job=job, outcome="done", run=1)
        written.checkpoint(chain)
    # The store's chain stands first: it says what the others have to hold.
    log = Log(store=store, key=key)
    for chain in chains:
        log.promise(chain, *written.ends[chain])
    log.checkpoint("store")
    log.body += written.body
    log.ends |= written.ends
    log.records += written.records
    log.checkpoints += written.checkpoints
    return log


def file_of(lines: list[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def answer(content: bytes, *keys: bytes) -> tuple[int, str]:
    """Verify *content*; return the exit code and what is said."""
    verifier = Verifier(keys or [public()])
    try:
        verifier.read(io.BytesIO(content))
    except Refused as refused:
        return refused.code, str(refused)
    return 0, f"{verifier.records} records"
