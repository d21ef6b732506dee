"""Counters of a batch, and what is told apart."""

from dataclasses import replace

import msgspec

from comparators import Difference, Kind
from proxy.store.counting import MAX_EXAMPLES, OTHER, Bounds, Distinct, count, field_digest
from proxy.store.periods import MINUTE
from proxy.store.record import Record
from tests.store.made import AMOUNT, EXCUSED, NOON, inconclusive, record, unsent


def test_verdicts_by_minute_and_reason() -> None:
    counted = count([record("1"), record("2", at=NOON + 59), record("3", at=NOON + 60), inconclusive("4")], Bounds())
    assert counted.verdicts == {
        (int(NOON), "create-payment", "POST", "match", ""): 2,
        (int(NOON) + MINUTE, "create-payment", "POST", "match", ""): 1,
        (int(NOON), "create-payment", "POST", "inconclusive", "shadow failed: timeout"): 1,
    }


def test_a_reason_ends_with_no_space_which_mysql_would_not_tell_apart() -> None:
    long = "x" * 199 + " and more"
    counted = count([inconclusive("1", long), inconclusive("2", "x" * 199)], Bounds())
    assert [key[-1] for key in counted.verdicts] == ["x" * 199]


def test_latencies_of_answers_and_failures_apart() -> None:
    counted = count([record("1"), inconclusive("2"), unsent("3")], Bounds())
    systems = {system: number for (_, _, system, _), number in counted.latencies.items()}
    assert systems == {"legacy": 3, "candidate": 1}
    assert counted.failures == {(int(NOON), "create-payment", "candidate", "timeout"): 1}


def test_a_field_counts_once_an_exchange() -> None:
    other_row = Difference("$.lines[7].amount", Kind.VALUE, "1", "2")
    counted = count([record("1", AMOUNT, other_row, EXCUSED), record("2", other_row, at=NOON + 1)], Bounds())
    key = ("create-payment", field_digest("$.lines[*].amount", "value", "", ""))
    assert counted.field_counts[int(NOON), *key] == 2
    seen = counted.fields[key]
    assert (seen.first, seen.last, seen.exchange_id, seen.example) == (NOON, NOON + 1, "2", other_row)
    assert ("create-payment", field_digest("$.request_id", "value", "Ignore $..request_id", "")) in counted.fields
    assert (seen.pattern, seen.kind, seen.rule) == ("$.lines[*].amount", "value", "")


def test_two_thousand_mismatches_of_one_cause_are_one_finding() -> None:
    counted = count((record(str(number), AMOUNT, EXCUSED) for number in range(2_000)), Bounds())
    (finding,) = counted.findings.values()
    assert finding.count == 2_000
    assert finding.causes == (("$.lines[*].amount", "value", ""),)
    assert len(finding.examples) == MAX_EXAMPLES
    assert finding.examples[-1] == "1999"


def test_what_is_told_apart_is_bounded_for_each_route() -> None:
    bounds = Bounds(fields=Distinct(3), findings=Distinct(2), reasons=Distinct(1))
    odd = [record(str(number), Difference(f"$.id_{number}", Kind.ADDED, None, "1")) for number in range(10)]
    counted = count(
        [*odd, inconclusive("a", "one"), inconclusive("b", "two"), record("r", AMOUNT, route="other")], bounds
    )
    assert counted.field_counts[int(NOON), "create-payment", field_digest(OTHER, OTHER, "", "")] == 7
    assert counted.findings["create-payment", OTHER].count == 8
    assert counted.findings["create-payment", OTHER].causes == ()
    assert counted.verdicts[int(NOON), "create-payment", "POST", "inconclusive", OTHER] == 1
    assert ("other", field_digest("$.lines[*].amount", "value", "", "")) in counted.fields


def test_methods_that_clients_make_up_are_bounded() -> None:
    def asking(id_: str, method: bytes) -> Record:
        made = record(id_)
        exchange = msgspec.structs.replace(
            made.exchange, request=msgspec.structs.replace(made.exchange.request, method=method)
        )
        return replace(made, exchange=exchange)

    counted = count([asking(str(number), b"M%d" % number) for number in range(5)], Bounds(methods=Distinct(2)))
    assert {method: number for (_, _, method, _, _), number in counted.verdicts.items()} == {"M0": 1, "M1": 1, OTHER: 3}


def test_the_span_of_each_route() -> None:
    moments = {"1": NOON + 5, "2": NOON, "3": NOON + 2}
    counted = count([record(id_, at=at) for id_, at in moments.items()] + [record("4", route="r")], Bounds())
    assert {route: (span.first, span.last) for route, span in counted.spans.items()} == {
        "create-payment": (NOON, NOON + 5),
        "r": (NOON, NOON),
    }


def test_distinct_names_stay_known() -> None:
    names = Distinct(1)
    assert names.admits("r", "a")
    assert not names.admits("r", "b")
    assert names.admits("r", "a")
    assert names.admits("s", "b")


def test_only_what_was_kept_whole_is_an_example() -> None:
    kept = [record("1", AMOUNT), replace(record("2", AMOUNT), is_whole=False)]
    [finding] = count(kept, Bounds()).findings.values()
    assert (finding.count, finding.examples) == (2, ["1"])
