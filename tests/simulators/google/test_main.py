"""The service in a process of its own."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import urllib.request


def test_it_serves_until_it_is_ended() -> None:
    command = [sys.executable, "-m", "simulators.google", "--people", "7", "--events", "40", "--seed", "3"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            said = json.loads(process.stdout.readline())
            request = urllib.request.Request(said["url"] + "v1/people/me/connections?personFields=names")
            request.add_header("Authorization", f"Bearer {said['token']}")
            with urllib.request.urlopen(request, timeout=60) as answer:
                assert json.load(answer)["totalItems"] == 7
            assert said["identity"]["token_url"].endswith("/token")
            assert said["clients"][0]["id"]
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
