"""The PEM files of TLS -> contexts, or what is wrong with a file.

Law of this file: TLS 1.2 at least, HTTP/1.1 alone, every certificate verified. Nobody is ever asked for a password, and
no message holds what a file holds. Files and messages are bounded.
"""

import ssl
import stat
from pathlib import Path
from typing import Final, NoReturn

from proxy.config import x509
from proxy.routing.table import BackendTls, ListenerTls

MAX_FILE: Final = 1024 * 1024
_MISMATCH: Final = {"KEY_VALUES_MISMATCH", "KEY_TYPE_MISMATCH", "NO_CERTIFICATE_ASSIGNED", "NO_PRIVATE_KEY_ASSIGNED"}
_WEAK: Final = {
    "EE_KEY_TOO_SMALL": "its key is too small",
    "CA_KEY_TOO_SMALL": "the key of its CA is too small",
    "CA_MD_TOO_WEAK": "it is signed with a hash that is too weak",
}


class CertificateFault(Exception):
    """A file that cannot be used. `field`: which one, as routes.yaml calls it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class _Encrypted(Exception):
    """A password was asked for."""


def server_context(tls: ListenerTls, folder: Path) -> ssl.SSLContext:
    """What a listener's handshakes need. Raises CertificateFault."""
    context = _hardened(ssl.PROTOCOL_TLS_SERVER)
    load_pair(context, folder / tls.certificate, folder / tls.key)
    if tls.client_ca is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        load_authority(context, folder / tls.client_ca, "clientCA")
    return context


def client_context(tls: BackendTls | None, folder: Path) -> ssl.SSLContext:
    """What handshakes with a backend need; its certificate and name are always verified. Raises CertificateFault."""
    context = _hardened(ssl.PROTOCOL_TLS_CLIENT)
    if tls is None or tls.ca is None:
        context.load_default_certs(ssl.Purpose.SERVER_AUTH)
    else:
        load_authority(context, folder / tls.ca, "ca")
    if tls is not None and tls.certificate is not None and tls.key is not None:
        load_pair(context, folder / tls.certificate, folder / tls.key)
    return context


def files(tls: ListenerTls | BackendTls | None, folder: Path) -> tuple[Path, ...]:
    """All that a context is made of."""
    if tls is None:
        return ()
    authority = tls.client_ca if isinstance(tls, ListenerTls) else tls.ca
    return tuple(folder / name for name in (tls.certificate, tls.key, authority) if name is not None)


def _hardened(protocol: int) -> ssl.SSLContext:
    context = ssl.SSLContext(protocol)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION
    context.set_alpn_protocols(["http/1.1"])
    return context


def load_pair(context: ssl.SSLContext, certificate: Path, key: Path) -> None:
    """A chain and its key. Raises CertificateFault."""
    chain = read(certificate, "certificate")
    if not x509.certificates(chain):
        raise CertificateFault("certificate", f"{certificate} holds no certificate in PEM form")
    if b"PRIVATE KEY-----" not in read(key, "key"):
        raise CertificateFault("key", f"{key} holds no private key in PEM form")
    try:
        context.load_cert_chain(certificate, key, password=_refuse)
    except _Encrypted:
        message = f"{key} is encrypted, and nobody is asked for its password; store it decrypted, readable by us alone"
        raise CertificateFault("key", message) from None
    except ssl.SSLError as fault:
        raise _blamed(fault, certificate, key) from None
    except OSError as fault:
        raise CertificateFault("certificate", f"{certificate} cannot be read: {fault.strerror}") from None


def load_authority(context: ssl.SSLContext, path: Path, field: str) -> None:
    """What is trusted, and nothing else: each certificate of the file, root or not. Raises CertificateFault."""
    if not x509.certificates(read(path, field)):
        raise CertificateFault(field, f"{path} holds no certificate in PEM form")
    try:
        context.load_verify_locations(path)
    except OSError as fault:
        raise CertificateFault(field, f"{path} cannot be used: {_words(fault)}") from None
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN


def read(path: Path, field: str) -> bytes:
    """A file's content. Raises CertificateFault, also for what is no file: reading a pipe would wait."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise CertificateFault(field, f"{path} cannot be read: it is not a file")
        with path.open("rb") as file:
            content = file.read(MAX_FILE + 1)
    except OSError as fault:
        raise CertificateFault(field, f"{path} cannot be read: {fault.strerror}") from None
    if len(content) > MAX_FILE:
        raise CertificateFault(field, f"{path} is larger than {MAX_FILE} bytes")
    return content


def _refuse() -> NoReturn:
    raise _Encrypted


def _blamed(fault: ssl.SSLError, certificate: Path, key: Path) -> CertificateFault:
    """OpenSSL does not say which of the two it means."""
    if fault.reason in _MISMATCH:
        return CertificateFault("key", f"{key} does not match the certificate {certificate}")
    if fault.reason in _WEAK:
        return CertificateFault("certificate", f"{certificate} cannot be used: {_WEAK[fault.reason]}")
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(certificate)
    except OSError:
        return CertificateFault("certificate", f"{certificate} cannot be used: {_words(fault)}")
    return CertificateFault("key", f"{key} cannot be used: {_words(fault)}")


def _words(fault: OSError) -> str:
    if isinstance(fault, ssl.SSLError):
        return (fault.reason or "it cannot be read").lower().replace("_", " ")
    return fault.strerror or type(fault).__name__
