"""Undo a content coding piece by piece, so that a small answer cannot become a huge one unseen."""

from __future__ import annotations

import zlib

from connectors.errors import NotTheService, Transient

ACCEPTED = "gzip, deflate"


class Decoder:
    """Take bytes as they come, give decoded ones in pieces of bounded size."""

    def __init__(self, coding: str) -> None:
        coding = coding.strip().lower()
        if coding not in {"", "identity", "gzip", "x-gzip", "deflate"}:
            raise NotTheService("the answer is in a content coding nobody asked for")
        self._coding = coding
        self._plain = coding in {"", "identity"}
        self._inflate = zlib.decompressobj(47)
        self._waiting = b""
        self._started = False

    @property
    def plain(self) -> bool:
        """Say whether nothing has to be decoded."""
        return self._plain

    @property
    def hungry(self) -> bool:
        """Say whether everything taken so far has been given."""
        return not self._waiting

    def take(self, data: bytes) -> None:
        """Add the next bytes from the wire."""
        self._waiting += data

    def give(self, most: int) -> bytes:
        """Return up to *most* decoded bytes; empty says: more input is needed."""
        if self._plain:
            piece, self._waiting = self._waiting[:most], self._waiting[most:]
            return piece
        try:
            return self._inflated(most)
        except zlib.error as fault:
            raise Transient("the compressed answer is damaged") from fault

    def finish(self, most: int) -> bytes:
        """Return what the last input still holds back, empty at the true end. Raises ``Transient`` when cut off."""
        if not self._started or self._inflate.eof:
            return b""
        try:
            piece = self._inflate.decompress(b"", most)
        except zlib.error as fault:
            raise Transient("the compressed answer is damaged") from fault
        if not piece and not self._inflate.eof:
            raise Transient("the compressed answer was cut off")
        return piece

    def _inflated(self, most: int) -> bytes:
        while self._waiting:
            if self._inflate.eof:
                # RFC 1952 2.2: a gzip file is a series of members
                self._inflate = zlib.decompressobj(47)
            if not self._started and self._coding == "deflate" and self._waiting[0] & 0x0F != zlib.DEFLATED:
                # RFC 9110 8.4.1.2: some send raw deflate under this name
                self._inflate = zlib.decompressobj(-15)
            self._started = True
            piece = self._inflate.decompress(self._waiting, most)
            self._waiting = self._inflate.unused_data if self._inflate.eof else self._inflate.unconsumed_tail
            if piece:
                return piece
        return b""
