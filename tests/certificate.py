"""Certificates for tests, made when they are needed."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import NamedTuple, Self


class Certificate(NamedTuple):
    """A certificate for 127.0.0.1 and ::1 that signs itself, and its key: PEM files."""

    file: Path
    key: Path

    @classmethod
    def make(cls, folder: Path) -> Self:
        """A new one in that folder."""
        made = cls(folder / "cert.pem", folder / "key.pem")
        command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=labsip"
        names = "subjectAltName=IP:127.0.0.1,IP:::1"
        subprocess.run(
            [*command.split(), "-addext", names, "-out", made.file, "-keyout", made.key],
            check=True,
            capture_output=True,
        )
        return made
