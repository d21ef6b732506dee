from benchmarks import metrics

TEXT = """# HELP strangler_comparisons_total Comparisons.
# TYPE strangler_comparisons_total counter
strangler_comparisons_total{route="payments",verdict="match"} 12
strangler_comparisons_total{route="other",verdict="match"} 3.0
strangler_comparisons_total{verdict="mismatch",route="payments"} 4
strangler_dropped_total{reason="channel-full"} 1e3
strangler_requests_total{route="payments",system="legacy",code_class="2xx"} 99
"""


def test_the_shadow_sides_counters_are_summed_over_routes() -> None:
    assert metrics.parse(TEXT) == {"verdict match": 15.0, "verdict mismatch": 4.0, "reason channel-full": 1000.0}


def test_what_was_gained_leaves_out_what_stood_still_and_starts_again_after_a_restart() -> None:
    assert metrics.gained({"a": 5.0, "b": 2.0, "c": 9.0}, {"a": 7.0, "b": 2.0, "c": 4.0, "d": 1.0}) == {
        "a": 2.0,
        "c": 4.0,
        "d": 1.0,
    }


def test_two_counts_are_added_name_by_name() -> None:
    assert metrics.added({"a": 5.0, "b": 2.0}, {"a": 7.0, "d": 1.0}) == {"a": 12.0, "b": 2.0, "d": 1.0}


def test_an_admin_port_that_does_not_answer_has_counted_nothing() -> None:
    assert metrics.fetch(1) == {}
