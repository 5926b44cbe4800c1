"""Waits that are bounded, bytes that are counted: the deadline by itself, and the line on a real pair of sockets."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.answers import Limits, Meter
from connectors.line import Deadline, Line
from tests.connectors.conftest import Time

LIMITS = Limits(connect=5, read=10, total=60, slowest=100, digested=1000)


@pytest.fixture
def deadline(clock: Time) -> Deadline:
    return Deadline(LIMITS, clock)


def test_one_wait_is_no_longer_than_asked_and_all_waits_than_the_total(deadline: Deadline, clock: Time) -> None:
    assert deadline.wait(10) == 10
    clock.now += 55
    deadline.moved(0)
    assert deadline.wait(10) == 5
    clock.now += 5
    deadline.moved(0)
    with pytest.raises(TimeoutError):
        deadline.wait(10)


def test_time_between_waits_is_the_readers_own(deadline: Deadline, clock: Time) -> None:
    for _ in range(20):
        assert deadline.wait(10) == 10
        deadline.moved(0)
        clock.now += 1000


def test_bytes_earn_their_time_back_but_never_more_than_there_was(deadline: Deadline, clock: Time) -> None:
    deadline.wait(10)
    clock.now += 50
    deadline.moved(3000)
    assert deadline.wait(100) == 40
    deadline.moved(10**9)
    assert deadline.wait(100) == 60


def test_a_trickle_ends(deadline: Deadline, clock: Time) -> None:
    """A byte every nine seconds keeps each wait below its bound, and still the whole comes to its end."""
    waits = 0
    while True:
        try:
            deadline.wait(10)
        except TimeoutError:
            break
        clock.now += 9
        deadline.moved(1)
        waits += 1
    assert waits == 7


def test_a_large_file_may_take_its_time(deadline: Deadline, clock: Time) -> None:
    for _ in range(1000):
        deadline.wait(10)
        clock.now += 9
        deadline.moved(1000)
    assert clock.slept == 9000


def test_what_was_sent_gives_the_server_time_to_begin(deadline: Deadline, clock: Time) -> None:
    deadline.wait(10)
    deadline.sent(30_000)
    assert deadline.answer(10) == 40
    clock.now += 39
    deadline.answered(1)
    assert deadline.answer(10) == 10, "once it has begun, the usual bound holds"


def test_the_grace_grows_with_every_slab_and_stays_within_the_total(deadline: Deadline) -> None:
    for _ in range(100):
        deadline.wait(10)
        deadline.sent(10_000)
    assert deadline.answer(10) == 60


def test_shortened_is_shortened_for_good(deadline: Deadline) -> None:
    deadline.shorten(1.0)
    deadline.wait(10)
    deadline.moved(10**9)
    assert deadline.wait(10) == 1.0
    deadline.shorten(100)
    assert deadline.wait(10) == 1.0


moves = st.lists(
    st.tuples(
        st.sampled_from(["wait", "answer"]),
        st.floats(0, 30),
        st.integers(0, 10**6),
        st.sampled_from(["moved", "sent", "answered"]),
    ),
    max_size=40,
)


@given(moves)
@settings(max_examples=150, deadline=None)
def test_no_history_gives_a_wait_that_is_negative_or_beyond_the_total(
    some: list[tuple[str, float, int, str]],
) -> None:
    clock = Time()
    deadline = Deadline(LIMITS, clock)
    for ask, spent, count, end in some:
        try:
            most = getattr(deadline, ask)(10.0)
        except TimeoutError:
            return
        assert 0 < most <= LIMITS.total
        clock.now += min(spent, most)
        getattr(deadline, end)(count)


@pytest.fixture
def ends() -> Iterator[tuple[Line, socket.socket, Meter]]:
    """Return a line, the other end of its socket, and what it counts."""
    here, there = socket.socketpair()
    meter = Meter()
    limits = Limits(read=0.2, total=0.5)
    line = Line(here, limits, meter, Deadline(limits, Time()))
    yield line, there, meter
    line.close()
    here.close()
    there.close()


def test_bytes_are_counted_both_ways(ends: tuple[Line, socket.socket, Meter]) -> None:
    line, other, meter = ends
    received: list[bytes] = []

    def drink() -> None:
        while sum(map(len, received)) < 200_000:
            received.append(other.recv(65_536))

    reader = threading.Thread(target=drink)
    reader.start()
    line.sendall(b"x" * 200_000)
    reader.join(20)
    other.sendall(b"answer")
    with line.makefile("rb") as stream:
        assert stream.read(6) == b"answer"
    assert (meter.sent, meter.received) == (200_000, 6)
    assert sum(map(len, received)) == 200_000


def test_silence_is_a_timeout(ends: tuple[Line, socket.socket, Meter]) -> None:
    line, _, _ = ends
    with line.makefile("rb") as stream, pytest.raises(TimeoutError):
        stream.read(1)


def test_nobody_who_takes_the_bytes_is_a_timeout(ends: tuple[Line, socket.socket, Meter]) -> None:
    line, _, meter = ends
    with pytest.raises(TimeoutError):
        line.sendall(b"x" * 50_000_000)
    assert meter.sent < 50_000_000


def test_the_end_is_noticed(ends: tuple[Line, socket.socket, Meter]) -> None:
    line, other, _ = ends
    assert line.quiet()
    assert not line.ended
    other.close()
    assert not line.quiet(), "a closed line is readable"
    with line.makefile("rb") as stream:
        assert stream.read(1) == b""
    assert line.ended


def test_a_line_somebody_spoke_on_unasked_is_not_quiet(ends: tuple[Line, socket.socket, Meter]) -> None:
    line, other, _ = ends
    other.sendall(b"HTTP/1.1 408 Too late\r\n\r\n")
    assert not line.quiet()


def test_a_line_that_is_closed_is_not_quiet(ends: tuple[Line, socket.socket, Meter]) -> None:
    line, _, _ = ends
    line.close()
    assert not line.quiet()


def test_closing_waits_for_the_last_reader(ends: tuple[Line, socket.socket, Meter]) -> None:
    """http.client closes its socket as soon as a server says that it will, and reads on."""
    line, other, _ = ends
    stream = line.makefile("rb")
    other.sendall(b"late")
    line.close()
    assert stream.read(4) == b"late"
    stream.close()
    stream.close()
    with pytest.raises(OSError, match=r"descriptor|closed"):
        line.receive(bytearray(1))


def test_each_answer_has_a_buffer_of_its_own(ends: tuple[Line, socket.socket, Meter]) -> None:
    line, other, _ = ends
    for word in (b"one", b"two"):
        other.sendall(word)
        with line.makefile("rb") as stream:
            assert stream.read(3) == word


def test_a_meter_adds_up_from_many_threads() -> None:
    meter = Meter()

    def count() -> None:
        for _ in range(1000):
            meter.add(requests=1, sent=2, received=3)

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (meter.requests, meter.sent, meter.received) == (8000, 16_000, 24_000)
