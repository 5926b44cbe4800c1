"""The compact table says what a dict would say."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.fingerprints import TAG_BITS, Tags, fingerprint
from tests.connectors.growth import MOST, held, traced

NAMES = st.one_of(st.sampled_from(["a", "b", "A", "", "é", "e\u0301", "\udcff"]), st.text(max_size=4))
TAGS = st.integers(0, (1 << TAG_BITS) - 1)
STEPS = st.lists(st.tuples(NAMES, st.one_of(st.none(), TAGS)), max_size=60)


@given(STEPS)
@settings(max_examples=150, deadline=None)
def test_it_says_what_a_dict_says(steps: list[tuple[str, int | None]]) -> None:
    tags, model = Tags(), dict[str, int]()
    for name, tag in steps:
        if tag is None:
            tags.discard(name)
            model.pop(name, None)
        else:
            assert tags.put(name, tag) == model.get(name)
            model[name] = tag
        assert tags.get(name) == model.get(name)
        assert len(tags) == len(model)
    assert {name: tags.get(name) for name in model} == model


@pytest.mark.parametrize("name", ["a", "é", "x" * 5000, "\udcff"])
def test_a_fingerprint_is_64_bits(name: str) -> None:
    assert 0 <= fingerprint(name) < 1 << 64


def test_a_fingerprint_is_the_same_in_every_run() -> None:
    program = "from connectors.fingerprints import fingerprint; import sys; sys.stdout.write(str(fingerprint('a')))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert int(done.stdout) == fingerprint("a")


def test_fingerprints_differ() -> None:
    assert len({fingerprint(f"uid-{number}@host.ics") for number in range(20_000)}) == 20_000


def test_many_names_cost_a_few_bytes_each() -> None:
    tags, count = Tags(), 6_000
    with traced():
        for number in range(count):
            assert tags.put(f"uid-{number}@host.ics", number) is None
        assert 12 <= held() / count < MOST
    assert all(tags.get(f"uid-{number}@host.ics") == number for number in range(0, count, 97))


def test_what_is_forgotten_takes_no_room() -> None:
    tags = Tags()
    for number in range(1000):
        tags.put(str(number), 1)
    for number in range(1000):
        tags.discard(str(number))
    assert len(tags) == 0
    tags.discard("never there")
