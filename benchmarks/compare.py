"""What one comparison costs, beside DeepDiff. Prints one JSON object: CPU microseconds per comparison, and ratios.

`ruled`: two payments of 1 KB, equal under three rules (an id that is ignored, an amount a cent off, a timestamp a
second off), through the whole of `comparators.compare`, decoding included. `respelled`: a pair that is equal but for
white space. DeepDiff gets the same bytes through its own `json_loads`, and for `ruled` the same three fields excluded
by its own options, so that it finds nothing either. `growth`: microseconds per KB for lists of such payments; it
should not grow.
"""

import json
import time
from collections.abc import Callable
from decimal import Decimal

from deepdiff import DeepDiff
from deepdiff.serialization import json_loads

from comparators import Answer, DecimalRule, IgnoreRule, TimestampRule, Verdict, compare, compile_policy

TARGET_US = 80
RULES = (
    IgnoreRule("$..request_id"),
    DecimalRule("$..amount", Decimal("0.01")),
    TimestampRule("$..created", Decimal(2)),
)
EXCLUDED = [r"\['(request_id|amount|created)'\]$"]
HEADERS = (
    (b"Content-Type", b"application/json"),
    (b"Vary", b"Accept"),
    (b"X-Frame-Options", b"DENY"),
    (b"Server", b"x"),
)
COMPACT = (",", ":")


def payment(request_id: str, created: str, amount: float) -> dict[str, object]:
    """A payment of some 1,000 bytes."""
    line = {"title": "One month of service", "quantity": 1, "unit": 12.5, "tax": {"rate": 20, "due": 2.5}}
    return {
        "id": "pay_8f3k2j5h6g7d9s0a",
        "object": "payment",
        "request_id": request_id,
        "created": created,
        "amount": amount,
        "currency": "EUR",
        "captured": True,
        "failure": None,
        "customer": {"id": "cus_5d8s7a6f", "name": "Zoë Müller", "address": {"city": "Paris", "country": "FR"}},
        "lines": [{"sku": f"SKU-{number}", **line} for number in range(6)],
        "metadata": {"order": "o-20240501-7731", "channel": "web", "note": "leave it at the door"},
    }


LEGACY = payment("req_2f7a", "2024-05-01T12:00:00Z", 10.25)
CANDIDATE = payment("req_9c1b", "2024-05-01T12:00:01Z", 10.26)


def body(document: object, separators: tuple[str, str] = (", ", ": ")) -> bytes:
    return json.dumps(document, separators=separators).encode()


def microseconds(work: Callable[[], object], runs: int) -> float:
    """CPU time of one run: the best of five rounds, since what is slower was disturbed."""
    rounds = []
    for _ in range(5):
        begun = time.process_time()
        for _ in range(runs):
            work()
        rounds.append((time.process_time() - begun) / runs * 1e6)
    return round(min(rounds), 2)


def ours(legacy: bytes, candidate: bytes, expected: Verdict, runs: int) -> float:
    policy = compile_policy(rules=RULES)
    pair = Answer(200, HEADERS, legacy), Answer(200, HEADERS, candidate)
    assert compare(*pair, policy).verdict is expected
    return microseconds(lambda: compare(*pair, policy), runs)


def deepdiff(legacy: bytes, candidate: bytes, excluded: list[str], runs: int) -> float:
    def work() -> DeepDiff:
        return DeepDiff(json_loads(legacy), json_loads(candidate), exclude_regex_paths=excluded)

    assert not work()
    return microseconds(work, runs)


def row(legacy: bytes, candidate: bytes, expected: Verdict, excluded: list[str]) -> dict[str, float]:
    we, they = ours(legacy, candidate, expected, 2000), deepdiff(legacy, candidate, excluded, 50)
    return {"bytes": len(legacy), "us": we, "deepdiff_us": they, "ratio": round(they / we, 1)}


def growth(payments: int) -> dict[str, float]:
    legacy, candidate = body([LEGACY] * payments), body([CANDIDATE] * payments)
    cost = ours(legacy, candidate, Verdict.IGNORED, max(1, 200 // payments))
    return {"bytes": len(legacy), "us": cost, "us_per_kb": round(cost / len(legacy) * 1024, 2)}


def main() -> None:
    ruled = row(body(LEGACY), body(CANDIDATE), Verdict.IGNORED, EXCLUDED)
    respelled = row(body(LEGACY), body(LEGACY, COMPACT), Verdict.MATCH, [])
    report = {
        "target_us": TARGET_US,
        "within_target": ruled["us"] <= TARGET_US,
        "ruled": ruled,
        "respelled": respelled,
        "growth": [growth(payments) for payments in (1, 10, 100, 1000)],
    }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
