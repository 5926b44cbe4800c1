"""Items made to lead the program astray: nothing they name is fetched, nothing they ask for is expanded."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.wherry.conftest import Run, items_of, make_pim

EVENT_LINES = {
    "attach": "ATTACH:http://127.0.0.1:{port}/x",
    "secondly": "RRULE:FREQ=SECONDLY",
    "exdates": "EXDATE:" + ",".join(["20260101T000000Z"] * 20_000),
    "zone-url": "TZURL:http://127.0.0.1:{port}/z",
    "conference": "CONFERENCE;VALUE=URI:http://127.0.0.1:{port}/c",
}
CARD_LINES = {
    "photo": "PHOTO;VALUE=URI:http://127.0.0.1:{port}/p.jpg",
    "url": "URL:http://127.0.0.1:{port}/",
    "formula": 'NOTE:=HYPERLINK("http://127.0.0.1:{port}")',
    "long": "NOTE:" + "x" * 1_600_000,
}


def test_no_item_makes_a_connection_and_all_are_copied(run: Run, tmp_path: Path) -> None:
    pim, copy = make_pim(tmp_path / "pim", events=1, cards=1), tmp_path / "copy"
    with socket.create_server(("127.0.0.1", 0)) as trap:
        trap.settimeout(0)
        port = trap.getsockname()[1]
        for folder, ending, lines, close in (
            ("Work", "ics", EVENT_LINES, b"END:VEVENT"),
            ("Friends", "vcf", CARD_LINES, b"END:VCARD"),
        ):
            (model,) = (pim / folder).glob(f"*.{ending}")
            for name, line in lines.items():
                body = model.read_bytes().replace(b"UID:", f"UID:{name}-".encode())
                text = line.replace("{port}", str(port)).encode()
                (pim / folder / f"{name}.{ending}").write_bytes(body.replace(close, text + b"\r\n" + close))
        assert run("backup", str(pim), "--to", str(copy)).code == 0
        job = run("status", "--json").lines[0]["job"]
        assert run("verify", job).code == 0
        assert run("report", "--html", str(tmp_path / "page.html")).code == 0
        for file in ("all.ics", "all.vcf"):
            assert run("export", str(copy), "--to", str(tmp_path / file)).code == 0
        with pytest.raises(BlockingIOError):
            trap.accept()
    assert items_of(copy) == items_of(pim)
