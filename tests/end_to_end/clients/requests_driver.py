"""What requests sees."""

from collections.abc import Iterator

import requests  # noqa: TID251  # the client under test, in a process of its own
from requests import Response  # noqa: TID251

from tests.end_to_end.clients.task import PATIENCE, Part, Seen, Step, fields, first_event, let_go, run, summary

CHUNK = 1 << 16


def perform(base: str, steps: tuple[Step, ...]) -> tuple[list[Seen], int]:
    with requests.Session() as session:
        session.trust_env = False
        seen = [_see(session, base, step) for step in steps]
        adapter = session.get_adapter(base)
        assert isinstance(adapter, requests.adapters.HTTPAdapter)
        pools = adapter.poolmanager.pools
        return seen, sum(pools[key].num_connections for key in pools.keys())  # noqa: SIM118  # it cannot be iterated


def _see(session: requests.Session, base: str, step: Step) -> Seen:
    request = requests.Request(step.method, base, headers=_headers(step), data=_data(step), files=_files(step))
    prepared = session.prepare_request(request)
    prepared.url = base + step.target
    with session.send(prepared, stream=True, allow_redirects=step.follow, timeout=PATIENCE) as answer:
        seen: Seen = {"status": answer.status_code, "reason": answer.reason, "url": answer.url}
        pairs = answer.raw.headers.iteritems()
        seen["headers"] = fields((name.encode("latin-1"), value.encode("latin-1")) for name, value in pairs)
        seen.update(_events(answer, base, step) if step.events else _body(answer, step))
        return seen


def _headers(step: Step) -> dict[str, str]:
    """requests holds one value a name: repeated ones are joined, as its users must."""
    joined: dict[str, str] = {}
    for name, value in step.headers:
        joined[name] = f"{joined[name]}, {value}" if name in joined else value
    return {"Accept-Encoding": "gzip, deflate, br, zstd", **joined}


def _data(step: Step) -> Iterator[bytes] | bytes | None:
    if step.chunked:
        return step.pieces()
    return step.data


def _files(step: Step) -> list[tuple[str, tuple[str | None, bytes]]] | None:
    return [_file(part) for part in step.parts] or None


def _file(part: Part) -> tuple[str, tuple[str | None, bytes]]:
    return part.name, (part.filename, part.content.encode("latin-1"))


def _body(answer: Response, step: Step) -> Seen:
    return {"body": summary(answer.raw.stream(CHUNK, decode_content=step.decode))}


def _events(answer: Response, base: str, step: Step) -> Seen:
    pieces = answer.iter_content(None)
    first = first_event(pieces)
    let_go(base, step)
    return {"events": [first.decode(), b"".join(pieces).decode()]}


if __name__ == "__main__":
    run(perform, requests.RequestException)
