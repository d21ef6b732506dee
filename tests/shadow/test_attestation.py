"""Attestations: known for a while, and only as long as nothing speaks against it."""

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from proxy.messages import Failure, FailureKind, Headers, Response
from proxy.routing.route import Backend, Effects
from proxy.routing.sandbox import Attest, ByHeader, ByOperator, ByProbe
from proxy.shadow.attestation import VALID, Attestations, Standing, confirms, shows

HEADER = ByHeader("X-Dry-Run", "1")
PROBE = ByProbe(b"/mode", b"test")
LOST = Failure(FailureKind.RESET, True, "")


def sandbox(attest: Attest | None, addresses: int = 1) -> Backend:
    places = tuple(("127.0.0.1", port) for port in range(addresses)) if addresses > 1 else ()
    return Backend("s", "http", "127.0.0.1", 1, effects=Effects.SANDBOX, attest=attest, addresses=places)


def answer(status: int = 200, headers: Headers = (), body: bytes = b"") -> Response:
    return Response(status, b"", headers, body)


@pytest.mark.parametrize(
    ("attest", "outcome", "shown"),
    [
        (HEADER, answer(headers=((b"X-Dry-Run", b"1"),)), True),
        (HEADER, answer(404, ((b"x_dry_run", b" 1 "),)), True),
        (HEADER, answer(headers=((b"X-Dry-Run", b"0"),)), False),
        (HEADER, answer(headers=((b"X-Dry-Run", b"1"), (b"X-Dry-Run", b"0"))), False),
        (HEADER, answer(), False),
        (HEADER, LOST, False),
        (PROBE, answer(body=b"mode: test"), True),
        (PROBE, answer(500, body=b"mode: test"), False),
        (PROBE, answer(body=b"mode: live"), False),
        (ByOperator(), answer(500), True),
        (None, answer(), False),
    ],
)
def test_what_a_probe_shows(attest: Attest | None, outcome: Response | Failure, shown: bool) -> None:
    assert shows(sandbox(attest), outcome) is shown


def test_only_a_header_can_be_seen_on_an_answer() -> None:
    assert confirms(sandbox(HEADER), answer(headers=((b"X-Dry-Run", b"1"),)))
    assert not confirms(sandbox(HEADER), answer())
    assert confirms(sandbox(PROBE), answer())
    assert confirms(sandbox(ByOperator()), answer())
    assert not confirms(sandbox(None), answer())


def test_an_operator_vouches_for_all_addresses_but_arms_nothing() -> None:
    known = Attestations(lambda: 0.0)
    assert known.standing(sandbox(ByOperator(), 2)) == Standing(False, (0, 1))
    known.read(())
    assert known.standing(sandbox(ByOperator(), 2)) == Standing(True, (0, 1))


def test_each_address_attests_for_itself() -> None:
    known = Attestations(lambda: 0.0)
    assert known.probed("s", 1, True)
    assert not known.probed("s", 1, True)
    assert known.standing(sandbox(HEADER, 2)).addresses == (1,)
    known.forget("s")
    assert known.standing(sandbox(HEADER, 2)).addresses == ()


def test_a_stop_stands_until_the_store_says_otherwise() -> None:
    known = Attestations(lambda: 0.0)
    known.read(())
    assert known.stop("s")
    assert not known.stop("s")
    known.read(())
    assert not known.standing(sandbox(ByOperator())).armed, "the store does not know of it yet"
    known.said("s")
    assert not known.standing(sandbox(ByOperator())).armed
    known.read(())
    assert known.standing(sandbox(ByOperator())).armed, "a person has armed it"


class InTime(RuleBasedStateMachine):
    """Against the plain reading of the rule: shown in the last VALID seconds, nothing since; read, and not stopped."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.known = Attestations(lambda: self.now)
        self.shown_at = self.read_at = float("-inf")
        self.stopped = False

    @rule(seconds=st.sampled_from([0.1, 3.0, VALID / 2, VALID, 60.0]))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @rule(shown=st.booleans())
    def probe(self, shown: bool) -> None:
        self.known.probed("s", 0, shown)
        self.shown_at = self.now if shown else float("-inf")

    @rule()
    def stop(self) -> None:
        self.known.stop("s")
        self.known.said("s")
        self.stopped = True

    @rule(armed=st.booleans())
    def read(self, armed: bool) -> None:
        self.known.read(() if armed else ("s",))
        self.read_at, self.stopped = self.now, not armed

    @invariant()
    def only_then(self) -> None:
        standing = self.known.standing(sandbox(HEADER))
        assert bool(standing.addresses) is (self.now - self.shown_at < VALID)
        assert standing.armed is (self.now - self.read_at < VALID and not self.stopped)


TestInTime = InTime.TestCase
