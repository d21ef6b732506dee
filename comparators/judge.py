"""The one place where a verdict is reached.

Law of this file: status, then headers, then bodies, always all three: a person wants to see what came with a wrong
status.
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
        findings.add(Difference("status", Kind.STATUS, str(legacy.status), str(candidate.status)))
    ours, theirs = fields(legacy, policy.names), fields(candidate, policy.names)
    compare_headers(ours, theirs, policy.headers, findings)
    unfair = compare_bodies(Body(legacy.body, reading(ours)), Body(candidate.body, reading(theirs)), policy, findings)
    return findings.conclude(unfair)
