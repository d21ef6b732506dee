"""The queue is bounded in number and bytes, and keeps its order."""

from proxy.store.queue import OVERHEAD, Queue, size_of
from proxy.store.record import Tally
from tests.store.made import AMOUNT, failure, observation, record, unsent


def test_first_in_first_out_in_batches() -> None:
    queue = Queue(10, 1 << 20)
    records = [record(str(number)) for number in range(5)]
    assert all(queue.put(each) for each in records)
    assert queue.take(2, 1 << 20) == records[:2]
    assert queue.take(9, 1 << 20) == records[2:]
    assert queue.take(9, 1 << 20) == []


def test_a_full_queue_refuses_by_number_and_by_bytes() -> None:
    queue = Queue(2, 1 << 20)
    assert [queue.put(record(str(number))) for number in range(3)] == [True, True, False]
    small = Queue(100, size_of(record("1")) * 2)
    assert [small.put(record(str(number))) for number in range(3)] == [True, True, False]
    small.take(1, 1)
    assert small.put(record("4"))


def test_a_batch_stops_at_its_bytes_but_is_never_empty() -> None:
    queue = Queue(10, 1 << 20)
    for number in range(4):
        queue.put(record(str(number)))
    assert len(queue.take(10, 1)) == 1
    assert len(queue.take(10, 2 * size_of(record("1")))) == 2


def test_sizes_grow_with_what_is_kept() -> None:
    shadow = observation(record("1").exchange.primary.system, b"x" * 10_000)
    assert size_of(record("1", shadow=shadow)) > 10_000
    assert size_of(record("1", AMOUNT)) > size_of(record("1"))
    assert size_of(unsent("1")) > OVERHEAD
    assert size_of(record("1", shadow=failure(shadow.system))) > OVERHEAD
    assert size_of(Tally("w", 1.0, (("dropped", "x", 1),))) > OVERHEAD
