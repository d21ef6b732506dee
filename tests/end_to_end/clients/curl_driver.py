"""What curl sees: the heads of all answers as they came, interim and redirecting ones too."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.end_to_end.clients.task import PATIENCE, Part, Seen, Step, first_event, let_go, run, summary

COMMON = [
    "-sS",
    "--globoff",
    "--path-as-is",
    "--noproxy",
    "*",
    "--max-time",
    str(PATIENCE),
    "--expect100-timeout",
    "20",
    "-N",
]


def perform(base: str, steps: tuple[Step, ...]) -> tuple[list[Seen], int]:
    """One process for all steps, so that they share its connections and cookies."""
    with tempfile.TemporaryDirectory() as folder:
        places = [Path(folder, str(number)) for number in range(len(steps))]
        command = [sys.argv[1], "-q"]
        for step, place in zip(steps, places, strict=True):
            place.mkdir()
            command += [*(["--next"] if place is not places[0] else []), *_arguments(base, step, place)]
        if steps[0].events:
            return [_events(command, base, steps[0], places[0])], 1
        told = subprocess.run(command, capture_output=True, check=False, timeout=PATIENCE * len(steps))
        if told.returncode:
            raise OSError(f"curl exits with {told.returncode}: {told.stderr.decode().strip()}")
        made = sum(map(int, told.stdout.split()))
        return [_seen(place) for place in places], made


def _arguments(base: str, step: Step, place: Path) -> list[str]:
    output = [
        "-D",
        str(place / "heads"),
        *([] if step.events else ["-o", str(place / "body"), "-w", "%{num_connects} "]),
    ]
    cookies = ["-b", str(place.parent / "jar"), "-c", str(place.parent / "jar")]
    return [*COMMON, *output, *cookies, *_method(step), *_fields(step), *_body(step, place), base + step.target]


def _method(step: Step) -> list[str]:
    """curl goes on with a method that it was told by name even where a redirect changes it."""
    options = ["-L"] if step.follow else []
    options += ["--compressed"] if step.decode else []
    if step.method == "HEAD":
        return [*options, "-I"]
    implied = "POST" if step.body is not None else "PUT" if step.size else "GET"
    return options if step.method == implied else [*options, "-X", step.method]


def _fields(step: Step) -> list[str]:
    pairs = [("Transfer-Encoding", "chunked")] if step.chunked and not step.size else []
    lines = [f"{name}: {value}" if value else f"{name};" for name, value in (*step.headers, *pairs)]
    return [option for line in lines for option in ("-H", line)]


def _body(step: Step, place: Path) -> list[str]:
    if step.parts:
        return [option for part in step.parts for option in _form(part, place)]
    if step.size:
        content = place / "content"
        with content.open("wb") as file:
            file.writelines(step.pieces())
        return ["-T", str(content), *(["-H", "Transfer-Encoding: chunked"] if step.chunked else [])]
    if step.body is None:
        return []
    (place / "content").write_bytes(step.body.encode("latin-1"))
    return ["--data-binary", f"@{place / 'content'}"]


def _form(part: Part, place: Path) -> list[str]:
    content = place / part.name
    content.write_bytes(part.content.encode("latin-1"))
    return ["-F", f"{part.name}=@{content};filename={part.filename}" if part.filename else f"{part.name}=<{content}"]


def _seen(place: Path) -> Seen:
    heads = (place / "heads").read_bytes().decode("latin-1")
    last = heads.rpartition("HTTP/1.1 ")[2]
    body = place / "body"
    return {"status": int(last[:3]), "heads": heads, "body": summary(_pieces(body) if body.exists() else ())}


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(1 << 16):
            yield piece


def _events(command: list[str], base: str, step: Step, place: Path) -> Seen:
    with subprocess.Popen(command, stdout=subprocess.PIPE) as curl:
        assert curl.stdout is not None
        first = first_event(iter(curl.stdout.readline, b""))
        let_go(base, step)
        return {**_seen(place), "events": [first.decode(), curl.stdout.read().decode()]}


if __name__ == "__main__":
    run(perform)
