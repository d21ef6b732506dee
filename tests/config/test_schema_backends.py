"""Backends as the contract writes them."""

import pytest
from pydantic import ValidationError

from proxy.config.schema_backends import BackendSpec
from proxy.routing.route import Effects

URL = "http://127.0.0.1:8001"
SANDBOX = {
    "name": "payments-dry",
    "url": URL,
    "effects": "sandbox",
    "attest": {"header": "X-Dry-Run", "value": "1"},
    "credentials": {"set": [{"name": "Authorization", "valueFrom": {"env": "SANDBOX_TOKEN"}}]},
    "cardData": "substitute",
    "versionHeader": "X-Version",
    "healthCheck": {"path": "/healthz", "interval": "5s"},
    "pool": {"maxConnections": 200, "maxPending": 400, "idleTimeout": "1500ms"},
    "timeouts": {"connect": "1s"},
    "host": "preserve",
}


def test_a_whole_backend() -> None:
    spec = BackendSpec.model_validate(SANDBOX)
    assert spec.effects is Effects.SANDBOX
    assert spec.pool is not None
    assert spec.pool.idle_timeout == 1.5
    assert spec.health_check is not None
    assert spec.health_check.interval == 5


def test_tls_of_a_backend() -> None:
    tls = {"ca": "a.pem", "certificate": "b.pem", "key": "c.pem", "serverName": "pay.internal"}
    spec = BackendSpec.model_validate({"name": "a", "url": "https://a", "tls": tls})
    assert spec.tls is not None
    assert spec.tls.server_name == "pay.internal"
    for wrong in ({"serverName": "a b"}, {"verify": False}, {"ca": ""}):
        with pytest.raises(ValidationError):
            BackendSpec.model_validate({"name": "a", "url": "https://a", "tls": wrong})


@pytest.mark.parametrize(
    "more",
    [
        {"attest": "operator"},
        {"attest": {"probe": {"path": "/mode", "contains": "test"}}},
        {"credentials": "pass"},
        {"credentials": {"map": {"file": "secrets.yaml"}}},
    ],
)
def test_the_other_ways_to_attest_and_to_give_credentials(more: dict[str, object]) -> None:
    assert BackendSpec.model_validate({"name": "a", "url": URL, **more})


@pytest.mark.parametrize(
    "more",
    [
        {"effects": "dry"},
        {"attest": "nobody"},
        {"attest": {"header": "X"}},
        {"attest": {"probe": {"path": "/"}}},
        {"credentials": "none"},
        {"credentials": {"set": []}},
        {"cardData": "maybe"},
        {"pool": {"maxConnections": 0}},
        {"urls": []},
    ],
)
def test_what_is_wrong_is_refused(more: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        BackendSpec.model_validate({"name": "a", "url": URL, **more})
