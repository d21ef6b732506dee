import pytest
from msgspec import structs

from comparators import Comparison, Difference, Kind, Verdict
from proxy.messages import Exchange, Failure, FailureKind, Observation, Request, Response, System
from proxy.redaction import RedactionRules, Redactor
from proxy.shadow.records import blank, compared, inconclusive

CARD = "4111111111111111"
REDACTOR = Redactor(RedactionRules(), b"0123456789abcdef")
SECRET = Request(b"GET", b"/cards?number=" + CARD.encode(), ((b"Authorization", b"Bearer s3cr3t"),), CARD.encode())
ANSWER = Response(200, b"OK", ((b"Set-Cookie", b"s3cr3t"),), b'{"card":"%b"}' % CARD.encode())
SHADOW = Observation(System.CANDIDATE, "payments", ANSWER, 0.02)


@pytest.fixture
def secret(exchange: Exchange) -> Exchange:
    return structs.replace(exchange, request=SECRET, primary=structs.replace(exchange.primary, outcome=ANSWER))


def always(_cause: str) -> bool:
    return True


def is_clean(record: object) -> bool:
    return CARD not in repr(record) and "s3cr3t" not in repr(record)


def test_what_was_compared_is_kept_redacted(secret: Exchange) -> None:
    difference = Difference("$.card", Kind.VALUE, f'"{CARD}"', '"other"')
    record = compared(secret, SHADOW, Comparison(Verdict.MISMATCH, (difference,), f"saw {CARD}"), REDACTOR, always)
    assert is_clean(record)
    assert (record.verdict, len(record.differences)) == (Verdict.MISMATCH, 1)
    assert record.shadow is not None
    assert (record.shadow.seconds, record.exchange.id) == (0.02, secret.id)


@pytest.mark.parametrize("verdict", Verdict)
def test_only_a_mismatch_has_a_fingerprint(exchange: Exchange, verdict: Verdict) -> None:
    record = compared(exchange, SHADOW, Comparison(verdict), REDACTOR, always)
    assert (record.fingerprint is not None) == (verdict is Verdict.MISMATCH)
    assert record.reason is None


def test_one_cause_is_one_fingerprint_whatever_the_values(exchange: Exchange) -> None:
    def of(path: str, candidate: str, route: str = "read-payment") -> str | None:
        comparison = Comparison(Verdict.MISMATCH, (Difference(path, Kind.VALUE, "1", candidate),))
        planned = structs.replace(exchange, plan=structs.replace(exchange.plan, route=route))
        return compared(planned, SHADOW, comparison, REDACTOR, always).fingerprint

    assert of("$.rows[0].a", "2") == of("$.rows[7].a", "3")
    assert of("$.rows[0].a", "2") != of("$.rows[0].b", "2")
    assert of("$.rows[0].a", "2") != of("$.rows[0].a", "2", route="another")


def test_what_is_not_kept_whole_is_kept_as_its_request_line_two_statuses_and_what_differs(secret: Exchange) -> None:
    asked: list[str] = []

    def never(cause: str) -> bool:
        asked.append(cause)
        return False

    difference = Difference("$.card", Kind.VALUE, f'"{CARD}"', '"other"')
    record = compared(secret, SHADOW, Comparison(Verdict.MATCH), REDACTOR, never)
    mismatch = compared(secret, SHADOW, Comparison(Verdict.MISMATCH, (difference,)), REDACTOR, never)
    assert is_clean(record)
    assert is_clean(mismatch)
    assert (record.verdict, record.is_whole, mismatch.is_whole) == (Verdict.MATCH, False, False)
    assert len(mismatch.differences) == 1
    assert asked == ["match", mismatch.fingerprint]
    assert record.shadow is not None
    for outcome in (record.exchange.primary.outcome, record.shadow.outcome):
        assert outcome == Response(200, b"OK", (), b"")
    assert (record.exchange.request.method, record.exchange.request.headers, record.exchange.request.body) == (
        b"GET",
        (),
        b"",
    )
    assert record.exchange.request.target.startswith(b"/cards?number=")


@pytest.mark.parametrize("shadow", [None, SHADOW])
def test_what_is_inconclusive_is_kept_redacted(secret: Exchange, shadow: Observation | None) -> None:
    record = inconclusive(secret, shadow, "primary-failed", REDACTOR)
    assert is_clean(record)
    assert (record.verdict, record.reason, record.fingerprint) == (Verdict.INCONCLUSIVE, "primary-failed", None)
    assert (record.shadow is None) == (shadow is None)


@pytest.mark.parametrize("outcome", [ANSWER, Failure(FailureKind.GARBAGE, True, f"saw {CARD}")])
@pytest.mark.parametrize("method", [b"GET", b"s3cr3t"])
def test_a_blank_record_holds_nothing_from_the_wire(
    secret: Exchange, outcome: Response | Failure, method: bytes
) -> None:
    seen = structs.replace(secret.primary, outcome=outcome)
    record = blank(structs.replace(secret, request=structs.replace(SECRET, method=method), primary=seen), "internal")
    assert is_clean(record)
    assert (record.exchange.id, record.exchange.plan, record.reason) == (secret.id, secret.plan, "internal")
    assert record.exchange.request.headers == ()
    assert record.verdict is Verdict.INCONCLUSIVE
