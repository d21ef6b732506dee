"""The files of TLS -> contexts, or what is wrong with a file."""

import os
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest

from proxy.config.certificates import (
    MAX_FILE,
    CertificateFault,
    client_context,
    files,
    load_authority,
    load_pair,
    read,
    server_context,
)
from proxy.routing.table import BackendTls, ListenerTls
from tests.support.certificates import RSA, Authority, Pair, openssl


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def encrypted(pair: Pair, *how: str) -> None:
    plain = pair.key.rename(pair.key.with_suffix(".plain"))
    openssl(*how, "-in", plain, "-out", pair.key, "-passout", "pass:secret-word")


def emptied(path: Path) -> None:
    path.write_bytes(b"")


BROKEN: dict[str, tuple[Callable[[Pair, Authority], object], str, str]] = {
    "no certificate": (lambda pair, _: pair.certificate.unlink(), "certificate", "cannot be read: No such file"),
    "no key": (lambda pair, _: pair.key.unlink(), "key", "cannot be read: No such file"),
    "an empty certificate": (lambda pair, _: emptied(pair.certificate), "certificate", "holds no certificate in PEM"),
    "an empty key": (lambda pair, _: emptied(pair.key), "key", "holds no private key in PEM"),
    "the key in both": (
        lambda pair, _: pair.certificate.write_bytes(pair.key.read_bytes()),
        "certificate",
        "holds no certificate in PEM",
    ),
    "another's key": (
        lambda pair, ca: pair.key.write_bytes(ca.issue("b").key.read_bytes()),
        "key",
        "does not match the certificate",
    ),
    "a key of another kind": (
        lambda pair, ca: pair.key.write_bytes(ca.issue("b", kind=RSA).key.read_bytes()),
        "key",
        "does not match the certificate",
    ),
    "half a key": (
        lambda pair, _: pair.key.write_bytes(pair.key.read_bytes()[:90] + b"\n-----END PRIVATE KEY-----\n"),
        "key",
        "cannot be used",
    ),
    "a certificate that is none": (
        lambda pair, _: pair.certificate.write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
        "certificate",
        "cannot be used",
    ),
    "an encrypted key": (
        lambda pair, _: encrypted(pair, "pkcs8", "-topk8"),
        "key",
        "is encrypted, and nobody is asked",
    ),
    "an encrypted key of old": (lambda pair, _: encrypted(pair, "ec", "-aes256"), "key", "is encrypted"),
    "a folder": (
        lambda pair, _: (pair.key.unlink(), pair.key.mkdir()),
        "key",
        "it is not a file",
    ),
    "a pipe": (lambda pair, _: (pair.key.unlink(), os.mkfifo(pair.key)), "key", "it is not a file"),
    "a weak key": (
        lambda pair, ca: [
            os.replace(new, old) for new, old in zip(weak(ca), (pair.certificate, pair.key), strict=True)
        ],
        "certificate",
        "its key is too small",
    ),
}


def weak(authority: Authority) -> tuple[Path, Path]:
    pair = authority.issue("weak", kind=("-newkey", "rsa:1024"))
    return pair.certificate, pair.key


@pytest.mark.parametrize("how", BROKEN)
def test_a_pair_that_cannot_be_used_says_which_file_and_why(authority: Authority, how: str) -> None:
    breaks, field, said = BROKEN[how]
    pair = authority.issue("a")
    breaks(pair, authority)
    with pytest.raises(CertificateFault) as raised:
        load_pair(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), pair.certificate, pair.key)
    assert raised.value.field == field
    assert said in str(raised.value)
    assert str(pair.certificate if field == "certificate" else pair.key) in str(raised.value)


