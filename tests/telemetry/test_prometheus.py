"""The parser here is written from the description of the format, not from the code that prints it."""

import re
from dataclasses import dataclass, field
from math import inf

from hypothesis import given
from hypothesis import strategies as st

from proxy.telemetry.metrics import BOUNDS, FAMILIES
from proxy.telemetry.prometheus import CONTENT_TYPE, render
from proxy.telemetry.registry import Registry
from proxy.telemetry.snapshot import CounterSample, GaugeSample, Snapshot

REQUESTS, DROPPED, INFLIGHT = "strangler_requests_total", "strangler_dropped_total", "strangler_inflight"
DURATION, OVERHEAD = "strangler_request_duration_seconds", "strangler_overhead_seconds"

Key = tuple[str, tuple[tuple[str, str], ...]]

LABEL = r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\\\|\\"|\\n)*)"'
SAMPLE = re.compile(rf"([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{{({LABEL}(?:,{LABEL})*)\}})? (\S+)")
NUMBER = re.compile(r"[+-]?(\d+(\.\d+)?([eE][+-]?\d+)?|Inf)|NaN")
UNESCAPED = {"\\\\": "\\", '\\"': '"', "\\n": "\n"}


@dataclass
class Exposition:
    help: dict[str, str] = field(default_factory=dict)
    type: dict[str, str] = field(default_factory=dict)
    samples: dict[Key, float] = field(default_factory=dict)


def parse(text: str) -> Exposition:
    assert text.endswith("\n")
    exposition, current = Exposition(), ""
    for line in text[:-1].split("\n"):
        if line.startswith("# "):
            _, word, name, rest = line.split(" ", 3)
            target = {"HELP": exposition.help, "TYPE": exposition.type}[word]
            assert name not in target, f"{name} is described twice"
            target[name], current = rest, name
        else:
            _sample(exposition, current, line)
    return exposition


def _sample(exposition: Exposition, family: str, line: str) -> None:
    matched = SAMPLE.fullmatch(line)
    assert matched is not None, f"not a sample: {line!r}"
    name, inner, value = matched[1], matched[2] or "", matched[matched.re.groups]
    suffixes = ("_bucket", "_sum", "_count") if exposition.type[family] == "histogram" else ("",)
    assert name in {family + suffix for suffix in suffixes}, f"{name} stands under {family}"
    assert NUMBER.fullmatch(value), value
    labels = tuple((label, _unescaped(text)) for label, text in re.findall(LABEL, inner))
    assert (name, labels) not in exposition.samples, f"{line} stands twice"
    exposition.samples[name, labels] = float(value)


def _unescaped(text: str) -> str:
    return re.sub(r'\\[\\"n]', lambda found: UNESCAPED[found[0]], text)


def test_nothing_counted_still_says_what_there_is() -> None:
    exposition = parse(render([]))
    assert exposition.samples == {}
    assert exposition.type == {family.name: family.kind.value for family in FAMILIES.values()}
    assert set(exposition.help) == set(FAMILIES)


def test_the_content_type_is_that_of_the_format() -> None:
    assert CONTENT_TYPE == "text/plain; version=0.0.4; charset=utf-8"


def test_counters_of_processes_are_summed() -> None:
    one, other = Registry(), Registry()
    one.inc(REQUESTS, ("create-payment", "legacy", "2xx"), 3)
    other.inc(REQUESTS, ("create-payment", "legacy", "2xx"), 4)
    other.inc(REQUESTS, ("create-payment", "candidate", "5xx"))
    text = render([one.snapshot(), other.snapshot()])
    assert 'strangler_requests_total{route="create-payment",system="legacy",code_class="2xx"} 7\n' in text
    assert sorted(parse(text).samples.values()) == [1, 7]


def test_a_gauge_without_labels_has_no_braces() -> None:
    registry = Registry()
    registry.set(INFLIGHT, (), 2)
    assert "\nstrangler_inflight 2\n" in render([registry.snapshot()])


def test_a_histogram_is_cumulative_and_ends_in_its_count() -> None:
    registry = Registry()
    for seconds in (0.00001, 0.00005, 0.003, 0.003, 7.0, 100.0):
        registry.observe(DURATION, ("a", "legacy"), seconds)
    text = render([registry.snapshot()])
    assert '_bucket{route="a",system="legacy",le="+Inf"} 6\n' in text
    samples = parse(text).samples
    labels = (("route", "a"), ("system", "legacy"))
    buckets = {float(key[1][-1][1]): count for key, count in samples.items() if key[0] == f"{DURATION}_bucket"}
    assert list(buckets) == [*BOUNDS, inf]
    assert (buckets[0.00005], buckets[0.0025], buckets[0.005], buckets[10.0], buckets[30.0]) == (2, 2, 4, 5, 5)
    assert buckets[inf] == samples[f"{DURATION}_count", labels] == 6
    assert samples[f"{DURATION}_sum", labels] == 0.00001 + 0.00005 + 0.003 + 0.003 + 7.0 + 100.0


def test_what_is_not_declared_is_not_shown() -> None:
    snapshot = Snapshot(
        counters=(CounterSample("other_total", ("x",), 1), CounterSample(DROPPED, ("a", "b"), 1)),
        gauges=(GaugeSample(DROPPED, ("a",), 1),),
    )
    assert render([snapshot]) == render([])


def test_escapes() -> None:
    registry = Registry()
    registry.inc(DROPPED, ('back\\slash "quote"\nline',))
    assert 'strangler_dropped_total{reason="back\\\\slash \\"quote\\"\\nline"} 1\n' in render([registry.snapshot()])


@given(st.dictionaries(st.text(), st.integers(1, 10**12), max_size=20))
def test_whatever_the_labels_the_counts_are_read_back(counts: dict[str, int]) -> None:
    registry = Registry()
    for reason, count in counts.items():
        registry.inc(DROPPED, (reason,), count)
    samples = parse(render([registry.snapshot()])).samples
    assert samples == {(DROPPED, (("reason", reason),)): count for reason, count in counts.items()}


@given(st.lists(st.floats(0, 1e6, allow_subnormal=False), max_size=30))
def test_whatever_was_observed_is_read_back(observed: list[float]) -> None:
    registry = Registry()
    for seconds in observed:
        registry.observe(OVERHEAD, (), seconds)
    samples = parse(render([registry.snapshot()])).samples
    for bound in BOUNDS if observed else ():
        key = (f"{OVERHEAD}_bucket", (("le", str(bound)),))
        assert samples[key] == sum(seconds <= bound for seconds in observed)
    assert samples.get((f"{OVERHEAD}_count", ()), 0) == len(observed)
