"""What the control process asks for, answered as HTTP is."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from proxy.control import asks
from proxy.control.asks import ClearAsked, OverrideAsked
from proxy.evidence.entry import Entry
from proxy.messages import Stage
from proxy.routing.override import Override
from proxy.runtime.changing import Changes
from proxy.runtime.configuration import Configuration
from proxy.runtime.keeping import Kept
from proxy.runtime.link import Ask
from proxy.runtime.requests import Requests, busy
from tests.runtime.tables import BROKEN, text

NOW = 5000.0

Answer = Callable[[str, bytes], Awaitable[tuple[int, Any]]]


@pytest.fixture
def configuration(tmp_path: Path) -> Configuration:
    (tmp_path / "routes.yaml").write_text(text())
    return Configuration(tmp_path / "routes.yaml", Kept(tmp_path / "strangler.db"), lambda: NOW)


@pytest.fixture
def answer(configuration: Configuration) -> Answer:
    """Asks; the status and the body that came, which has the number of the question."""

    async def record(_: Entry) -> None:
        """Nobody reads it here."""

    requests = Requests(Changes(configuration, list, record), lambda: NOW)

    async def asked(what: str, body: bytes) -> tuple[int, Any]:
        told = await requests.answer(Ask(7, what, body.decode()))
        assert told.number == 7
        return told.status, msgspec.json.decode(told.body)

    return asked


def override(subject: str | None, **more: Any) -> bytes:
    given = {"stage": Stage.CANDIDATE, "seconds": 60.0, "reason": "why not", "by": "jo"} | more
    return msgspec.json.encode(OverrideAsked(subject=subject, **given))


async def test_an_override_lasts_from_now_as_long_as_was_asked(answer: Answer, configuration: Configuration) -> None:
    body = override("checkout", stage=Stage.CANARY, weight=5.0, ticket="PAY-1")
    status, said = await answer(asks.OVERRIDE, body)
    assert (status, said) == (200, {"hash": configuration.table.hash, "changed": True, "late": []})
    assert configuration.overrides == (
        Override("checkout", Stage.CANARY, 5.0, NOW, NOW + 60, "jo", "why not", "PAY-1"),
    )
    assert await answer(asks.OVERRIDE, body) == (200, {**said, "changed": False})


async def test_its_end(answer: Answer, configuration: Configuration) -> None:
    before = configuration.table.hash
    await answer(asks.OVERRIDE, override(None))
    status, said = await answer(asks.CLEAR, msgspec.json.encode(ClearAsked("kim")))
    assert (status, said) == (200, {"hash": before, "changed": True, "late": []})
    status, said = await answer(asks.CLEAR, msgspec.json.encode(ClearAsked("kim")))
    assert (status, said["detail"]) == (422, "there is no override of all routes")


async def test_a_reload(answer: Answer, configuration: Configuration) -> None:
    assert await answer(asks.RELOAD, b"{}") == (
        200,
        {"hash": configuration.table.hash, "changed": False, "late": []},
    )
    configuration.file.write_text(text(stage="candidate"))
    assert (await answer(asks.RELOAD, b"{}"))[1]["changed"]
    configuration.file.write_text(BROKEN)
    status, said = await answer(asks.RELOAD, b"{}")
    assert status == 422
    assert said["detail"] == configuration.fault


async def test_what_the_table_cannot_do_is_a_problem_that_says_why(answer: Answer) -> None:
    status, said = await answer(asks.OVERRIDE, override("nowhere"))
    assert (status, said) == (
        422,
        {
            "type": "about:blank",
            "status": 422,
            "title": "Unprocessable Content",
            "detail": "the table has no route and no group named 'nowhere'",
        },
    )


@pytest.mark.parametrize(
    ("what", "body"),
    [
        (asks.OVERRIDE, b""),
        (asks.OVERRIDE, b"{}"),
        (asks.OVERRIDE, override("refund")[:-1] + b',"more":1}'),
        (asks.OVERRIDE, override("refund", seconds=0.0)),
        (asks.OVERRIDE, override("refund", seconds=asks.LONGEST + 1)),
        (asks.OVERRIDE, override("checkout", stage=Stage.CANARY, weight=0.0)),
        (asks.OVERRIDE, override("checkout", stage=Stage.CANARY, weight=100.5)),
        (asks.OVERRIDE, override("refund", reason="")),
        (asks.OVERRIDE, override("refund", by="x" * 256)),
        (asks.CLEAR, b"[]"),
        (asks.CLEAR, b'{"by": ""}'),
    ],
)
async def test_what_is_not_understood_changes_nothing(
    answer: Answer, configuration: Configuration, what: str, body: bytes
) -> None:
    status, said = await answer(what, body)
    assert status == 422
    assert said["detail"].startswith("The request is not understood: ")
    assert configuration.overrides == ()


async def test_a_word_that_is_not_known_changes_nothing(answer: Answer, configuration: Configuration) -> None:
    before = configuration.table.hash
    status, said = await answer("nonsense", b"{}")
    assert (status, said["detail"]) == (422, "'nonsense' is nothing that can be asked for")
    assert configuration.table.hash == before


def test_while_another_takes_over_nothing_is_changed() -> None:
    told = busy(Ask(3, asks.RELOAD, "{}"))
    assert (told.number, told.status) == (3, 503)
    assert "ask again" in told.body
