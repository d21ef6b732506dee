"""TLS options: what was asked for is done, or refused."""

import ssl
from pathlib import Path

import pytest

from proxy.store.tls import TlsError, mysql_tls, postgresql_tls
from tests.support.certificates import Authority


def test_by_default_as_the_tools_of_each_database() -> None:
    assert postgresql_tls({}) == {"ssl": "prefer"}
    assert postgresql_tls({"sslmode": "disable"}) == {"ssl": "disable"}
    assert mysql_tls({}) == {}
    assert mysql_tls({"ssl-mode": "DISABLED"}) == {}


@pytest.mark.parametrize(
    ("context", "verify", "host"),
    [
        (postgresql_tls({"sslmode": "require"}), ssl.CERT_NONE, False),
        (postgresql_tls({"sslmode": "verify-ca"}), ssl.CERT_REQUIRED, False),
        (postgresql_tls({"sslmode": "verify-full"}), ssl.CERT_REQUIRED, True),
        (mysql_tls({"ssl-mode": "REQUIRED"}), ssl.CERT_NONE, False),
        (mysql_tls({"ssl-mode": "VERIFY_CA"}), ssl.CERT_REQUIRED, False),
        (mysql_tls({"ssl-mode": "VERIFY_IDENTITY"}), ssl.CERT_REQUIRED, True),
    ],
)
def test_modes(context: dict[str, ssl.SSLContext], verify: ssl.VerifyMode, host: bool) -> None:
    assert (context["ssl"].verify_mode, context["ssl"].check_hostname) == (verify, host)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"sslmode": "maybe"}, "not one of"),
        ({"sslrootcert": "/absent"}, "certificates cannot be read: No such file"),
        ({"sslmode": "disable", "sslcert": "/absent"}, "uses no certificates"),
    ],
)
def test_what_cannot_be_done_is_refused(options: dict[str, str], words: str) -> None:
    with pytest.raises(TlsError, match=words):
        postgresql_tls(options)


def test_an_authority_alone_means_that_all_is_verified(tmp_path: Path) -> None:
    file = str(Authority(tmp_path).certificate)
    for context in (postgresql_tls({"sslrootcert": file}), mysql_tls({"ssl-ca": file})):
        assert context["ssl"].check_hostname
        assert len(context["ssl"].get_ca_certs()) == 1
