"""Run one command and print what it cost; a program of its own because it must stay small.

Linux counts the memory of the process that forks as part of the child's peak (ru_maxrss is
carried over exec), so a large harness would hide the peak of a small child. This launcher has
8 MiB, less than any Python program it starts.

Usage: python -I -S launch.py LOGFILE COMMAND [ARGUMENT ...]; prints "wall_s cpu_s peak_kib status".
"""

from __future__ import annotations

import os
import sys
import time


def main() -> None:
    """Start the command with its output in the log, wait, print one line."""
    log, *command = sys.argv[1:]
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    actions = [(os.POSIX_SPAWN_DUP2, output, 1), (os.POSIX_SPAWN_DUP2, output, 2)]
    begin = time.perf_counter()
    pid = os.posix_spawn(command[0], command, os.environ, file_actions=actions)
    _, status, usage = os.wait4(pid, 0)
    wall = time.perf_counter() - begin
    cpu = usage.ru_utime + usage.ru_stime
    sys.stdout.write(f"{wall:.6f} {cpu:.6f} {usage.ru_maxrss} {os.waitstatus_to_exitcode(status)}\n")


if __name__ == "__main__":
    main()
