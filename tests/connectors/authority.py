"""A throw-away certificate authority, made with the openssl command."""

from __future__ import annotations

import ssl
import subprocess
from pathlib import Path

_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


class Authority:
    """Signs certificates for made-up servers; *file* is what a client has to trust."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.file = str(folder / "ca.pem")
        extensions = ("basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign")
        added = [word for extension in extensions for word in ("-addext", extension)]
        self._run("req", "-x509", *_KEY, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Test CA", *added)

    def context(self, *names: str, days: int = 2) -> ssl.SSLContext:
        """Return a server's side of TLS, with a certificate for *names* (``DNS:a``, ``IP:1.2.3.4``)."""
        stem = "-".join(name.replace(":", "_") for name in names) + f"_{days}"
        if not (self._folder / f"{stem}.pem").exists():
            self._run("req", "-new", *_KEY, "-keyout", f"{stem}.key", "-out", f"{stem}.csr", "-subj", "/CN=x")
            (self._folder / f"{stem}.ext").write_text(
                f"subjectAltName={','.join(names)}\nauthorityKeyIdentifier=keyid\nbasicConstraints=CA:FALSE\n"
            )
            signed = ("-CA", "ca.pem", "-CAkey", "ca.key", "-days", str(days), "-extfile", f"{stem}.ext")
            self._run("x509", "-req", "-in", f"{stem}.csr", "-out", f"{stem}.pem", *signed)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._folder / f"{stem}.pem", self._folder / f"{stem}.key")
        return context

    def _run(self, *words: str) -> None:
        subprocess.run(["openssl", *words], cwd=self._folder, check=True, capture_output=True)
