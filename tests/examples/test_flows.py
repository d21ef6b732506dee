"""The plan is a function of its seed, and no flow writes after it has begun to read."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examples.flows import FLOW_LENGTH, plan

SIZES = st.integers(1, 500)
SEEDS = st.integers(0, 10**6)


@given(SIZES, SEEDS)
def test_a_plan_has_exactly_as_many_requests_as_asked_and_is_repeatable(requests: int, seed: int) -> None:
    flows = plan(requests, seed)
    assert sum(map(len, flows)) == requests
    assert plan(requests, seed) == flows


@given(SIZES, SEEDS)
def test_no_flow_writes_after_its_first_read(requests: int, seed: int) -> None:
    for flow in plan(requests, seed):
        methods = [step.method for step in flow]
        assert methods == sorted(methods, reverse=True)  # POST, then GET


@given(SIZES, SEEDS)
def test_every_id_that_a_step_needs_was_saved_by_an_earlier_step_of_its_flow(requests: int, seed: int) -> None:
    for flow in plan(requests, seed):
        saved: set[str] = set()
        for step in flow:
            assert set(re.findall(r"\{(\w+)\}", step.path)) <= saved
            saved |= {step.save} if step.save else set()


@given(SEEDS)
def test_two_flows_share_no_merchant_and_no_key(seed: int) -> None:
    keys = [step.key for flow in plan(5 * FLOW_LENGTH, seed) for step in flow if step.key and step.expect < 300]
    repeated = {key for key in keys if keys.count(key) > 1}
    assert all(key.endswith("-first") and keys.count(key) == 2 for key in repeated)
    assert len(repeated) == 5


def test_another_seed_is_another_plan() -> None:
    assert plan(FLOW_LENGTH, 1) != plan(FLOW_LENGTH, 2)


@pytest.mark.parametrize("requests", [0, -5])
def test_no_requests_is_no_plan(requests: int) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        plan(requests, 1)
