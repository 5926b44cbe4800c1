"""The benchmark in small: the participants copy right, and the harness notices when one does not."""

from __future__ import annotations

import contextlib
import json
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.dav import clients, raw, run, table, verify
from benchmarks.dav.clients import Place, Raw, Vdirsyncer, Wherry
from benchmarks.dav.corpus import CALENDAR, CONTACTS, Delta, apply_delta, collection_url
from benchmarks.dav.run import Cell, CopyDiffers, Results, Sample
from benchmarks.measure import Usage
from simulators import pimdata
from simulators.davservers import SERVERS, DavServer
from simulators.davstores import fill

ITEMS = 30
# The peer takes part where `python -m benchmarks.dav` has installed it; tests install nothing.
PARTICIPANTS: list[clients.Client] = [client for client in (Raw(), Vdirsyncer()) if client.installed()]


@pytest.fixture(params=sorted(SERVERS))
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[DavServer]:
    """Run a server with 30 events and 30 contacts."""
    name: str = request.param
    with SERVERS[name](tmp_path / "server") as running:
        fill(running, "bench-calendar", pimdata.events(ITEMS), kind="calendar")
        fill(running, "bench-contacts", pimdata.contacts(ITEMS), kind="contacts")
        yield running


@pytest.fixture
def place(server: DavServer, tmp_path: Path) -> Place:
    folder = tmp_path / "client"
    folder.mkdir()
    return Place(server, folder)


@pytest.mark.server
@pytest.mark.parametrize("client", PARTICIPANTS, ids=[client.name for client in PARTICIPANTS])
def test_a_copy_is_right_after_every_phase(client: clients.Client, place: Place) -> None:
    entry = run._Entry(client, place)
    client.set_up(place)
    before = verify.on_server(place.server)
    assert len(before) == 2 * ITEMS
    for _ in range(2):
        sample = run._measured(entry)
        assert sample.usage.wall_s > 0
        assert verify.compare(before, verify.in_folder(place.copy)) == verify.compare({}, {})
    apply_delta(place.server, ITEMS, Delta.of(ITEMS))
    after = verify.on_server(place.server)
    stale = verify.compare(after, verify.in_folder(place.copy))
    delta = Delta.of(ITEMS)
    assert [len(part) for part in (stale.missing, stale.different, stale.extra)] == [
        2 * delta.new,
        2 * delta.changed,
        2 * delta.deleted,
    ]
    run._measured(entry)
    assert verify.compare(after, verify.in_folder(place.copy)) == verify.compare({}, {})


@pytest.mark.server
def test_traffic_is_counted_through_a_proxy(server: DavServer, tmp_path: Path) -> None:
    cell = Cell()
    with contextlib.ExitStack() as stack:
        entry = run._entered(Raw(), server, tmp_path, stack)
        assert urllib.parse.urlsplit(entry.place.server.url).port != urllib.parse.urlsplit(server.url).port
        run._count(entry, cell)
        first = cell.down_bytes
        assert cell.requests == 4  # of each collection: what changed, then one multiget
        assert first > sum(map(len, verify.in_folder(entry.place.copy)))
        run._count(entry, cell)
    assert cell.requests == 2
    assert cell.down_bytes < 2_000 < first


@pytest.mark.server
def test_a_whole_run_in_small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (run, clients):
        monkeypatch.setattr(module, "WORK", tmp_path)
    monkeypatch.setattr("benchmarks.dav.corpus.WORK", tmp_path)
    results = run.measure_server("xandikos", 12, [Raw()], repeat=2)
    assert {phase for phase, _ in results} == set(run.PHASES)
    assert [len(results[phase, "raw"].samples) for phase in run.PHASES] == [2, 4, 2]
    figures = table.flat({"xandikos": results})
    assert figures["xandikos.first.raw.items"] == 24
    assert figures["xandikos.nochange.raw.requests"] == 2
    assert figures["xandikos.delta.raw.requests"] == 4
    json.dumps(figures)


