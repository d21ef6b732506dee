"""What httpx sees."""

from collections.abc import Iterator

import httpx

from tests.end_to_end.clients.task import PATIENCE, Seen, Step, fields, first_event, let_go, run, summary


def perform(base: str, steps: tuple[Step, ...]) -> tuple[list[Seen], int]:
    with httpx.Client(trust_env=False, timeout=PATIENCE) as client:
        ends: set[object] = set()
        return [_see(client, base, step, ends) for step in steps], len(ends)


def _see(client: httpx.Client, base: str, step: Step, ends: set[object]) -> Seen:
    """httpx would spell a target anew; where it is told the target as it is, it also goes there after a redirect."""
    request = client.build_request(
        step.method,
        base + step.target if step.follow else base,
        headers=[(name.encode(), value.encode("latin-1")) for name, value in step.headers],
        content=_content(step),
        files=[(part.name, (part.filename, part.content.encode("latin-1"))) for part in step.parts] or None,
        extensions={} if step.follow else {"target": step.target.encode("latin-1")},
    )
    answer = client.send(request, stream=True, follow_redirects=step.follow)
    try:
        ends.add(answer.extensions["network_stream"].get_extra_info("client_addr"))
        seen: Seen = {"status": answer.status_code, "reason": answer.reason_phrase, "url": str(answer.url)}
        seen["headers"] = fields(answer.headers.raw)
        seen.update(_events(answer, base, step) if step.events else _body(answer, step))
        return seen
    finally:
        answer.close()


def _content(step: Step) -> bytes | Iterator[bytes] | None:
    return step.pieces() if step.chunked else step.data


def _body(answer: httpx.Response, step: Step) -> Seen:
    return {"body": summary(answer.iter_bytes() if step.decode else answer.iter_raw())}


def _events(answer: httpx.Response, base: str, step: Step) -> Seen:
    pieces = answer.iter_raw()
    first = first_event(pieces)
    let_go(base, step)
    return {"events": [first.decode(), b"".join(pieces).decode()]}


if __name__ == "__main__":
    run(perform, httpx.HTTPError)
