"""``wherry audit``: hand the audit log out, check one that was handed out, and forget whose records they are."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from wherry.cli.command import WherryCommand
from wherry.cli.session import begin
from wherry.errors import FileTrouble
from wherry.exits import VERIFIED, Exit
from wherry.showing import show

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
        "wherry audit forget-names",
    ],
    exits=[Exit.DONE, Exit.UNEXPECTED, Exit.USAGE, Exit.UNKNOWN_NAME, Exit.ACCESS],
    answers={"verify": VERIFIED},
)
@click.argument("what", type=click.Choice(["export", "verify", "forget-names"]), metavar="export|verify|forget-names")
@click.argument("file", type=click.Path(path_type=Path), required=False)
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
    ctx: click.Context, /, *, what: str, file: Path | None, job: str | None, form: str | None, pubkey: tuple[str, ...]
) -> int:
    """Export the audit log into FILE, verify an export, or forget whose records they are.

    An export is signed; the public key is written beside it, into FILE.pub. Hand both out: whoever
    has them needs no wherry to verify, only the one file audit_verify.py and Python.

    'verify' writes its answer on standard output and has exit codes of its own. When it answers 2
    with "wherry:" on standard error and nothing on standard output, the command line or the settings
    could not be understood.

    'forget-names' destroys the key under which accounts, people and places have pseudonyms in the
    log, after a typed yes: nobody finds out any more whose the records are, and the log still verifies.
    """
    if pubkey and what != "verify":
        raise click.UsageError("--pubkey belongs to 'verify'.", ctx)
    if (job or form) and what != "export":
        raise click.UsageError("--job and --format belong to 'export'.", ctx)
    if what == "forget-names":
        if file is not None:
            raise click.UsageError("'forget-names' takes no FILE.", ctx)
        from wherry.cli.audit_names import forget_names

        return forget_names(*begin(ctx))
    if file is None:
        raise click.UsageError("FILE is missing.", ctx)
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

    shown = show(str(file), limit=1000)
    keys = [_key(text) for text in pubkey] or [_own_key(settings)]
    verifier, code, said = Verifier(keys), OK, ""
    try:
        with file.open("rb") as stream:
            verifier.read(stream)
    except Refused as refused:
        code, said = refused.code, str(refused)
    except OSError as fault:
        raise FileTrouble(f"{file}: {fault.strerror or fault}") from fault
    if flags.json:
        facts = {"records": verifier.records, "chains": verifier.chains, "checkpoints": verifier.checkpoints}
        line = {"v": 1, "type": "audit_verify", "good": code == OK, **facts, "why": said, "exit_code": code}
        sys.stdout.write(json.dumps(line) + "\n")
    elif code != OK:
        sys.stdout.write(f"{shown} is not as it was written: {said}.\n")
    elif not flags.quiet:
        sys.stdout.write(
            f"{shown} is as it was written: {verifier.records:,} records in {verifier.chains:,} chains, "
            f"{verifier.checkpoints:,} signed checkpoints.\n"
        )
    return code


def _key(text: str) -> bytes:
    from wherry.audit_verify import key_of

    try:
        return key_of(text)
    except OSError as fault:
        raise FileTrouble(f"{text}: {fault.strerror or fault}") from fault
    except ValueError:
        raise FileTrouble(f"{text} is no public key", hint="Give 64 hex digits, or a file that holds them.") from None


def _own_key(settings: Settings) -> bytes:
    """Return the public half of our own key. Raises ``FileTrouble`` when there is none yet."""
    from wherry.auditing import open_signing_key

    if not settings.folders.audit_key.exists():
        hint = "Give the one the log was signed with: --pubkey KEY"
        raise FileTrouble(f"There is no key of our own yet: {settings.folders.audit_key}", hint=hint)
    return open_signing_key(settings).public
