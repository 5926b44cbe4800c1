"""The registry of scopes: complete, honest about what is not sure, and shipped."""

from __future__ import annotations

import json
import re
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauth.errors import UnknownScope
from oauth.scopes import JobMinimum, Scope, canonical, difference, job_minimum, job_minimums, scope, scopes
from scripts import wheel
from simulators.identity.google_scopes import known

FILE = json.loads(files("oauth").joinpath("scopes.json").read_text("utf-8"))
EVERY = scopes()


def test_the_file_is_part_of_the_package() -> None:
    assert "oauth/scopes.json" in wheel.expected()


def test_every_row_is_read_and_none_twice() -> None:
    assert len(EVERY) == len(FILE["scopes"]) == 108
    assert len({(each.provider, each.id) for each in EVERY}) == len(EVERY)
    assert {each.provider for each in EVERY} == {"google", "dropbox", "dav"}


@pytest.mark.parametrize("each", EVERY, ids=lambda each: f"{each.provider}:{each.short}")
def test_every_scope_says_what_it_is_and_where_that_was_read(each: Scope) -> None:
    for text in (
        each.id,
        each.short,
        each.api,
        each.description,
        each.allows,
        each.access,
        each.reach,
        each.product_use,
    ):
        assert text.strip() == text != ""
    assert each.source
    assert each.class_confidence in {*FILE["meta"]["class_confidence_values"], "n/a"}
    if each.provider == "google":
        assert each.scope_class in {"restricted", "sensitive", "non-sensitive", "n/a", "unknown", "retired"}
        assert each.breadth is not None
    if each.provider == "dav":
        assert each.revocation


@pytest.mark.parametrize("each", EVERY, ids=lambda each: f"{each.provider}:{each.short}")
def test_every_scope_is_found_by_both_names(each: Scope) -> None:
    assert scope(each.id, provider=each.provider) is each
    assert scope(each.short, provider=each.provider) is each


def test_a_class_is_official_only_with_the_provider_s_own_page() -> None:
    official = [each for each in EVERY if each.class_confidence == "official"]
    assert len(official) == 17
    assert all(re.search(r"google\.com/", each.source) for each in official)


def test_what_google_reviews_is_known() -> None:
    restricted = {each.short for each in scopes("google") if each.restricted}
    assert {"gmail.readonly", "gmail.metadata", "drive", "drive.readonly", "https://mail.google.com/"} <= restricted
    assert not {"contacts", "calendar", "calendar.events.readonly", "drive.file", "gmail.labels"} & restricted
    assert all(scope(each, provider="google").class_confidence == "official" for each in restricted)


def test_narrower_scopes_that_are_named_exist() -> None:
    """The rest are sentences; a word that looks like a scope must be one."""
    for each in EVERY:
        for other in each.narrower:
            name = other.split()[0]
            assert scope(name, provider=each.provider).id != each.id, f"{each.short} is not narrower than itself"


def test_google_s_scopes_are_those_of_its_discovery_documents() -> None:
    """Two lists written independently: the registry, and what the stand-in for Google accepts."""
    assert [each.id for each in scopes("google") if not known(each.id)] == []


@pytest.mark.parametrize("name", ["", "calendr", "CONTACTS", "gmail.readonly ", "https://www.googleapis.com/auth/"])
def test_an_unknown_scope_is_named(name: str) -> None:
    with pytest.raises(UnknownScope) as caught:
        scope(name)
    assert caught.value.name == name


def test_a_scope_of_one_provider_is_unknown_at_another() -> None:
    with pytest.raises(UnknownScope):
        scope("files.content.read", provider="google")
    assert scope("openid", provider="dropbox").provider == "dropbox"
    assert scope("openid").provider == "google"


@pytest.mark.parametrize("minimum", job_minimums(), ids=lambda minimum: minimum.job)
def test_the_least_for_each_job_is_made_of_scopes_we_may_ask_for(minimum: JobMinimum) -> None:
    assert minimum.methods
    assert minimum.provider in minimum.job
    for each in minimum.scopes:
        found = scope(each, provider=minimum.provider)
        assert found.id == each
        assert found.used, f"{found.short} is marked as never used"


def test_reading_jobs_ask_for_reading_only() -> None:
    for job in ("google.contacts.import", "google.calendar.import.own", "google.gmail.backup", "dropbox.import"):
        minimum = job_minimum(job)
        accesses = {scope(each, provider=minimum.provider).access for each in minimum.scopes}
        assert accesses <= {"read", "none", "n/a"}, job


def test_an_own_calendar_needs_none_of_the_wide_scopes() -> None:
    assert [each.rpartition("/")[2] for each in job_minimum("google.calendar.import.own").scopes] == [
        "openid",
        "calendar.calendarlist.readonly",
        "calendar.events.owned.readonly",
    ]


def test_a_job_nobody_looked_at_is_unknown() -> None:
    with pytest.raises(UnknownScope):
        job_minimum("google.photos.backup")


# Comparing what was asked for with what was granted.


@pytest.mark.parametrize(
    ("asked", "granted", "missing", "extra"),
    [
        ((), (), (), ()),
        (("a", "b"), ("b", "a"), (), ()),
        (("a", "b"), ("a",), ("b",), ()),
        (("a",), ("a", "b"), (), ("b",)),
        (("a", "b"), ("c",), ("a", "b"), ("c",)),
        (("a", "a"), ("a",), (), ()),
        (("email",), ("https://www.googleapis.com/auth/userinfo.email",), (), ()),
        (("https://www.googleapis.com/auth/userinfo.profile",), ("profile",), (), ()),
        (("email",), ("profile",), ("email",), ("profile",)),
        (("A",), ("a",), ("A",), ("a",)),
    ],
)
def test_what_is_missing_and_what_is_too_much(
    asked: tuple[str, ...], granted: tuple[str, ...], missing: tuple[str, ...], extra: tuple[str, ...]
) -> None:
    assert difference(asked, granted) == (missing, extra)


names = st.frozensets(st.sampled_from(["a", "b", "c", "email", "profile", "openid"]))


@given(names, names)
def test_the_difference_explains_what_was_granted(asked: frozenset[str], granted: frozenset[str]) -> None:
    missing, extra = difference(asked, granted)
    assert (asked - set(missing)) | set(extra) == granted
    assert not set(missing) & set(extra)
    assert difference(granted, asked) == (extra, missing)


@given(st.text(max_size=20))
def test_one_spelling_is_final(name: str) -> None:
    assert canonical(canonical(name)) == canonical(name)


def test_the_file_holds_nothing_but_facts_and_our_own_words() -> None:
    assert FILE["meta"]["licence"]
    assert set(FILE) == {"meta", "scopes", "job_minimums"}
    assert max(len(each.description) for each in EVERY) <= 120, "no passage of anybody's page is copied"
