"""Run a real OpenID provider on loopback: the npm package ``oidc-provider``, under Node.js.

``scripts/oidc`` puts the package below ``.tools/``, which no one commits; ``oidc/`` beside this file
holds what it is made from. In a test::

    with oidc_provider() as provider:
        back = approve(f"{provider.authorize_url}?...", user="ana@example.org")  # simulators.identity.browser
        provider.public, provider.confidential, provider.resource_server          # its clients
"""

from __future__ import annotations

import contextlib
import json
import secrets
import shutil
import subprocess
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / ".tools" / "oidc"
SERVER = Path(__file__).resolve().parent / "oidc" / "server.mjs"
START_LIMIT = 60.0
STOP_LIMIT = 5.0
PATHS = ("/callback", "/callback/oauth", "/callback/generic")


class OidcMissing(RuntimeError):
    """The provider cannot be run here; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class OidcClient:
    """A registered client. One without a secret is public, and native: its loopback port is free."""

    id: str
    secret: str = ""


@dataclass(frozen=True, slots=True)
class OidcServer:
    """A running provider."""

    url: str
    pid: int
    public: OidcClient
    confidential: OidcClient
    resource_server: OidcClient

    @property
    def authorize_url(self) -> str:
        """Where a browser goes."""
        return f"{self.url}/auth"

    @property
    def token_url(self) -> str:
        """Where codes and refresh tokens go."""
        return f"{self.url}/token"

    @property
    def revoke_url(self) -> str:
        """RFC 7009."""
        return f"{self.url}/token/revocation"

    @property
    def introspect_url(self) -> str:
        """RFC 7662."""
        return f"{self.url}/token/introspection"

    @property
    def metadata_url(self) -> str:
        """OpenID Discovery."""
        return f"{self.url}/.well-known/openid-configuration"


def runtime() -> Path:
    """Return the program that runs it. Raises ``OidcMissing``."""
    node = shutil.which("node") or shutil.which("nodejs")
    if node is None:
        raise OidcMissing("Node.js is not installed")
    if not (MODULES / "node_modules" / "oidc-provider" / "package.json").is_file():
        raise OidcMissing("the npm package oidc-provider is not installed: run scripts/oidc")
    return Path(node)


@contextlib.contextmanager
def oidc_provider(*, access_lifetime: int = 3600, paths: Sequence[str] = PATHS) -> Iterator[OidcServer]:
    """Run the provider until the block, or this process, ends. Access tokens live *access_lifetime* seconds.

    Redirects go to ``http://127.0.0.1:{any port}`` and one of *paths*. Raises ``OidcMissing``.
    """
    public = OidcClient("wherry-native")
    confidential = OidcClient("wherry-server", secrets.token_urlsafe(24))
    resource_server = OidcClient("calendar-server", secrets.token_urlsafe(24))
    settings = {
        "access_lifetime": access_lifetime,
        "cookie_key": secrets.token_urlsafe(24),
        "clients": [
            _registered(public, paths),
            _registered(confidential, paths),
            {**_registered(resource_server, ()), "grant_types": [], "response_types": []},
        ],
    }
    process = subprocess.Popen(
        [str(runtime()), str(SERVER), str(MODULES)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    words: list[str] = []
    listener = threading.Thread(target=lambda: words.extend(process.stderr or ()), daemon=True)
    listener.start()
    try:
        url = _url(process, settings, words)
        yield OidcServer(url, process.pid, public, confidential, resource_server)
    finally:
        _stop(process)
        listener.join(STOP_LIMIT)
        for pipe in (process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()


def _registered(client: OidcClient, paths: Sequence[str]) -> dict[str, object]:
    """Return the metadata of a client (RFC 7591 §2)."""
    said: dict[str, object] = {
        "client_id": client.id,
        "application_type": "native",
        "redirect_uris": [f"http://127.0.0.1{path}" for path in paths],
        "grant_types": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_method": "client_secret_basic" if client.secret else "none",
    }
    return {**said, "client_secret": client.secret} if client.secret else said


def _url(process: subprocess.Popen[str], settings: dict[str, object], words: list[str]) -> str:
    """Send the settings and wait for the address: it is said when the provider listens."""
    late = threading.Timer(START_LIMIT, process.kill)
    late.start()
    try:
        if process.stdin is not None:
            process.stdin.write(json.dumps(settings) + "\n")
            process.stdin.flush()
        line = process.stdout.readline() if process.stdout is not None else ""
    except BrokenPipeError:
        line = ""
    finally:
        late.cancel()
    if not line:
        process.wait(STOP_LIMIT)
        raise OidcMissing(f"the provider ended at once: {''.join(words)[-1500:]}")
    return str(json.loads(line)["url"])


def _stop(process: subprocess.Popen[str]) -> None:
    """End the input, which ends the program."""
    if process.stdin is not None:
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()
    try:
        process.wait(STOP_LIMIT)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