@pytest.mark.server
def test_a_wrong_copy_stops_the_run(place: Place) -> None:
    Raw().set_up(place)
    run._measured(run._Entry(Raw(), place))
    truth = verify.on_server(place.server)
    victim = next((place.copy / CONTACTS).glob("*.vcf"))
    victim.write_text(victim.read_text(encoding="utf-8").replace("VERSION:3.0", "VERSION:4.0"), encoding="utf-8")
    with pytest.raises(CopyDiffers, match=r"raw on .*: 0 missing, 1 different, 0 extra of 60"):
        run._check(Raw(), place, truth)


@pytest.mark.server
def test_raw_names_what_a_server_refuses(server: DavServer) -> None:
    client = raw.RawClient(urllib.parse.urlsplit(server.url).netloc, server.username, server.password)
    with contextlib.closing(client), pytest.raises(RuntimeError, match=r"40\d .*/nowhere/"):
        client.changes("/ana/nowhere/", "")


class TestVerify:
    CARD = b"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:a\r\nNOTE:long \r\n line\r\nEND:VCARD\r\n"

    @pytest.mark.parametrize(
        "same",
        [
            CARD.replace(b"\r\n", b"\n"),
            CARD.replace(b"\r\n line", b"line"),
            CARD.replace(b"\r\n line", b"\r\n\tline"),
            CARD.rstrip(),
        ],
        ids=["line ends", "unfolded", "tab", "last line end"],
    )
    def test_line_ends_and_folding_do_not_count(self, same: bytes) -> None:
        assert verify._fingerprint(same) == verify._fingerprint(self.CARD)

    @pytest.mark.parametrize(
        "other",
        [
            CARD.replace(b"line", b"lime"),
            CARD.replace(b"NOTE:", b"NOTE: "),
            CARD.replace(b"NOTE", b"note"),
            CARD[:-20],
            b"",
        ],
        ids=["letter", "space", "case", "cut off", "empty"],
    )
    def test_everything_else_counts(self, other: bytes) -> None:
        assert verify._fingerprint(other)[1] != verify._fingerprint(self.CARD)[1]

    def test_items_are_found_below_and_other_files_are_not(self, tmp_path: Path) -> None:
        (tmp_path / "a" / "b").mkdir(parents=True)
        (tmp_path / ".trash").mkdir()
        for name in ("a/b/x.vcf", "a/.hidden.vcf", "a/x.txt", ".trash/y.vcf"):
            (tmp_path / name).write_bytes(self.CARD.replace(b"UID:a", f"UID:{name}".encode()))
        assert set(verify.in_folder(tmp_path)) == {b"a/b/x.vcf"}

    def test_an_item_without_uid_is_known_by_its_content(self, tmp_path: Path) -> None:
        for number in range(2):
            (tmp_path / f"{number}.vcf").write_bytes(b"BEGIN:VCARD\nNOTE:%d\nEND:VCARD\n" % number)
        assert len(verify.in_folder(tmp_path)) == 2

    def test_a_difference_has_three_parts(self) -> None:
        truth = {b"same": b"1", b"changed": b"1", b"lost": b"1"}
        copy = {b"same": b"1", b"changed": b"2", b"kept": b"1"}
        difference = verify.compare(truth, copy)
        assert difference.missing == {b"lost"}
        assert difference.different == {b"changed"}
        assert difference.extra == {b"kept"}

    @pytest.mark.parametrize("truth", [{}, {b"other": b""}, {b"kept": b""}], ids=["extra", "missing", "different"])
    def test_whatever_differs_ends_the_run(self, tmp_path: Path, truth: dict[bytes, bytes]) -> None:
        place = Place(DavServer("radicale", "", "", "", "", "", 0, tmp_path), tmp_path)
        place.copy.mkdir()
        (place.copy / "k.vcf").write_bytes(b"BEGIN:VCARD\nUID:kept\nEND:VCARD\n")
        with pytest.raises(CopyDiffers):
            run._check(Wherry(), place, truth)
        run._check(Wherry(), place, verify.in_folder(place.copy))


class TestDelta:
    @pytest.mark.parametrize(
        ("items", "changes"),
        [(5_000, (30, 10, 10)), (300, (30, 10, 10)), (120, (12, 4, 4)), (30, (3, 1, 1)), (12, (3, 1, 1))],
    )
    def test_its_size_follows_the_corpus_up_to_a_hundred(self, items: int, changes: tuple[int, int, int]) -> None:
        delta = Delta.of(items)
        assert (delta.changed, delta.new, delta.deleted) == changes

    @pytest.mark.parametrize("items", [12, 30, 77, 500, 5_000])
    def test_the_items_suffice(self, items: int) -> None:
        delta = Delta.of(items)
        assert delta.changed + delta.deleted <= items
        assert run._items("delta", items) == 2 * (delta.changed + delta.new + delta.deleted)


