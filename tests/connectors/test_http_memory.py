"""A huge answer must not become a huge process."""

from __future__ import annotations

import subprocess
import sys
import zlib
from collections.abc import Iterator

import pytest

from tests.connectors.conftest import Serve
from tests.connectors.servers import Piece, Received, Script, reply

MEGABYTE = b"x" * 1_000_000

CLIENT = """
import sys
from connectors.errors import ConnectorError
from connectors.http import Guard, Http
http, size = Http(guard=Guard(allow_private=True, allow_http=True)), 0
try:
    if sys.argv[2] == "request":
        http.request("GET", sys.argv[1])
    else:
        with http.stream("GET", sys.argv[1]) as stream:
            size = sum(map(len, stream))
except ConnectorError as error:
    size = type(error).__name__
with open("/proc/self/status") as status:  # getrusage would count what the parent process had before exec
    peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
print(size, peak // 1024)
"""


def bomb_bytes() -> bytes:
    """Return 300 MB of zeros, compressed to a little over 1 MB."""
    press = zlib.compressobj(1, wbits=31)
    return b"".join([press.compress(bytes(1_000_000)) for _ in range(300)]) + press.flush()


def plain(_: Received) -> Iterator[Piece]:
    yield reply(200, content_length=str(300 * len(MEGABYTE)))
    yield from [MEGABYTE] * 300


def endless(asked: Received) -> Iterator[Piece]:
    yield reply(200, transfer_encoding="chunked")
    while not asked.closing.is_set():
        yield b"f4240\r\n" + MEGABYTE + b"\r\n"


def bomb(_: Received) -> Iterator[Piece]:
    yield reply(200, bomb_bytes(), content_encoding="gzip")


def run(url: str, how: str) -> tuple[str, int]:
    done = subprocess.run([sys.executable, "-c", CLIENT, url, how], capture_output=True, text=True, check=True)
    outcome, megabytes = done.stdout.split()
    return outcome, int(megabytes)


@pytest.mark.parametrize("script", [plain, bomb])
def test_a_stream_of_300_megabytes_stays_small(serve: Serve, script: Script) -> None:
    size, megabytes = run(serve(script).url(), "stream")
    assert size == "300000000"
    assert megabytes < 64


@pytest.mark.parametrize("script", [plain, endless, bomb])
def test_a_request_of_300_megabytes_is_refused_early(serve: Serve, script: Script) -> None:
    outcome, megabytes = run(serve(script).url(), "request")
    assert outcome == "TooMuchAtOnce"
    assert megabytes < 96, "the cap of 32 MB and the interpreter"
