"""Certificate authorities and certificates that a test makes for itself, by the command openssl.

Law of this file: keys are made anew for each test and are worth nothing.
"""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.support.services import require_service

CURVE = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")
RSA = ("-newkey", "rsa:2048")


@dataclass(frozen=True)
class Pair:
    """A certificate and its key, PEM."""

    certificate: Path
    key: Path


def openssl(*arguments: str | Path) -> None:
    """Runs it; skips where there is none, visibly."""
    command = [require_service("openssl"), *arguments]
    done = subprocess.run(list(map(str, command)), capture_output=True, stdin=subprocess.DEVNULL, timeout=30)
    assert done.returncode == 0, done.stderr.decode()


class Authority:
    """A certificate authority of its own, with its files in `folder`."""

    def __init__(self, folder: Path, name: str = "ca") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self.certificate, self.key = folder / f"{name}.pem", folder / f"{name}.key"
        openssl(
            *("req", "-x509", "-nodes", *CURVE, "-keyout", self.key, "-out", self.certificate, "-days", "90"),
            *("-subj", f"/CN={name}"),
        )

    def issue(
        self, name: str, names: str = "IP:127.0.0.1,DNS:localhost", *, days: int = 90, kind: tuple[str, ...] = CURVE
    ) -> Pair:
        """A certificate for `names`, as openssl writes them, in files called `name`."""
        pair = Pair(self._folder / f"{name}.pem", self._folder / f"{name}.key")
        asked, more = self._folder / f"{name}.csr", self._folder / f"{name}.cnf"
        more.write_text(f"subjectAltName={names}\n")
        openssl("req", "-new", "-nodes", *kind, "-keyout", pair.key, "-out", asked, "-subj", f"/CN={name}")
        openssl(
            *("x509", "-req", "-in", asked, "-CA", self.certificate, "-CAkey", self.key, "-CAcreateserial"),
            *("-days", str(days), "-extfile", more, "-out", pair.certificate),
        )
        pair.key.chmod(0o600)
        return pair
