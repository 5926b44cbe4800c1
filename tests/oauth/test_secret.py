"""A secret shows itself nowhere."""

from __future__ import annotations

import copy
import dataclasses
import gc
import json
import pickle
import re
import traceback
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauth.secret import Secret, live

CANARY = "canary-7f3a-Tr0ub4dor&3"
ROOT = Path(__file__).parents[2]


@dataclasses.dataclass(frozen=True)
class Account:
    name: str
    password: Secret


def shown(secret: Secret) -> list[str]:
    """Return everything a careless line of code could print."""
    account = Account("ada", secret)
    texts = [str(secret), repr(secret), f"{secret}", f"{secret!r:>40}", f"{secret:>40}", f"{secret!s}", f"{secret}"]
    texts += [repr(account), str(dataclasses.asdict(account)), repr([secret]), repr({secret: secret})]
    texts += [json.dumps({"p": secret}, default=str), json.dumps({"p": secret}, default=repr), str(dir(secret))]
    texts += ["%s %r" % (secret, secret), "{} {!r} {:20}".format(secret, secret, secret)]  # noqa: UP031, UP032 - each way leaks
    return texts


def test_no_way_of_printing_shows_it() -> None:
    for text in shown(Secret(CANARY)):
        assert CANARY not in text


@given(st.text(min_size=6, max_size=40).filter(lambda text: text.strip("*. ") and not text.isidentifier()))
def test_no_value_is_ever_shown(value: str) -> None:
    assert str(Secret(value)) == f"{Secret(value)}" == "***"
    assert repr(Secret(value)) == "Secret(***)"


def test_revealing_gives_it_back() -> None:
    assert Secret(CANARY).reveal() == CANARY


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_it_is_not_pickled(protocol: int) -> None:
    with pytest.raises(TypeError):
        pickle.dumps(Account("ada", Secret(CANARY)), protocol)


def test_it_is_not_json() -> None:
    with pytest.raises(TypeError) as fault:
        json.dumps({"password": Secret(CANARY)})
    assert CANARY not in str(fault.value)


def test_copies_are_the_same_object() -> None:
    secret = Secret(CANARY)
    assert copy.copy(secret) is secret
    assert copy.deepcopy([secret])[0] is secret
    assert dataclasses.replace(Account("a", secret), name="b").password is secret


def test_it_has_no_dictionary_to_look_into() -> None:
    with pytest.raises(TypeError):
        vars(Secret(CANARY))
    with pytest.raises(AttributeError):
        Secret(CANARY).note = "x"  # type: ignore[attr-defined]  # what is tested


def test_equality_and_hash_follow_the_value() -> None:
    assert Secret("a") == Secret("a") != Secret("b")
    assert len({Secret("a"), Secret("a"), Secret("b")}) == 2
    assert Secret("***") != "***"
    assert Secret("x")
    assert not Secret("")


def test_a_failed_comparison_shows_nothing() -> None:
    one, other = Secret(CANARY), Secret("other")
    with pytest.raises(AssertionError) as fault:
        assert one == other
    assert CANARY not in "".join(traceback.format_exception(fault.value))


def test_live_secrets_are_known_until_they_die() -> None:
    one, same = Secret(CANARY), Secret(CANARY)
    assert sum(secret == one for secret in live()) >= 2
    del one
    gc.collect()
    assert any(secret is same for secret in live()), "the twin of a dead secret is still known"


def test_only_this_package_reveals_secrets() -> None:
    calls = re.compile(r"\.\s*reveal\b")
    rooms = ("wherry", "sync_engine", "connectors", "mappings", "simulators", "scripts", "benchmarks")
    files = [file for room in rooms for file in (ROOT / room).rglob("*.py")]
    assert len(files) > 20
    assert [str(file) for file in files if calls.search(file.read_text(encoding="utf-8"))] == []
    assert any(calls.search(file.read_text(encoding="utf-8")) for file in (ROOT / "oauth").glob("*.py"))
