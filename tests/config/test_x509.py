"""The dates in a certificate."""

import base64
from datetime import UTC, datetime
from pathlib import Path

import pytest

from proxy.config.x509 import certificates, validity
from tests.support.certificates import Authority, openssl


def _dates(folder: Path, begin: str, end: str) -> bytes:
    """A certificate with these dates, which `openssl ca` alone can choose."""
    authority = Authority(folder)
    for name, text in (("index.txt", ""), ("serial", "01\n"), ("empty.cnf", "[none]\n")):
        (folder / name).write_text(text)
    config = folder / "ca.cnf"
    config.write_text(
        f"[ca]\ndefault_ca=c\n[c]\ndatabase={folder}/index.txt\nserial={folder}/serial\nnew_certs_dir={folder}\n"
        "default_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n"
    )
    request = folder / "a.csr"
    openssl(
        "req", "-new", "-nodes", "-newkey", "rsa:2048", "-keyout", folder / "a.key", "-out", request, "-subj", "/CN=a"
    )
    openssl(
        *("ca", "-batch", "-config", config, "-in", request, "-cert", authority.certificate, "-keyfile", authority.key),
        *("-startdate", begin, "-enddate", end, "-notext", "-out", folder / "a.pem"),
    )
    return (folder / "a.pem").read_bytes()


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        ("20250102030405Z", "20260228235959Z"),
        ("19600101000000Z", "20491231235959Z"),
        ("20250102030405Z", "20500101000000Z"),
        ("20250102030405Z", "99991231235959Z"),
    ],
)
def test_both_spellings_of_a_time(tmp_path: Path, begin: str, end: str) -> None:
    (der,) = certificates(_dates(tmp_path, begin, end))
    wanted = [datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC) for text in (begin, end)]
    assert validity(der) == tuple(wanted)


def test_all_certificates_of_a_file_in_its_order(tmp_path: Path) -> None:
    one, two = Authority(tmp_path / "one").certificate, Authority(tmp_path / "two").certificate
    between = b"\nsubject=CN = two\n"
    both = certificates(one.read_bytes() + between + two.read_bytes().replace(b"\n", b"\r\n"))
    assert both == [*certificates(one.read_bytes()), *certificates(two.read_bytes())]
    assert len(both) == 2


def test_what_is_none_is_passed_over() -> None:
    key = b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"
    broken = b"-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n"
    assert certificates(b"") == certificates(key) == certificates(broken) == []


def test_what_cannot_be_read_has_no_dates(tmp_path: Path) -> None:
    (der,) = certificates(Authority(tmp_path).certificate.read_bytes())
    assert validity(der) is not None
    for end in range(len(der)):
        validity(der[:end])  # whatever is cut off, nothing is raised
    for nonsense in (b"", b"\x30", b"\x30\x84\xff\xff\xff\xff", base64.b64decode("MAA="), b"\xff" * 64):
        assert validity(nonsense) is None