def test_a_file_beyond_the_bound_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * MAX_FILE)
    assert len(read(tmp_path / "a", "ca")) == MAX_FILE
    (tmp_path / "a").write_bytes(b"x" * (MAX_FILE + 1))
    with pytest.raises(CertificateFault, match="larger than 1048576 bytes"):
        read(tmp_path / "a", "ca")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "holds no certificate in PEM"),
        (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "cannot be used"),
        (None, "cannot be read: No such file"),
    ],
)
def test_an_authority_that_cannot_be_used(tmp_path: Path, content: bytes | None, said: str) -> None:
    if content is not None:
        (tmp_path / "ca.pem").write_bytes(content)
    with pytest.raises(CertificateFault, match=said) as raised:
        load_authority(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), tmp_path / "ca.pem", "clientCA")
    assert raised.value.field == "clientCA"


def shaken(
    client: ssl.SSLContext, server: ssl.SSLContext, name: str = "localhost"
) -> tuple[ssl.SSLObject, ssl.SSLObject]:
    """Both ends after a handshake in memory; SSLError from the end that refused."""
    one, other = ssl.MemoryBIO(), ssl.MemoryBIO()
    asking = client.wrap_bio(one, other, server_hostname=name)
    answering = server.wrap_bio(other, one, server_side=True)
    done: set[ssl.SSLObject] = set()
    while len(done) < 2:
        for end in (asking, answering):
            try:
                end.do_handshake()
                done.add(end)
            except ssl.SSLWantReadError:
                assert one.pending or other.pending, "neither end has anything to say"
    return asking, answering


def test_contexts_of_relative_paths_shake_hands(authority: Authority, tmp_path: Path) -> None:
    authority.issue("server"), authority.issue("client")
    server = server_context(ListenerTls("server.pem", "server.key", "ca.pem"), tmp_path)
    client = client_context(BackendTls("ca.pem", "client.pem", "client.key"), tmp_path)
    asking, answering = shaken(client, server)
    assert asking.selected_alpn_protocol() == answering.selected_alpn_protocol() == "http/1.1"
    subject = answering.getpeercert()
    assert subject is not None
    assert subject["subject"] == ((("commonName", "client"),),)
    assert server.minimum_version is client.minimum_version is ssl.TLSVersion.TLSv1_2


def test_a_client_is_asked_for_nothing_without_a_ca(authority: Authority, tmp_path: Path) -> None:
    authority.issue("server"), authority.issue("client")
    server = server_context(ListenerTls("server.pem", "server.key"), tmp_path)
    _, answering = shaken(client_context(BackendTls("ca.pem", "client.pem", "client.key"), tmp_path), server)
    assert answering.getpeercert() is None


def test_the_ca_that_is_named_is_the_only_one(authority: Authority, tmp_path: Path) -> None:
    authority.issue("server")
    server = server_context(ListenerTls("server.pem", "server.key"), tmp_path)
    other = Authority(tmp_path / "other")
    for tls in (BackendTls(str(other.certificate)), BackendTls(), None):
        with pytest.raises(ssl.SSLCertVerificationError):
            shaken(client_context(tls, tmp_path), server)
    assert client_context(BackendTls("ca.pem"), tmp_path).cert_store_stats()["x509"] == 1


def test_a_certificate_that_is_no_root_can_be_trusted_too(authority: Authority, tmp_path: Path) -> None:
    """As Go and Envoy do: what the file holds is what is trusted."""
    authority.issue("server")
    server = server_context(ListenerTls("server.pem", "server.key"), tmp_path)
    shaken(client_context(BackendTls("server.pem"), tmp_path), server)


def test_names_are_verified(authority: Authority, tmp_path: Path) -> None:
    authority.issue("server")
    server = server_context(ListenerTls("server.pem", "server.key"), tmp_path)
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        shaken(client_context(BackendTls("ca.pem"), tmp_path), server, "pay.internal")


def test_files_are_what_a_context_is_made_of(tmp_path: Path) -> None:
    assert files(None, tmp_path) == files(BackendTls(server_name="a"), tmp_path) == ()
    assert files(ListenerTls("a", "/b", "c"), tmp_path) == (tmp_path / "a", Path("/b"), tmp_path / "c")
    assert files(BackendTls("a", "b", "c"), tmp_path) == (tmp_path / "b", tmp_path / "c", tmp_path / "a")
