r"""Verify an exported audit log: ``python audit_verify.py FILE --pubkey KEY``.

One file on Python's standard library alone, to be read before it is believed. FILE is what
``wherry audit export`` wrote: JSON lines, each chain in a piece, the store's own chain first.

    {"format":"wherry-audit","scope":"all","store":"…","v":1}             the head of the file
    {"chain":"job:7f3a","hash":"…","record":{…}}                          a record
    {"checkpoint":{…},"signature":"…"}                                    a signed end of the chain above
    {"end":{…},"signature":"…"}                                           signed: all there is, and no more

hash = SHA-256(hash of the record before ‖ record), both as the text that stands in the file. Before
the first record stands SHA-256("wherry audit chain v1\n" store "\n" chain "\n"). Signatures are
Ed25519 (RFC 8032) over "wherry audit checkpoint v1\n" ("wherry audit export v1\n" for the end) and the
map beside them.

Answers 0 (as it was written), 2 (broken at a record), 3 (something is missing), 4 (a signature is
not of this key), 1 (the file or the key could not be read).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Iterable
from typing import Any, BinaryIO

OK, UNREADABLE, BROKEN, TRUNCATED, BAD_SIGNATURE = 0, 1, 2, 3, 4
LONGEST = 65_536
"""Most bytes of a line: no record comes near it."""


class Refused(Exception):
    """The log is not as it was written; *code* is the exit code."""

    def __init__(self, code: int, why: str) -> None:
        super().__init__(why)
        self.code = code


# --- Ed25519, as RFC 8032 section 5.1 describes it; checking only, so nothing here is secret.

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
Point = tuple[int, int, int, int]


def add(a: Point, b: Point) -> Point:
    """Add two points in extended coordinates (5.1.4)."""
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    g, h = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    return ((f - e) * (h - g) % P, (h + g) * (f + e) % P, (h - g) * (h + g) % P, (f - e) * (f + e) % P)


def times(n: int, point: Point) -> Point:
    """Add *point* to itself *n* times."""
    sum_: Point = (0, 1, 1, 0)
    while n:
        if n & 1:
            sum_ = add(sum_, point)
        point, n = add(point, point), n >> 1
    return sum_


def decoded(text: bytes) -> Point | None:
    """Read a point from 32 bytes (5.1.3); ``None`` when there is none."""
    y, sign = int.from_bytes(text, "little") & (2**255 - 1), text[31] >> 7
    if y >= P:
        return None
    xx = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(xx, (P + 3) // 8, P)
    if (x * x - xx) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - xx) % P or (x == 0 and sign):
        return None
    x = x if x & 1 == sign else P - x
    return (x, y, 1, x * y % P)


BASE = decoded(bytes.fromhex("58" + "66" * 31))


def signature_holds(key: bytes, message: bytes, signature: bytes) -> bool:
    """Check an Ed25519 signature (5.1.7, with the stricter equation without the cofactor)."""
    if len(key) != 32 or len(signature) != 64 or BASE is None:
        return False
    public, r, s = decoded(key), decoded(signature[:32]), int.from_bytes(signature[32:], "little")
    if public is None or r is None or s >= L:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
    a, b = times(s, BASE), add(r, times(h, public))
    return (a[0] * b[2] - b[0] * a[2]) % P == 0 and (a[1] * b[2] - b[1] * a[2]) % P == 0


# --- The file.


class Verifier:
    """Reads an export line by line; remembers the end of the chain it is in, never the records."""

    def __init__(self, keys: Iterable[bytes]) -> None:
        self.keys = {hashlib.sha256(key).hexdigest()[:16]: key for key in keys}
        self.store = self.scope = self.chain = self.hash = ""
        self.seq = self.records = self.chains = self.checkpoints = 0
        self.done: set[str] = set()
        self.heads = hashlib.sha256()
        self.promised: dict[str, dict[int, str]] = {}
        """Ends of other chains that the store's chain has on record, until they are met."""

    def read(self, file: BinaryIO) -> None:
        """Verify the whole *file*. Raises ``Refused``."""
        number, ended = 0, False
        while line := file.readline(LONGEST + 1):
            number += 1
            if ended:
                raise Refused(BROKEN, f"line {number} stands after the end")
            if not line.endswith(b"\n"):
                fault = (BROKEN, "is too long") if len(line) > LONGEST else (TRUNCATED, "is cut off")
                raise Refused(fault[0], f"line {number} {fault[1]}, after {self.where()}")
            ended = self.line(line[:-1], number)
        if not ended:
            raise Refused(TRUNCATED, f"the file stops after {self.where()}; its signed end is missing")

    def line(self, line: bytes, number: int) -> bool:
        """Verify one line; say whether it was the signed end."""
        try:
            text = line.decode("ascii")
            said: dict[str, Any] = json.loads(text)
            if number == 1:
                self.begin(text, said)
            elif "record" in said:
                self.record(text, said)
            elif "checkpoint" in said:
                self.checkpoint(self.signed(text, said, "checkpoint"))
            else:
                self.end(self.signed(text, said, "end"))
                return True
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise Refused(BROKEN, f"line {number} is not of this log, after {self.where()}") from None
        return False

    def begin(self, text: str, said: dict[str, Any]) -> None:
        """Read the head of the file."""
        self.store, self.scope = said["store"], said["scope"]
        head = {"format": "wherry-audit", "scope": self.scope, "store": self.store, "v": 1}
        if text != json.dumps(head, separators=(",", ":")):
            raise ValueError(text)

    def record(self, text: str, said: dict[str, Any]) -> None:
        """Verify one record: its place in the chain, its number, and that no byte of it differs."""
        chain, hash_ = said["chain"], said["hash"]
        before = f'{{"chain":"{chain}","hash":"{hash_}","record":'
        if not (text.startswith(before) and text.endswith("}}")):
            raise ValueError(text)
        if chain != self.chain:
            self.enter(chain)
        raw = text[len(before) : -1]
        if hashlib.sha256((self.hash + raw).encode()).hexdigest() != hash_ or said["record"]["seq"] != self.seq + 1:
            raise Refused(BROKEN, f"{chain} is broken at seq {self.seq + 1}")
        self.seq, self.hash, self.records = self.seq + 1, hash_, self.records + 1
        record = said["record"]
        if chain == "store" and record["event"] == "audit.checkpoint":
            self.promised.setdefault(record["chain"], {})[record["chain_seq"]] = record["chain_hash"]
        elif chain in self.promised and self.promised[chain].pop(self.seq, hash_) != hash_:
            raise Refused(BROKEN, f"{chain} is broken at seq {self.seq}: the store has another record there")

    def enter(self, chain: str) -> None:
        """Leave the chain for the next one."""
        self.leave()
        if chain in self.done or self.scope not in {"all", chain}:
            raise Refused(BROKEN, f"{chain} is broken at seq {self.seq + 1}: it does not belong here")
        self.done.add(chain)
        self.chain, self.seq, self.chains = chain, 0, self.chains + 1
        self.hash = hashlib.sha256(f"wherry audit chain v1\n{self.store}\n{chain}\n".encode()).hexdigest()

    def leave(self) -> None:
        """Close the chain: its end is part of what the signed end of the file stands for."""
        if self.chain:
            self.heads.update(f"{self.chain} {self.seq} {self.hash}\n".encode())

    def signed(self, text: str, said: dict[str, Any], name: str) -> dict[str, Any]:
        """Return the map called *name* of a line if the signature beside it holds."""
        begin, end = f'{{"{name}":', f',"signature":"{said["signature"]}"}}'
        if not (text.startswith(begin) and text.endswith(end)):
            raise ValueError(text)
        raw, key = text[len(begin) : -len(end)], self.keys.get(said[name]["key_id"])
        message = f"wherry audit {'checkpoint' if name == 'checkpoint' else 'export'} v1\n{raw}".encode()
        if key is None or not signature_holds(key, message, bytes.fromhex(said["signature"])):
            raise Refused(BAD_SIGNATURE, f"the signature after {self.where()} is not of the given key")
        if said[name]["store"] != self.store:
            raise Refused(BAD_SIGNATURE, f"the signature after {self.where()} is of another store")
        value: dict[str, Any] = json.loads(raw)
        return value

    def checkpoint(self, said: dict[str, Any]) -> None:
        """Compare a checkpoint with the chain above it."""
        if said["chain"] != self.chain or said["seq"] > self.seq:
            raise Refused(TRUNCATED, f"{said['chain']} went on to seq {said['seq']}, after {self.where()}")
        if (said["seq"], said["hash"]) != (self.seq, self.hash):
            raise Refused(BROKEN, f"{self.chain} is broken at seq {self.seq}: another record was signed there")
        self.checkpoints += 1

    def end(self, said: dict[str, Any]) -> None:
        """Compare the signed end with everything above."""
        self.leave()
        missing = [f"{chain} seq {max(seqs)}" for chain, seqs in self.promised.items() if seqs]
        if missing:
            raise Refused(TRUNCATED, f"signed once and missing now: {', '.join(missing[:5])}")
        if (self.scope, self.records, self.checkpoints) != (said["scope"], said["records"], said["checkpoints"]):
            raise Refused(TRUNCATED, "records, checkpoints or whole chains are missing")
        if self.heads.hexdigest() != said["heads"]:
            raise Refused(BROKEN, "a chain does not end where the store says, or was written anew from seq 1")

    def where(self) -> str:
        """Name the last record that was good."""
        return f"{self.chain} seq {self.seq}" if self.chain else "no record"


