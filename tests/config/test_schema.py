"""The whole document."""

import pytest
from pydantic import ValidationError

from proxy.config.schema import LimitsSpec, ListenerSpec, RouteTableSpec
from proxy.routing.table import Limits

MINIMAL = {
    "apiVersion": "strangler/v1",
    "kind": "RouteTable",
    "metadata": {"name": "t"},
    "spec": {
        "backends": [{"name": "a", "url": "http://127.0.0.1:1"}],
        "routes": [{"name": "all", "stage": "legacy", "backendRefs": {"legacy": "a"}}],
    },
}


def test_the_smallest_document() -> None:
    assert RouteTableSpec.model_validate(MINIMAL).spec.routes[0].name == "all"


@pytest.mark.parametrize(
    "wrong",
    [
        {**MINIMAL, "apiVersion": "strangler/v2"},
        {**MINIMAL, "kind": "Table"},
        {**MINIMAL, "spec": {**MINIMAL["spec"], "routes": []}},  # type: ignore[dict-item]
        {**MINIMAL, "spec": {**MINIMAL["spec"], "backends": []}},  # type: ignore[dict-item]
        {**MINIMAL, "spec": {**MINIMAL["spec"], "trustedProxies": ["10.0.0.1/8"]}},  # type: ignore[dict-item]
        {**MINIMAL, "extra": 1},
    ],
)
def test_what_is_wrong_is_refused(wrong: object) -> None:
    with pytest.raises(ValidationError):
        RouteTableSpec.model_validate(wrong)


def test_a_listener_may_have_certificates() -> None:
    tls = {"certificate": "a.pem", "key": "b.pem", "clientCA": "c.pem"}
    spec = ListenerSpec.model_validate({"address": "0.0.0.0", "port": 8443, "tls": tls})
    assert spec.tls is not None
    assert spec.tls.client_ca == "c.pem"


def test_limits_that_are_left_out_are_those_of_the_table() -> None:
    spec = LimitsSpec()
    assert Limits() == Limits(spec.header_bytes, spec.headers, spec.request_line, spec.connections, spec.body_bytes)
