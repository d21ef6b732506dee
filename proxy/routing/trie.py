"""An index over path segments: what lies exactly at a path, and what lies along it.

Law of this file: a lookup costs what the path is deep, never what the index holds; it never looks deeper than the
index is.
"""

from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class _Node(Generic[T]):
    __slots__ = ("children", "items", "wildcard")

    def __init__(self) -> None:
        self.children: dict[bytes, _Node[T]] = {}
        self.wildcard: _Node[T] | None = None
        self.items: list[T] = []


class Trie(Generic[T]):
    """Items by segments; a segment None stands for any one that is not empty. Built once, then only read."""

    __slots__ = ("_depth", "_root")

    def __init__(self) -> None:
        self._root: _Node[T] = _Node()
        self._depth = 0

    def __bool__(self) -> bool:
        """Whether there is anything in it."""
        return self._depth > 0 or bool(self._root.items)

    def insert(self, segments: tuple[bytes | None, ...], item: T) -> None:
        node = self._root
        for segment in segments:
            node = _descend(node, segment)
        node.items.append(item)
        self._depth = max(self._depth, len(segments))

    def at(self, path: bytes) -> list[T]:
        """The items whose segments are all of this path's, in no order."""
        segments = self._segments(path)
        found: list[T] = []
        if len(segments) <= self._depth:
            _collect(self._root, segments, 0, found)
        return found

    def along(self, path: bytes) -> Iterator[list[T]]:
        """The items whose segments are the first of this path's: the deepest first. Wildcards are not followed."""
        node: _Node[T] | None = self._root
        passed = [self._root.items]
        for segment in self._segments(path):
            node = node.children.get(segment) if node else None
            if node is None:
                break
            passed.append(node.items)
        return reversed(passed)

    def _segments(self, path: bytes) -> list[bytes]:
        return path.split(b"/", self._depth + 1)[1:]


def _descend(node: _Node[T], segment: bytes | None) -> _Node[T]:
    if segment is not None:
        return node.children.setdefault(segment, _Node())
    if node.wildcard is None:
        node.wildcard = _Node()
    return node.wildcard


def _collect(node: _Node[T], segments: list[bytes], depth: int, found: list[T]) -> None:
    if depth == len(segments):
        found.extend(node.items)
        return
    child = node.children.get(segments[depth])
    if child is not None:
        _collect(child, segments, depth + 1, found)
    if node.wildcard is not None and segments[depth]:
        _collect(node.wildcard, segments, depth + 1, found)
