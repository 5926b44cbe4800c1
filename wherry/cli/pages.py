"""The first page and the help topics: plain text, made without loading anything."""

from __future__ import annotations

from wherry.exits import MEANINGS, VERIFIED

COMMANDS: dict[str, str] = {
    "backup": "Copy everything of a place into a folder",
    "migrate": "Copy from one account into another",
    "verify": "Compare source and copy, item by item",
    "jobs": "All jobs, newest first",
    "status": "One line about a job, for scripts",
    "watch": "Live progress of a job",
    "pause": "Stop a job at the next safe point",
    "resume": "Go on with a job",
    "cancel": "End a job for good; what is copied stays",
    "report": "What was copied, left out, and why",
    "history": "Earlier versions of a folder or an item",
    "restore": "Bring an earlier version back",
    "export": "One .ics or .vcf file from a copied folder",
    "audit": "Export the audit log, verify an export, forget its names",
    "connect": "Give access to an account",
    "accounts": "What wherry may see, until when, for which job",
    "disconnect": "End the access now and prove it",
    "keys": "Where the vault's key is kept, and a new one",
    "doctor": "Find what is wrong",
    "completion": "Completion for bash, zsh or fish",
    "help": "Help on a command or a topic",
}
"""Every command with one line, in the order of a list; each lives in a module of its own or its group's."""

ROOT = """\
Usage: wherry [--config FILE] [--json | --plain] [-q | -v] COMMAND ...

Bring your contacts and calendars home, then close the door behind you.

Start
  backup SOURCE --to FOLDER         copy everything into a folder; run again for only what is new
  migrate SOURCE --to DESTINATION   copy from one account into another

Watch and steer
  jobs                              all jobs, newest first
  watch [JOB]                       live progress          status [JOB]   one line, for scripts
  pause | resume | cancel JOB       at the next safe point; nothing is lost
  verify JOB                        compare source and copy, item by item
  report JOB [--html FILE]          what was copied, left out, and why

Your copies
  history FOLDER [--item NAME]      earlier versions     restore FOLDER VERSION   bring one back
  export FOLDER --to FILE           one .ics or .vcf file for other programs

  audit export|verify FILE          what was done, signed: for a reviewer

Accounts
  connect KIND                      give access to an account; some have a page of their own for it
  accounts                          what wherry may see, until when, for which job
  disconnect ACCOUNT                end the access now and prove it
  keys show|rotate                  where the key is that opens passwords and tokens; a new one

Help
  doctor     find what is wrong     completion bash|zsh|fish
  help TOPIC

Examples:
  wherry connect dav --name home --url https://dav.example.org/ --username ana
  wherry backup dav:home --to ~/pim
  wherry migrate dav:home --to dav:work --dry-run
Docs: wherry help places | wherry help scripting | wherry help exit-codes
"""

PLACES = """\
Places

A place is written kind[:account][/path], or simply as a folder.

  dav:home              all address books and calendars of the account you called 'home'
  dav:home/Holidays     one of them, by its name
  caldav:home           only the calendars          carddav:home   only the address books
  google-contacts:ana   the contacts of a Google account    google-calendar:dates   its calendars
  ~/pim  ./pim  /pim    a folder of .ics and .vcf files; vdir:/pim is the same

An account's name may be left out when it is the only one of its kind: dav, caldav/Work.
Accounts are named when you connect them; list them with: wherry accounts
"""

SCRIPTING = """\
Scripting

  --json     one JSON object per line on standard output, each with "v":1 and a "type"
  --plain    text for logs: changes of phase, and one line a minute
  -q         only problems and the result
  -v         what happens, in detail, on standard error

Data go to standard output, everything else to standard error. Nothing asks when
standard input is no terminal. NO_COLOR switches colours off.

Types of a run: job, phase, estimate, progress (at most two a second), item, note,
waiting, revoked, not_revoked, summary. New types and new fields may come: ignore what you do not know.
A fatal error ends with one line on standard error:
  {"v":1,"type":"exit_error","code":12,"title":"...","what_to_do":"..."}

Variables: WHERRY_HOME (one folder for settings, secrets and state), WHERRY_CONFIG,
WHERRY_DATABASE (for example postgresql+psycopg://...), WHERRY_PASSWORD (for connect),
WHERRY_VAULT_KEY (the vault's key: 32 bytes in base64, older ones behind commas; keep it
where only you can read it), WHERRY_CA (a file of certificates to trust), WHERRY_LOG_LEVEL.

The same command twice is one job: a run that was cut off goes on where it stopped.
Stop with Ctrl-C or SIGTERM; a second one ends at once, which is safe as well.
"""


_OF_VERIFY = """\
wherry audit verify has answers of its own, those of the single file audit_verify.py. A command
line or settings that cannot be understood are 2 as everywhere: with "wherry:" on standard error
and nothing on standard output, where each answer about the log stands.
"""


def exit_codes() -> str:
    """Return the page about exit codes."""
    lines = [f"  {code.value:>3}  {meaning}" for code, meaning in MEANINGS.items()]
    own = [f"  {code:>3}  {meaning}" for code, meaning in VERIFIED.items()]
    return "\n".join(
        ["Exit codes", "", *lines, "", "A code that is not listed means failure.", "", _OF_VERIFY, *own, ""]
    )


def topic(name: str) -> str | None:
    """Return the page of a topic, or ``None``."""
    pages = {"places": PLACES, "scripting": SCRIPTING}
    return exit_codes() if name == "exit-codes" else pages.get(name)


TOPICS = ("exit-codes", "places", "scripting")
"""What ``wherry help`` knows beside the commands."""
