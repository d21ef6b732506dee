import ssl
from pathlib import Path

import pytest

from tests.support.certificates import RSA, Authority, openssl


def test_what_is_issued_is_a_pair(tmp_path: Path) -> None:
    authority = Authority(tmp_path / "a")
    for pair in (authority.issue("one"), authority.issue("two", kind=RSA)):
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(pair.certificate, pair.key)


def test_a_command_that_fails_says_why() -> None:
    with pytest.raises(AssertionError, match="nothing.pem"):
        openssl("x509", "-in", "nothing.pem")
