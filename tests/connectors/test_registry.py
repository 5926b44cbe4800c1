"""Connectors are found by name, loaded late, and only when they are wanted and fit."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from connectors import registry
from connectors.base import CONTRACT, Endpoint, Kind
from connectors.errors import ConfigError, ConnectorBroken
from connectors.memory.place import Memory
from connectors.testing import context
from connectors.vdir.place import Vdir

REPOSITORY = Path(__file__).parents[2]

THIRD_PARTY = '''
from dataclasses import replace
from connectors.memory.place import Memory

class Good(Memory):
    manifest = replace(Memory.manifest, id="good", title="A third party's")

class Old(Memory):
    manifest = replace(Memory.manifest, contract={old})

class Unmarked:
    """Has no manifest."""

class Half:
    """Says it writes, and cannot."""
    manifest = Memory.manifest
    check = collections = fetch = close = changes = Memory.check

instance = Half.manifest
'''


@pytest.fixture
def third_party(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> str:
    """Install a distribution with connectors in a folder on the path; return its module's name."""
    module = f"third_party_{abs(hash(request.node.nodeid))}"
    (tmp_path / f"{module}.py").write_text(THIRD_PARTY.format(old=CONTRACT + 1))
    install(tmp_path, "acme", [f"{name.lower()} = {module}:{name}" for name in ("Good", "Old", "Unmarked", "Half")])
    points = [f"lost = {module}:Nothing", "broken = no_such_module_at_all:X", f"data = {module}:instance"]
    install(tmp_path, "bcme", [*points, f"quarrel = {module}:Good", f"vdir = {module}:Good"])
    install(tmp_path, "ccme", [f"quarrel = {module}:Old", f"same = {module}:Good"])
    install(tmp_path, "dcme", [f"same = {module}:Good"])
    monkeypatch.syspath_prepend(str(tmp_path))
    return module


def install(where: Path, name: str, points: list[str]) -> None:
    info = where / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("\n".join([f"[{registry.GROUP}]", *points, ""]))


@pytest.mark.parametrize(("kind", "expected"), [("vdir", Vdir), ("memory", Memory)])
def test_our_own_connectors_are_found(kind: str, expected: type) -> None:
    assert registry.load(kind) is expected
    assert registry.manifest(kind) is expected.manifest  # type: ignore[attr-defined]  # both classes have one


def test_a_place_is_opened_by_its_endpoint(tmp_path: Path) -> None:
    place = registry.connect(Endpoint("vdir", root=str(tmp_path)), context())
    assert isinstance(place, Vdir)


def test_every_built_in_connector_is_written_where_it_says() -> None:
    for where in set(registry.BUILT_IN.values()):
        module, _, name = where.partition(":")
        path = REPOSITORY / (module.replace(".", "/") + ".py")
        assert f"class {name}" in path.read_text(), where


@pytest.mark.parametrize(
    ("kind", "hint"),
    [
        ("vdri", "did you mean 'vdir'?"),
        ("Caldav", "did you mean 'caldav'?"),
        ("carrddav", "did you mean 'carddav'?"),
        ("submarine", "there are: caldav, carddav, dav, google-calendar, google-contacts, memory, vdir"),
        ("", "there are:"),
    ],
)
def test_an_unknown_kind_names_the_nearest(kind: str, hint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        registry.load(kind)
    assert hint in caught.value.detail
    assert repr(kind) in caught.value.detail


def test_the_nearest_may_be_an_enabled_one() -> None:
    with pytest.raises(ConfigError, match="did you mean 'nextbox'"):
        registry.load("nexbox", frozenset({"nextbox"}))


def test_kinds_are_ours_and_the_enabled() -> None:
    ours = ("caldav", "carddav", "dav", "google-calendar", "google-contacts", "memory", "vdir")
    assert registry.kinds() == ours
    assert registry.kinds(frozenset({"acme", "vdir"})) == ("acme", *ours)


def test_an_enabled_third_party_is_loaded(third_party: str) -> None:
    good = registry.load("good", frozenset({"good"}))
    assert registry.manifest("good", frozenset({"good"})).title == "A third party's"
    assert isinstance(good(Endpoint("good", account=third_party), context()), Memory)


@pytest.mark.usefixtures("third_party")
def test_what_is_not_enabled_is_never_loaded() -> None:
    with pytest.raises(ConfigError, match="no connector called 'good'"):
        registry.load("good")
    with pytest.raises(ConfigError):
        registry.load("good", frozenset({"old"}))


@pytest.mark.usefixtures("third_party")
def test_nobody_takes_over_a_name_of_ours() -> None:
    assert registry.load("vdir", frozenset({"vdir"})) is Vdir


@pytest.mark.usefixtures("third_party")
@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("old", f"made for contract {CONTRACT + 1}"),
        ("unmarked", "has no manifest"),
        ("half", "lacks inventory, ensure, put, remove"),
        ("lost", "cannot be loaded"),
        ("broken", "cannot be loaded"),
        ("data", "has no manifest"),
    ],
)
def test_what_is_no_connector_is_refused_by_name(kind: str, reason: str) -> None:
    with pytest.raises(ConnectorBroken) as caught:
        registry.load(kind, frozenset({kind}))
    assert reason in caught.value.detail


def test_an_enabled_connector_that_is_not_installed(third_party: str) -> None:
    with pytest.raises(ConfigError, match="no installed package provides it"):
        registry.load(third_party, frozenset({third_party}))


@pytest.mark.usefixtures("third_party")
def test_two_packages_with_one_name_are_a_question_for_the_user() -> None:
    with pytest.raises(ConfigError, match="several installed packages"):
        registry.load("quarrel", frozenset({"quarrel"}))
    assert registry.manifest("same", frozenset({"same"})).id == "good"


def test_a_missing_library_names_the_extra(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "needs_a_library.py").write_text("import a_library_nobody_has\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(registry, "BUILT_IN", {"dav": "needs_a_library:Dav", "plain": "needs_a_library:Dav"})
    with pytest.raises(ConfigError) as caught:
        registry.load("dav")
    assert caught.value.detail == "'dav' needs a_library_nobody_has: pip install 'wherry[dav]'"
    with pytest.raises(ModuleNotFoundError):
        registry.load("plain")


def loaded_after(statement: str) -> set[str]:
    """Return the modules a new interpreter holds after *statement*."""
    program = f"import sys; from connectors import registry; {statement}; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    return set(run.stdout.split())


def test_listing_names_loads_no_connector() -> None:
    loaded = loaded_after("registry.kinds(frozenset({'acme'}))")
    assert not {name for name in loaded if name.startswith(("connectors.dav", "connectors.vdir", "connectors.memory"))}
    assert not loaded & {"importlib.metadata", "difflib", "email", "requests", "caldav", "http.client"}


def test_loading_one_connector_loads_no_other() -> None:
    loaded = loaded_after("registry.load('vdir')")
    assert "connectors.vdir.place" in loaded
    assert not {name for name in loaded if name.startswith(("connectors.dav", "connectors.memory"))}
    assert not loaded & {"importlib.metadata", "ctypes", "pytest", "requests", "sqlalchemy", "urllib.request"}


def test_the_memory_connector_serves_every_kind() -> None:
    assert registry.manifest("memory").reads == frozenset(Kind)
