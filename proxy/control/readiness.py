"""Whether traffic may be sent to this strangler, and if not, why.

Law of this file: ready means that at least one worker accepts connections with a route table that it has acknowledged.
A shadow runner, a store or this very process being down never makes it unready: they are not on the payment path.
"""

import msgspec

from proxy.control.state import ProcessState, ProcessStatus, Role, StatusDocument


class Readiness(msgspec.Struct, frozen=True, rename="camel"):
    """`reason` is one sentence for a person, whether ready or not."""

    ready: bool
    reason: str
    workers: int
    accepting: int


def readiness(document: StatusDocument) -> Readiness:
    """Pure: what this document says, no more."""
    workers = [process for process in document.processes if process.role is Role.WORKER]
    accepting = [process for process in workers if _accepts(process)]
    if document.is_leaving:
        return Readiness(False, "it is about to end; send new connections elsewhere", len(workers), len(accepting))
    return Readiness(bool(accepting), _reason(workers, accepting), len(workers), len(accepting))


def _accepts(process: ProcessStatus) -> bool:
    return process.state is ProcessState.ACCEPTING and process.table_hash is not None


def _reason(workers: list[ProcessStatus], accepting: list[ProcessStatus]) -> str:
    if accepting:
        return f"{len(accepting)} of {len(workers)} workers accept requests"
    if not workers:
        return "no worker has been started yet"
    if all(process.table_hash is None for process in workers):
        return f"none of {len(workers)} workers has acknowledged a route table yet"
    states = ", ".join(f"worker {process.index} is {process.state.value}" for process in workers[:8])
    return f"none of {len(workers)} workers accepts requests: {states}"