class TestTable:
    @staticmethod
    def results() -> Results:
        def cell(wall: float, down: int) -> Cell:
            samples = [Sample(Usage(wall * turn, wall / 2, 10.0 * turn), 0.5) for turn in (1, 2, 30)]
            return Cell(samples, requests=3, up_bytes=10, down_bytes=down, items=60)

        return {
            ("first", "raw"): cell(1, 1_000),
            ("first", "wherry"): cell(2, 500),
            ("first", "vdirsyncer"): cell(4, 0),
        }

    def test_figures_are_medians(self) -> None:
        figures = table.flat({"radicale": self.results()})
        assert figures["radicale.first.raw.wall_s"] == 2
        assert figures["radicale.first.raw.peak_mib"] == 20
        assert figures["radicale.first.wherry.down_bytes"] == 500

    def test_ratios_are_ours_to_each_other_participant(self) -> None:
        figures = table.flat({"radicale": self.results()})
        assert figures["radicale.first.wherry_to_raw.wall_s"] == 2
        assert figures["radicale.first.wherry_to_vdirsyncer.wall_s"] == 0.5
        assert figures["radicale.first.wherry_to_raw.down_bytes"] == 0.5
        assert not any(name.startswith("radicale.first.wherry_to_wherry") for name in figures)

    def test_there_is_no_ratio_to_nothing(self) -> None:
        assert "radicale.first.wherry_to_vdirsyncer.down_bytes" not in table.flat({"radicale": self.results()})

    def test_there_are_no_ratios_without_us(self) -> None:
        results = self.results()
        del results["first", "wherry"]
        assert not any("_to_" in name for name in table.flat({"radicale": results}))

    def test_every_participant_has_its_row_below_one_head(self) -> None:
        lines = list(table.lines({"radicale": self.results()}))
        assert lines[0].split()[:3] == ["server", "phase", "client"]
        assert [line.split()[2] for line in lines[1:4]] == ["raw", "wherry", "vdirsyncer"]
        assert len({len(line) for line in lines[:4]}) == 1


class TestParticipants:
    def test_each_has_a_place_of_its_own_and_says_what_it_promises(self, tmp_path: Path) -> None:
        server = DavServer("radicale", "http://127.0.0.1:1/", "ana", "x", "http://h/", "http://h/", 0, tmp_path)
        for client in clients.CLIENTS:
            command = client.command(Place(server, tmp_path / client.name))
            assert Path(command[0]).is_absolute()
            assert client.durability
            assert "PYTHONDONTWRITEBYTECODE" not in client.environment(Place(server, tmp_path))

    def test_wherry_keeps_its_state_in_its_place(self, tmp_path: Path) -> None:
        server = DavServer("radicale", "http://127.0.0.1:1/", "ana", "x", "http://h/", "http://h/", 0, tmp_path)
        environment = Wherry().environment(Place(server, tmp_path))
        assert Path(environment["WHERRY_HOME"]).is_relative_to(tmp_path)

    def test_the_peers_configuration_names_both_collections(self, tmp_path: Path) -> None:
        server = DavServer("radicale", "http://127.0.0.1:1/", "ana", 'p"w', "", "", 0, tmp_path)
        text = clients._vdirsyncer_config(Place(server, tmp_path))
        assert text.count("[pair ") == 2
        assert text.count("[storage ") == 4
        assert 'password = "p\\"w"' in text

    @pytest.mark.parametrize(
        ("name", "kind", "url"),
        [("radicale", CALENDAR, "http://h/ana/bench-calendar/"), ("xandikos", CONTACTS, "http://h/c/bench-contacts/")],
    )
    def test_collections_lie_in_their_homes(self, tmp_path: Path, name: str, kind: str, url: str) -> None:
        homes = ("http://h/ana/", "http://h/c/")
        assert collection_url(DavServer(name, "http://h/", "ana", "", *homes, 0, tmp_path), kind) == url
