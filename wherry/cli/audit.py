"""``wherry audit``: hand the audit log out, and check one that was handed out."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from wherry.cli.command import WherryCommand
from wherry.cli.session import begin
from wherry.errors import FileTrouble, NameUnknown
from wherry.exits import Exit

if TYPE_CHECKING:
    from wherry.cli.flags import Flags
    from wherry.settings import Settings

SUFFIX = ".pub"
"""Of the file with the public key, beside an export."""


@click.command(
    "audit",
    cls=WherryCommand,
    sections={"Export": ["job", "form"], "Verify": ["pubkey"]},
    examples=[
        "wherry audit export log.jsonl",
        "wherry audit export log.csv --format csv --job 7f3a",
        "wherry audit verify log.jsonl --pubkey log.jsonl.pub",
    ],
    exits=[
        Exit.DONE,
        Exit.UNEXPECTED,
        Exit.USAGE,
        Exit.UNKNOWN_NAME,
        Exit.AUDIT_BROKEN,
        Exit.AUDIT_TRUNCATED,
        Exit.AUDIT_SIGNATURE,
    ],
)
@click.argument("what", type=click.Choice(["export", "verify"]), metavar="export|verify")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--job", metavar="JOB", help="Only what concerns this job.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["jsonl", "csv"]),
    help="jsonl can be verified, csv is for looking at. Usual: jsonl.",
)
@click.option(
    "--pubkey",
    multiple=True,
    metavar="KEY",
    help="The public key, 64 hex digits or a file; may be repeated. Usual: our own.",
)
@click.pass_context
def audit_command(
    ctx: click.Context, /, *, what: str, file: Path, job: str | None, form: str | None, pubkey: tuple[str, ...]
) -> int:
    """Export the audit log into FILE, or verify an export.

    An export is signed; the public key is written beside it, into FILE.pub. Hand both out: whoever
    has them needs no wherry to verify, only the one file audit_verify.py and Python.
    """
    if what == "export" and pubkey:
        raise click.UsageError("--pubkey belongs to 'verify'.", ctx)
    if what == "verify" and (job or form):
        raise click.UsageError("--job and --format belong to 'export'.", ctx)
    flags, settings = begin(ctx)
    if what == "verify":
        return _verify(flags, settings, file, pubkey)
    _export(flags, settings, file, job, form or "jsonl")
    return Exit.DONE


def _export(flags: Flags, settings: Settings, file: Path, job: str | None, form: str) -> None:
    from sync_engine.audit_export import jsonl, table
    from wherry.auditing import open_signing_key, settle_checkpoints
    from wherry.cli.jobs import find_job
    from wherry.wiring import open_database

    database = open_database(settings)
    try:
        chosen = None if job is None else find_job(database, job).id
        if form == "csv":
            lines = _write(file, table(database, job=chosen)) - 1
            said = f"{lines:,} records are in {file}. A table cannot be verified; --format jsonl can."
        else:
            settle_checkpoints(database, settings)
            signer = open_signing_key(settings)
            lines = _write(file, jsonl(database, signer, job=chosen))
            _write(Path(f"{file}{SUFFIX}"), iter([signer.public.hex() + "\n"]))
            said = f"{lines:,} lines are in {file}, the public key {signer.key_id} in {file}{SUFFIX}."
    finally:
        database.close()
    if flags.json:
        sys.stdout.write(json.dumps({"v": 1, "type": "audit_export", "file": str(file), "lines": lines}) + "\n")
    elif not flags.quiet:
        sys.stderr.write(said + "\n")


def _write(file: Path, lines: Iterator[str]) -> int:
    """Replace *file* by *lines*; return how many they are. Raises ``FileTrouble``."""
    from wherry.folders import replacing

    count = 0
    try:
        with replacing(file, mode=0o600) as stream:
            for line in lines:
                stream.write(line.encode())
                count += 1
    except OSError as fault:
        raise FileTrouble(f"{file}: {fault.strerror or fault}") from fault
    return count


def _verify(flags: Flags, settings: Settings, file: Path, pubkey: tuple[str, ...]) -> int:
    from wherry.audit_verify import OK, Refused, Verifier

    keys = [_key(text) for text in pubkey] or [_own_key(settings)]
    verifier, code, said = Verifier(keys), OK, ""
    try:
        with file.open("rb") as stream:
            verifier.read(stream)
    except Refused as refused:
        code, said = refused.code, str(refused)
    except OSError as fault:
        raise FileTrouble(f"{file}: {fault.strerror or fault}") from fault
    answer = Exit.DONE if code == OK else ANSWERS[code]
    if flags.json:
        facts = {"records": verifier.records, "chains": verifier.chains, "checkpoints": verifier.checkpoints}
        line = {"v": 1, "type": "audit_verify", "good": code == OK, **facts, "why": said, "exit_code": int(answer)}
        sys.stdout.write(json.dumps(line) + "\n")
    elif code != OK:
        sys.stderr.write(f"{file} is not as it was written: {said}.\n")
    elif not flags.quiet:
        sys.stdout.write(
            f"{file} is as it was written: {verifier.records:,} records in {verifier.chains:,} chains, "
            f"{verifier.checkpoints:,} signed checkpoints.\n"
        )
    return answer


ANSWERS = {2: Exit.AUDIT_BROKEN, 3: Exit.AUDIT_TRUNCATED, 4: Exit.AUDIT_SIGNATURE}
"""What ``audit_verify.py`` answers -> our exit codes: 2 to 4 mean something else for every other command."""


def _key(text: str) -> bytes:
    from wherry.audit_verify import key_of

    try:
        return key_of(text)
    except OSError as fault:
        raise FileTrouble(f"{text}: {fault.strerror or fault}") from fault
    except ValueError:
        raise NameUnknown(f"{text} is no public key: 64 hex digits, or a file that holds them") from None


def _own_key(settings: Settings) -> bytes:
    """Return the public half of our own key. Raises ``NameUnknown`` when there is none yet."""
    from wherry.auditing import open_signing_key

    if not settings.folders.audit_key.exists():
        raise NameUnknown("There is no key of our own yet; give the one the log was signed with: --pubkey KEY")
    return open_signing_key(settings).public
