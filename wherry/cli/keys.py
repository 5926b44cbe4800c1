"""``wherry keys``: where the vault's key is kept, and a new one in its place."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from wherry.cli.command import WherryCommand
from wherry.cli.session import begin
from wherry.exits import Exit
from wherry.showing import count, moment, show

if TYPE_CHECKING:
    from oauth.vault import Rotation
    from wherry.cli.flags import Flags
    from wherry.vault_keys import KeysSeen

NONE_YET = "The vault has no key yet; one is made when the first account is connected.\n"


@click.command(
    "keys",
    cls=WherryCommand,
    sections={"Rotate": ["finish"]},
    examples=["wherry keys show", "wherry keys rotate", "wherry keys rotate --finish"],
    exits=[Exit.DONE, Exit.USAGE, Exit.TEMPORARY, Exit.ACCESS],
)
@click.argument("what", type=click.Choice(["show", "rotate"]), metavar="show|rotate")
@click.option("--finish", is_flag=True, help="Make no new key: wrap what is left over, destroy what is not needed.")
@click.pass_context
def keys_command(ctx: click.Context, /, *, what: str, finish: bool) -> int:
    """Show where the vault's key is kept, or replace it.

    The key opens passwords and tokens, which lie sealed in the state database. 'show' tells its
    place, the ids and ages of the keys and how many accesses need each; a key itself is never shown.

    'rotate' makes a new key and wraps the key of every access with it. Cut off at any point, it can
    be run again. The old key is destroyed when nothing needs it, an hour later at the earliest: by
    the next rotation, or by 'rotate --finish'.
    """
    from wherry.vault_keys import rotate_keys, see_keys
    from wherry.wiring import open_database

    if finish and what != "rotate":
        raise click.UsageError("--finish belongs to 'rotate'.", ctx)
    flags, settings = begin(ctx)
    database = open_database(settings)
    try:
        if what == "show":
            return _show(flags, see_keys(settings, database))
        return _rotated(flags, rotate_keys(settings, database, finish=finish))
    finally:
        database.close()


def _show(flags: Flags, seen: KeysSeen | None) -> int:
    from oauth.key_standing import KeyState
    from wherry.cli.jobs import table

    found = seen.standing.keys if seen else ()
    unreadable = seen.standing.unreadable if seen else ()
    lost = bool(unreadable) or any(each.state is KeyState.MISSING and each.grants for each in found)
    if flags.json:
        rows = [
            {
                "id": each.id,
                "state": each.state.value,
                "made": each.dates.made,
                "retired": each.dates.retired,
                "grants": len(each.grants),
            }
            for each in found
        ]
        facts = {"kept": seen.kept if seen else None, "why": seen.why if seen else None, "keys": rows}
        line = {"v": 1, "type": "keys", **facts, "unreadable": len(unreadable)}
        sys.stdout.write(json.dumps(line) + "\n")
    elif seen is None:
        sys.stdout.write(NONE_YET)
    else:
        sys.stdout.write(f"The vault's key is kept in {show(seen.kept)}: {show(seen.why)}.\n\n")
        cells = [
            (
                show(each.id),
                each.state.value,
                moment(each.dates.made),
                moment(each.dates.retired),
                f"{len(each.grants):,}",
            )
            for each in found
        ]
        sys.stdout.write(table(("KEY", "STATE", "MADE", "REPLACED", "NEEDED BY"), cells, right=frozenset({4})))
    if lost and not flags.json:
        sys.stderr.write(
            "Some accesses cannot be opened: their key is missing, or their row is damaged. Put the key back where\n"
            "it was; if it is lost, end the access at each provider yourself, then connect the accounts again.\n"
        )
    return Exit.ACCESS if lost else Exit.DONE


def _rotated(flags: Flags, done: Rotation | None) -> int:
    code = Exit.ACCESS if done is not None and done.unreadable else Exit.DONE
    if flags.json:
        sys.stdout.write(json.dumps({"v": 1, "type": "keys_rotated", **_facts(done), "exit_code": int(code)}) + "\n")
        return code
    if done is None:
        sys.stdout.write(NONE_YET)
        return code
    if not flags.quiet:
        sys.stdout.write("".join(f"{line}\n" for line in _words(done)))
    if done.unreadable:
        sys.stderr.write(
            f"{count(len(done.unreadable), 'access', 'accesses')} could not be opened and stays as it was: see "
            "'wherry keys show'.\n"
        )
    return code


def _facts(done: Rotation | None) -> dict[str, object]:
    """Return the fields of the line; a key that only the user can take away is *spent*."""
    if done is None:
        return {"newest": None, "rewrapped": 0, "destroyed": [], "spent": [], "waiting": [], "unreadable": 0}
    return {
        "newest": done.newest,
        "rewrapped": done.rewrapped,
        "destroyed": [each for each in done.dropped if each not in done.waiting],
        "spent": [each for each in done.dropped if each in done.waiting],
        "waiting": [each for each in done.waiting if each not in done.dropped],
        "unreadable": len(done.unreadable),
    }


def _words(done: Rotation) -> list[str]:
    facts = _facts(done)

    def named(fact: str) -> str:
        ids = facts[fact]
        return ", ".join(map(show, ids)) if isinstance(ids, list) else ""

    lines = [
        f"The newest key is {show(done.newest)}; {count(done.rewrapped, 'access', 'accesses')} wrapped with it now."
    ]
    if destroyed := named("destroyed"):
        lines.append(f"Destroyed, because nothing needs it: {destroyed}.")
    if spent := named("spent"):
        lines.append(f"Nothing needs this key any more, take it away where it comes from: {spent}.")
    if waiting := named("waiting"):
        lines.append(f"Kept for now: {waiting}. In an hour destroy what nothing needs: wherry keys rotate --finish")
    return lines
