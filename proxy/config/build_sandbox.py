"""What a checked backend says about itself as a sandbox -> the table's words for it.

Law of this file: as build.py.
"""

from proxy.config.schema_backends import (
    AttestHeaderSpec,
    AttestProbeSpec,
    AttestSpec,
    CredentialMapSpec,
    CredentialSetSpec,
    CredentialsSpec,
    ResignSpec,
)
from proxy.routing.sandbox import (
    Attest,
    ByHeader,
    ByOperator,
    ByProbe,
    Credentials,
    MapCredentials,
    Resign,
    SetCredentials,
)


def attest(spec: AttestSpec | None) -> Attest | None:
    match spec:
        case None:
            return None
        case AttestHeaderSpec():
            return ByHeader(spec.header, spec.value)
        case AttestProbeSpec():
            return ByProbe(spec.probe.path.encode(), spec.probe.contains.encode())
        case _:
            return ByOperator()


def credentials(spec: CredentialsSpec | None) -> Credentials | None:
    match spec:
        case CredentialSetSpec():
            return SetCredentials(tuple((each.name, each.value_from.env) for each in spec.set))
        case CredentialMapSpec():
            return MapCredentials(spec.map.file, spec.map.merchant, spec.map.header)
        case _:
            return None


def resign(spec: ResignSpec | None) -> Resign | None:
    if spec is None:
        return None
    return Resign(spec.header, spec.scheme, spec.secret_from.env if spec.secret_from is not None else None)
