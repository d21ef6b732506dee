"""No table is let in by which a copy of a write could be meant for a live backend."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.config.errors import Severity
from proxy.config.load import inspect_text
from proxy.messages import SAFE_METHODS, Stage
from proxy.routing.asked import Asked
from proxy.routing.route import Effects, obstacle, with_stage
from proxy.routing.split import Semantics, asks, plan
from tests.config.documents import problems

URL = "http://127.0.0.1:{port}"


def text(backends: list[str], shadow: str, refs: str = "legacy: a, candidate: b", more: str = "stage: shadow") -> str:
    listed = "\n".join(
        f"    - {{name: {name}, url: 'http://127.0.0.1:{8001 + place}', {fields}}}"
        for place, (name, fields) in enumerate(zip("abcd", backends, strict=False))
    )
    return f"""apiVersion: strangler/v1
kind: RouteTable
metadata: {{name: t}}
spec:
  backends:
{listed}
  routes:
    - {{name: all, backendRefs: {{{refs}}}, shadow: {{{shadow}}}, {more}}}
"""


def said(document: str, severity: Severity = Severity.ERROR) -> dict[str, str]:
    return {each.path: each.message for each in problems(document) if each.severity is severity}


LIVE, BOX = "effects: live", "effects: sandbox, attest: operator"


def test_a_sandbox_may_be_the_shadow_of_writes() -> None:
    document = text([LIVE, BOX], "candidate: b, writes: Sandbox")
    assert said(document) == {}
    assert "vouches for it" in said(document, Severity.WARNING)["spec.routes[0].shadow.writes"]


@pytest.mark.parametrize(
    ("backends", "shadow", "refs"),
    [
        ([LIVE, LIVE], "writes: Sandbox", "legacy: a, candidate: b"),
        ([LIVE, LIVE], "candidate: b, writes: Sandbox", "legacy: a"),
        ([LIVE, BOX, LIVE], "candidate: b, legacy: c, writes: Sandbox", "legacy: a"),
        ([LIVE, BOX], "candidate: b, legacy: a, writes: Sandbox", "legacy: a"),
    ],
)
def test_a_live_backend_is_never_one(backends: list[str], shadow: str, refs: str) -> None:
    found = said(text(backends, shadow, refs))
    assert "which is live" in found["spec.routes[0].shadow.writes"]


def test_a_sandbox_at_a_live_address_is_none() -> None:
    document = text([LIVE, BOX], "candidate: b").replace("8002", "8001")
    assert "which is live" in said(document)["spec.backends[1].effects"]
    own = "effects: sandbox, attest: operator, credentials: {set: [{name: Authorization, valueFrom: {env: T}}]}"
    assert said(text([LIVE, own], "candidate: b").replace("8002", "8001")) == {}


def test_without_attest_no_write_is_copied_and_that_is_said() -> None:
    document = text([LIVE, "effects: sandbox"], "candidate: b, writes: Sandbox")
    assert "has no attest" in said(document, Severity.WARNING)["spec.routes[0].shadow.writes"]
    table = inspect_text(document, "t", {}).table
    assert table is not None
    assert table.routes[0].plans.unsafe.shadow is None


def test_what_is_said_where_the_candidate_answers_and_legacy_has_no_sandbox() -> None:
    refs, shadow = "legacy: a, candidate: c", "candidate: b, writes: Sandbox"
    document = text([LIVE, BOX, LIVE], shadow, refs, "stage: reverse-shadow")
    warnings = [each.message for each in problems(document) if each.severity is Severity.WARNING]
    assert any("name a sandbox of legacy" in each for each in warnings)


@pytest.mark.parametrize("field", ["attest: operator", "cardData: allow", "credentials: pass", "resign: {header: X}"])
def test_a_live_backend_has_no_words_of_a_sandbox(field: str) -> None:
    assert any(
        "only for a sandbox" in each for each in said(text([LIVE, f"effects: live, {field}"], "percent: 1")).values()
    )


def test_a_merchant_is_never_told_by_its_secret() -> None:
    mapped = "effects: sandbox, credentials: {map: {file: f, merchant: 'header:Authorization'}}"
    assert "a stable name" in said(text([LIVE, mapped], "percent: 1"))["spec.backends[1].credentials.map.merchant"]


EFFECTS = st.sampled_from([LIVE, BOX, "effects: sandbox"])
NAMES = st.sampled_from("abcd")


@settings(max_examples=60, deadline=None)
@given(
    st.lists(EFFECTS, min_size=4, max_size=4),
    st.fixed_dictionaries({"legacy": NAMES}, optional={"candidate": NAMES}),
    st.fixed_dictionaries(
        {"writes": st.just("Sandbox")},
        optional={"candidate": NAMES, "legacy": NAMES, "percent": st.sampled_from(["0", "50", "100"])},
    ),
    st.sampled_from(list(Stage)),
    st.sampled_from(list(Semantics)),
    st.sampled_from([b"GET", b"HEAD", b"POST", b"DELETE", b"PURGE"]),
    st.floats(0, 0.99),
)
def test_whatever_is_let_in_no_plan_in_any_stage_copies_a_write_to_a_live_backend(
    backends: list[str],
    refs: dict[str, str],
    shadow: dict[str, str],
    stage: Stage,
    semantics: Semantics,
    method: bytes,
    chance: float,
) -> None:
    more = f"stage: {stage}, semantics: {semantics}, canary: {{weight: 50, hashOn: [random]}}"
    flow = ", ".join(f"{key}: {value}" for key, value in shadow.items())
    table = inspect_text(text(backends, flow, ", ".join(f"{k}: {v}" for k, v in refs.items()), more), "t", {}).table
    if table is None:
        return
    for each in Stage:
        if obstacle(table.routes[0], each) is not None:
            continue
        for route in (with_stage(table.routes[0], each), with_stage(replace(table.routes[0], group=None), each, 100.0)):
            made = plan(route, method, Asked(b"/", (), chance=lambda: chance))
            if made.shadow is not None and not asks(semantics, method):
                backend = table.backends[made.shadow]
                assert backend.effects is Effects.SANDBOX
                assert backend.attest is not None
    assert asks(Semantics.AUTO, b"GET") is (b"GET" in SAFE_METHODS)
