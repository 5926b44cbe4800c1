"""Fill the stores of the DAV servers on disk, where PUT would take minutes.

Radicale: a folder per collection with one file per item and `.Radicale.props` (JSON). Xandikos:
a git work tree per collection, its kind in the section [xandikos] of the repository's config.
Servers see the new collection at once; fill before anything else talks to it.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from simulators.davservers import DavServer

Kind = Literal["calendar", "contacts"]
_SUFFIX = {"calendar": ".ics", "contacts": ".vcf"}
_RADICALE_TAG = {"calendar": "VCALENDAR", "contacts": "VADDRESSBOOK"}
_XANDIKOS_TYPE = {"calendar": "calendar", "contacts": "addressbook"}


def fill(server: DavServer, name: str, items: Iterable[tuple[str, bytes]], *, kind: Kind, title: str = "") -> str:
    """Create the collection `name` with `items` (uid, body), each at `<uid>.ics|.vcf`; return its URL.

    Raises FileExistsError when the collection is there already.
    """
    home = server.calendars_home if kind == "calendar" else server.contacts_home
    write = _fill_radicale if server.name == "radicale" else _fill_xandikos
    write(server.store, name, items, kind, title or name)
    return f"{home}{quote(name)}/"


def _fill_radicale(store: Path, name: str, items: Iterable[tuple[str, bytes]], kind: Kind, title: str) -> None:
    folder = store / name
    folder.mkdir(parents=True)
    for uid, body in items:
        (folder / f"{uid}{_SUFFIX[kind]}").write_bytes(body)
    properties = {"tag": _RADICALE_TAG[kind], "D:displayname": title}
    (folder / ".Radicale.props").write_text(json.dumps(properties), encoding="utf-8")


def _fill_xandikos(store: Path, name: str, items: Iterable[tuple[str, bytes]], kind: Kind, title: str) -> None:
    from dulwich.index import index_entry_from_stat
    from dulwich.objects import Blob
    from dulwich.repo import Repo

    folder = store / ("calendars" if kind == "calendar" else "contacts") / name
    with Repo.init(str(folder), mkdir=True) as repo:
        blobs = []
        index = repo.open_index()
        for uid, body in items:
            file = folder / f"{uid}{_SUFFIX[kind]}"
            file.write_bytes(body)
            blob = Blob.from_string(body)
            blobs.append((blob, None))
            index[os.fsencode(file.name)] = index_entry_from_stat(file.lstat(), blob.id)
        repo.object_store.add_objects(blobs)
        index.write()
        author = b"Filler <filler@example.org>"
        tree = index.commit(repo.object_store)
        repo.get_worktree().commit(message=b"Fill", tree=tree, author=author, committer=author)
        config = repo.get_config()
        config.set((b"xandikos",), b"type", _XANDIKOS_TYPE[kind].encode())
        config.set((b"xandikos",), b"displayname", title.encode())
        config.write_to_path()
