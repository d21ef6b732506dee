"""The one place where a verdict is reached.

Law of this file: status, headers and bodies, always all three: a person wants to see what came with a wrong status.
Headers come last where the policy knows twins, since Location may hold ids that only the bodies bind.
"""

from comparators.answers import Answer, fields, reading
from comparators.bodies import Body, compare_bodies
from comparators.differences import Comparison, Difference, Findings, Kind
from comparators.headers import compare_headers
from comparators.policy import Policy


def compare(legacy: Answer, candidate: Answer, policy: Policy) -> Comparison:
    """What differs between two answers to one request, and whether the policy excuses it. No answer makes it raise.

    No difference is a `match`; all excused by the policy is `ignored`; any other is a `mismatch`, also when a body
    could not be read; a body that could not be read fairly, with nothing else wrong, is `inconclusive`.
    """
    findings = Findings()
    if legacy.status != candidate.status:
        rule = _family(legacy.status, candidate.status, policy)
        findings.add(Difference("status", Kind.STATUS, str(legacy.status), str(candidate.status), rule))
    ours, theirs = fields(legacy, policy.names), fields(candidate, policy.names)
    bodies = Body(legacy.body, reading(ours)), Body(candidate.body, reading(theirs))
    hosts = legacy.hosts, candidate.hosts
    if policy.has_twins:
        unfair = compare_bodies(*bodies, policy, findings)
        compare_headers(ours, theirs, policy, hosts, findings.renamed, findings)
    else:
        compare_headers(ours, theirs, policy, hosts, findings.renamed, findings)
        unfair = compare_bodies(*bodies, policy, findings)
    return findings.conclude(unfair)


def _family(legacy: int, candidate: int, policy: Policy) -> str | None:
    """The name of the first family of error statuses that has both."""
    family = next((family for family in policy.families if legacy in family and candidate in family), None)
    return None if family is None else f"status family {_named(sorted(family))}"


def _named(statuses: list[int]) -> str:
    """`400, 422`; runs as `500-599`."""
    runs = [[status] for status in statuses[:1]]
    for status in statuses[1:]:
        if status == runs[-1][-1] + 1:
            runs[-1] = [runs[-1][0], status]
        else:
            runs.append([status])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[1]}" for run in runs)
