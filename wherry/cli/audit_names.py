"""``wherry audit forget-names``: nobody finds out any more whose the records are."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from wherry.asking import ask_line
from wherry.errors import NotAgreed, NotInteractive
from wherry.exits import Exit
from wherry.showing import count

if TYPE_CHECKING:
    from wherry.cli.flags import Flags
    from wherry.settings import Settings

WARNING = """\
Accounts, people and places stand in the audit log under pseudonyms. The key that makes them is
about to be destroyed. It cannot be brought back, and from then on

  - nobody can look up which records (there are {records}) are about a given account, person
    or place, also not to answer that person's own question;
  - what comes later has other pseudonyms: records before and after cannot be joined by them.

The log stays, and verifies as before. Exports handed out keep their pseudonyms, which nobody can
resolve any more either. A backup of the state database from before still holds the key.

Type yes to destroy it: """


def forget_names(flags: Flags, settings: Settings) -> int:
    """Destroy the key of the pseudonyms after a typed yes. Raises ``NotAgreed``, ``NotInteractive``."""
    from sync_engine.audit import count_records, destroy_pepper
    from wherry.wiring import open_database

    database = open_database(settings)
    try:
        with database.read() as connection:
            records = count_records(connection, database)
        _agree(WARNING.format(records=count(records)))
        with database.write() as connection:
            destroy_pepper(connection, database)
        # Deleted rows are zeroed; what the journal still holds of them has to go as well.
        database.scrub()
    finally:
        database.close()
    if flags.json:
        sys.stdout.write(json.dumps({"v": 1, "type": "names_forgotten", "records": records}) + "\n")
    elif not flags.quiet:
        sys.stdout.write("The key of the pseudonyms is destroyed; the log says so, and verifies as before.\n")
    return Exit.DONE


def _agree(words: str) -> None:
    unchanged = "Nothing was changed. To agree, type yes, or give it on standard input: echo yes |"
    try:
        said = ask_line(words)
    except NotInteractive as nobody:
        raise NotInteractive(nobody.detail, hint=unchanged) from None
    if said.strip().lower() != "yes":
        raise NotAgreed("You did not type yes", hint=unchanged)
