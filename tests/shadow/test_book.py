"""The book of entities: the first thing known stays, a gap is never lost, and the store is where it is kept."""

from typing import Any

import pytest

from proxy.messages import System
from proxy.shadow import book as books
from proxy.shadow.book import Book, Side, Unavailable
from proxy.store.twin import Sandbox

KEY = b"0123456789abcdef0123456789abcdef"
SIDE = Side("sandbox", System.LEGACY)
A, B = ("payment", "a"), ("payment", "b")


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def book(shelf: Any, clock: Clock) -> Book:
    return Book(shelf, KEY, clock)


async def twin_of(book: Book, name: tuple[str, str], side: Side = SIDE) -> str | None:
    row = (await book.known(side, [name])).get(name)
    return row.twin if row is not None else None


async def test_a_twin_is_known_from_then_on_and_to_others_once_it_is_saved(book: Book, shelf: Any) -> None:
    await book.learn(SIDE, {A: "1"})
    assert await twin_of(book, A) == "1"
    other = Book(shelf, KEY, lambda: 0.0)
    assert await twin_of(other, A) is None
    await book.save()
    assert await twin_of(other, A) == "1"


async def test_the_first_twin_stays_and_no_two_have_one_twin(book: Book, shelf: Any) -> None:
    await book.learn(SIDE, {A: "1"})
    await book.learn(SIDE, {A: "2", B: "1"})
    assert await twin_of(book, A) == "1"
    assert await twin_of(book, B) is None
    await book.save()
    other = Book(shelf, KEY, lambda: 0.0)
    await other.learn(SIDE, {B: "1"})
    assert await twin_of(other, B) is None


async def test_each_backend_and_each_system_has_its_own(book: Book) -> None:
    await book.learn(SIDE, {A: "1"})
    assert await twin_of(book, A, Side("noise", System.LEGACY)) is None
    assert await twin_of(book, A, Side("sandbox", System.CANDIDATE)) is None


async def test_no_id_of_the_primary_is_stored(book: Book, shelf: Any) -> None:
    name = ("payment", "pay_secret")
    await book.learn(SIDE, {name: "1"})
    await book.save()
    assert "pay_secret" not in repr(shelf.rows)


async def test_a_gap_and_a_finding_stay_with_the_twin(book: Book) -> None:
    await book.learn(SIDE, {A: "1"})
    book.taint(SIDE, [A, B], "shadow-late")
    book.taint(SIDE, [A], "another")
    book.diverged(SIDE, [A], "f1")
    book.diverged(SIDE, [A], "f2")
    known = await book.known(SIDE, [A, B])
    assert (known[A].twin, known[A].gap, known[A].finding) == ("1", "shadow-late", "f1")
    assert (known[B].twin, known[B].gap) == (None, "shadow-late")


async def test_a_gap_of_all_is_one_of_what_was_known_by_then(book: Book, clock: Clock, shelf: Any) -> None:
    await book.learn(SIDE, {A: "1"})
    clock.now += 1
    book.taint_all(["sandbox"])
    clock.now += 1
    await book.learn(SIDE, {B: "2"})
    known = await book.known(SIDE, [A, B])
    assert (known[A].gap, known[B].gap) == ("lost-writes", None)
    await book.save()
    assert shelf.gaps == {"sandbox": 1001.0}
    other = Book(shelf, KEY, clock)
    other.adopt([Sandbox("sandbox", None, None, 1001.0)])
    assert (await other.known(SIDE, [A]))[A].gap == "lost-writes"


async def test_what_another_runner_finds_is_seen_after_a_while(book: Book, clock: Clock, shelf: Any) -> None:
    await book.learn(SIDE, {A: "1"})
    await book.save()
    other = Book(shelf, KEY, clock)
    other.taint(SIDE, [A], "lost")
    await other.save()
    assert (await book.known(SIDE, [A]))[A].gap is None
    clock.now += books.FRESH
    assert (await book.known(SIDE, [A]))[A].gap == "lost"


async def test_without_the_store_nothing_is_guessed_and_nothing_lost(book: Book, shelf: Any) -> None:
    shelf.broken = True
    with pytest.raises(Unavailable):
        await book.known(SIDE, [A])
    with pytest.raises(Unavailable):
        await book.learn(SIDE, {A: "1"})
    book.taint(SIDE, [A], "lost")
    with pytest.raises(Unavailable):
        await book.save()
    shelf.broken = False
    await book.save()
    assert [row.gap for row in shelf.rows.values()] == ["lost"]


async def test_what_waits_for_the_store_is_bounded(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(books, "WAITING", 1)
    await book.learn(SIDE, {A: "1"})
    book.taint(SIDE, [B], "lost")
    assert (await book.known(SIDE, [A]))[A].gap == "lost-writes", "what could not wait makes all of them doubtful"


async def test_memory_is_bounded_and_what_waits_is_not_forgotten(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(books, "MOST", 1)
    await book.learn(SIDE, {A: "1"})
    await book.learn(SIDE, {B: "2"})
    assert (await twin_of(book, A), await twin_of(book, B)) == ("1", "2")
