"""Basic, Digest and Bearer logins of a stand-in DAV server."""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from dataclasses import dataclass
from hmac import compare_digest

NONCE = "b7e2c1f09a"


@dataclass(frozen=True, slots=True)
class Login:
    """Who may come in and how: scheme is ``basic``, ``digest`` or ``bearer``."""

    scheme: str = "basic"
    username: str = "ana"
    password: str = "open sesame"

    @property
    def challenge(self) -> str:
        """What a 401 asks for."""
        if self.scheme == "digest":
            return f'Digest realm="dav", qop="auth", algorithm=MD5, nonce="{NONCE}"'
        return f'{self.scheme.capitalize()} realm="dav"'

    def admits(self, method: str, header: str) -> bool:
        """Say whether *header* (Authorization) opens."""
        if self.scheme == "basic":
            pair = b64encode(f"{self.username}:{self.password}".encode()).decode()
            return compare_digest(header, f"Basic {pair}")
        if self.scheme == "bearer":
            return compare_digest(header, f"Bearer {self.password}")
        return self._digest(method, header)

    def _digest(self, method: str, header: str) -> bool:
        said = {key: quoted or plain for key, quoted, plain in re.findall(r'(\w+)=(?:"([^"]*)"|([^\s,]+))', header)}
        if not header.startswith("Digest ") or said.get("username") != self.username or said.get("nonce") != NONCE:
            return False
        secret = _md5(f"{self.username}:dav:{self.password}")
        asked = _md5(f"{method}:{said.get('uri', '')}")
        middle = ":".join(said.get(word, "") for word in ("nonce", "nc", "cnonce", "qop"))
        return compare_digest(said.get("response", ""), _md5(f"{secret}:{middle}:{asked}"))


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
