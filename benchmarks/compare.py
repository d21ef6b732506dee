"""What one comparison costs, beside DeepDiff. Prints one JSON object: CPU microseconds per comparison, and ratios.

All pairs are of 1 KB and under three rules, through the whole of `comparators.compare`, decoding included. `respelled`:
equal, in another order of keys, with other white space and escapes. `ruled`: the rules' three fields differ (an id that
is ignored, an amount a cent off, a timestamp a second off). `another_id`: one id differs, and nothing excuses that.
`half_another_id`: half of the exchanges are `another_id`, half `respelled`. DeepDiff gets the same bytes through its
own `json_loads`, with the same three fields excluded by its own options.

`shuffled`: lists of 500 equal objects in another order, by `Unordered` alone and with a key, and of 200 of which half
differ in an amount; DeepDiff with `ignore_order` and `report_repetition`, which tries each that differs with each.
`growth`: microseconds per KB for lists of `ruled` payments, 1 KB to 10 MB; it should not grow.
"""

import json
import random
import time
from collections.abc import Callable
from decimal import Decimal

from deepdiff import DeepDiff
from deepdiff.serialization import json_loads

from comparators import (
    Answer,
    DecimalRule,
    IgnoreRule,
    Policy,
    Rule,
    TimestampRule,
    UnorderedRule,
    Verdict,
    compare,
    compile_policy,
)

TARGET, SHUFFLED_TARGET = 40, 200
"""How many times as fast as DeepDiff a pair of 1 KB, and of shuffled lists, is to be compared."""

RULES: tuple[Rule, ...] = (
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
ANOTHER = {**LEGACY, "id": "pay_0000000000000000"}


def body(document: object, separators: tuple[str, str] = (", ", ": ")) -> bytes:
    return json.dumps(document, separators=separators).encode()


def respelled(document: dict[str, object]) -> bytes:
    """Keys in another order, no white space, no escapes."""
    return json.dumps(document, separators=COMPACT, sort_keys=True, ensure_ascii=False).encode()


def microseconds(work: Callable[[], object], runs: int, rounds: int = 5) -> float:
    """CPU time of one run: the best of some rounds, since what is slower was disturbed."""
    found = []
    for _ in range(rounds):
        begun = time.process_time()
        for _ in range(runs):
            work()
        found.append((time.process_time() - begun) / runs * 1e6)
    return round(min(found), 2)


def ours(legacy: bytes, candidate: bytes, policy: Policy, expected: Verdict, runs: int) -> float:
    pair = Answer(200, HEADERS, legacy), Answer(200, HEADERS, candidate)
    assert compare(*pair, policy).verdict is expected
    return microseconds(lambda: compare(*pair, policy), runs)


def deepdiff(legacy: bytes, candidate: bytes, differs: bool) -> float:
    def work() -> DeepDiff:
        return DeepDiff(json_loads(legacy), json_loads(candidate), exclude_regex_paths=EXCLUDED)

    assert bool(work()) is differs
    return microseconds(work, 50)


def row(candidate: bytes, expected: Verdict) -> dict[str, float]:
    legacy, policy = body(LEGACY), compile_policy(rules=RULES)
    we = ours(legacy, candidate, policy, expected, 2000)
    they = deepdiff(legacy, candidate, expected is Verdict.MISMATCH)
    return {"bytes": len(legacy), "us": we, "deepdiff_us": they, "ratio": round(they / we, 1)}


def half(one: dict[str, float], other: dict[str, float]) -> dict[str, float]:
    we, they = (one["us"] + other["us"]) / 2, (one["deepdiff_us"] + other["deepdiff_us"]) / 2
    return {"us": round(we, 2), "deepdiff_us": round(they, 2), "ratio": round(they / we, 1)}


def shuffled(objects: int, key: str | None, differing: int = 0) -> dict[str, object]:
    line = {"currency": "EUR", "created": "2024-05-01T12:00:00Z", "status": "captured", "captured": True}
    about = {"customer": {"id": "cus_5d8s7a6f", "country": "FR"}, "metadata": {"channel": "web"}}
    rows = [{"id": f"pay_{number:06}", "amount": number, **line, **about} for number in range(objects)]
    mixed = random.Random(1).sample(rows, objects)
    mixed[:differing] = [{**row, "amount": -1} for row in mixed[:differing]]
    legacy, candidate = body(rows), body(mixed)
    expected = Verdict.MISMATCH if differing else Verdict.IGNORED
    we = ours(legacy, candidate, compile_policy(rules=[UnorderedRule("$", key)]), expected, 5)

    def work() -> DeepDiff:
        return DeepDiff(json_loads(legacy), json_loads(candidate), ignore_order=True, report_repetition=True)

    they = microseconds(work, 1, rounds=1)
    what = {"objects": objects, "differing": differing, "key": key, "bytes": len(legacy)}
    return {**what, "us": we, "deepdiff_us": they, "ratio": round(they / we, 1)}


def growth(payments: int) -> dict[str, float]:
    legacy, candidate = body([LEGACY] * payments), body([CANDIDATE] * payments)
    cost = ours(legacy, candidate, compile_policy(rules=RULES), Verdict.IGNORED, max(1, 200 // payments))
    return {"bytes": len(legacy), "us": cost, "us_per_kb": round(cost / len(legacy) * 1024, 2)}


def main() -> None:
    equal, another = row(respelled(LEGACY), Verdict.MATCH), row(body(ANOTHER), Verdict.MISMATCH)
    report = {
        "target_ratio": TARGET,
        "respelled": equal,
        "ruled": row(body(CANDIDATE), Verdict.IGNORED),
        "another_id": another,
        "half_another_id": half(equal, another),
        "shuffled_target_ratio": SHUFFLED_TARGET,
        "shuffled": [shuffled(500, None), shuffled(500, "id"), shuffled(200, "id", 100)],
        "growth": [growth(payments) for payments in (1, 10, 100, 1000, 10_000)],
    }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
