"""What the file says of sandboxes, in the table's words."""

from typing import Any

import pytest

from proxy.config.load import loads
from proxy.routing.route import Backend
from proxy.routing.sandbox import (
    ByHeader,
    ByOperator,
    ByProbe,
    CardData,
    MapCredentials,
    Resign,
    Scheme,
    SetCredentials,
)
from tests.config.documents import document

LIVE = '\n    - {name: old, url: "http://127.0.0.1:8001"}'


def backend(fields: str, spec: str = "") -> Backend:
    new = f'\n    - {{name: new, url: "http://127.0.0.1:8003", effects: sandbox{fields}}}'
    return loads(document(backends=LIVE + new, spec=spec), environ={}).backends["new"]


@pytest.mark.parametrize(
    ("fields", "name", "value"),
    [
        (", attest: operator", "attest", ByOperator()),
        (", attest: {header: X-Dry-Run, value: '1'}", "attest", ByHeader("X-Dry-Run", "1")),
        (", attest: {probe: {path: /mode, contains: test}}", "attest", ByProbe(b"/mode", b"test")),
        ("", "attest", None),
        ("", "card_data", CardData.REFUSE),
        (", cardData: substitute", "card_data", CardData.SUBSTITUTE),
        (", credentials: pass", "credentials", None),
        (
            ", credentials: {set: [{name: Authorization, valueFrom: {env: T}}]}",
            "credentials",
            SetCredentials((("Authorization", "T"),)),
        ),
        (
            ", credentials: {map: {file: m.json, merchant: 'jwt:sub'}}",
            "credentials",
            MapCredentials("m.json", "jwt:sub", "Authorization"),
        ),
        (", resign: {header: X-Sig}", "resign", Resign("X-Sig")),
        (
            ", resign: {header: X-Sig, scheme: stripe, secretFrom: {env: S}}",
            "resign",
            Resign("X-Sig", Scheme.STRIPE, "S"),
        ),
    ],
)
def test_a_sandbox(fields: str, name: str, value: Any) -> None:
    assert getattr(backend(fields), name) == value


def test_the_defaults_are_for_sandboxes() -> None:
    spec = "  defaults: {attest: operator, cardData: allow}\n"
    assert backend("", spec).attest == ByOperator()
    assert backend(", cardData: refuse", spec).card_data is CardData.REFUSE
    assert loads(document(spec=spec), environ={}).backends["old"].attest is None
