"""Records are frozen words, and asking for them costs no database."""

import subprocess
import sys

from tests.store.made import AMOUNT, inconclusive, record


def test_the_words_come_without_a_database() -> None:
    code = "import sys, proxy.store.record; sys.exit('sqlalchemy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_only_a_mismatch_has_a_fingerprint() -> None:
    assert record("1", AMOUNT).fingerprint is not None
    assert record("2").fingerprint is None
    assert inconclusive("3").fingerprint is None