def key_of(text: str) -> bytes:
    """Read a public key: 64 hex digits, or a file that holds them. Raises ``ValueError``, ``OSError``."""
    if len(text) != 64:
        with open(text, encoding="ascii") as file:
            text = file.read(1000).strip()
    key = bytes.fromhex(text)
    if len(key) != 32:
        raise ValueError("a public key has 64 hex digits")
    return key


def main(arguments: list[str]) -> int:
    """Run the command; return the exit code."""
    parser = argparse.ArgumentParser(description="Verify an exported audit log.", exit_on_error=False)
    parser.add_argument("file")
    parser.add_argument("--pubkey", action="append", required=True, help="64 hex digits, or a file; may be repeated")
    try:
        chosen = parser.parse_args(arguments)
        verifier = Verifier(key_of(key) for key in chosen.pubkey)
        with open(chosen.file, "rb") as file:
            verifier.read(file)
    except Refused as refused:
        sys.stderr.write(f"{refused}\n")
        return refused.code
    except SystemExit as asked:  # for help, or with a command line that makes no sense: not 2, that means broken
        return UNREADABLE if asked.code else OK
    except (OSError, ValueError, argparse.ArgumentError) as error:
        sys.stderr.write(f"{error}\n")
        return UNREADABLE
    sys.stdout.write(
        f"ok: {verifier.records} records in {verifier.chains} chains, {verifier.checkpoints} checkpoints\n"
    )
    return OK


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
