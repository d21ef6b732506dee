"""Latencies in logarithmic buckets, each 2 % wide, so that counts of many processes and minutes can be added.

Law of this file: a percentile read back is at most 1 % off, whatever the distribution.
"""

from collections.abc import Mapping
from math import ceil, log

WIDTH = 1.02
_SHORTEST = 1e-6
_LONGEST = 1e5
_LOG_WIDTH = log(WIDTH)
_FIRST = ceil(log(_SHORTEST) / _LOG_WIDTH)


def bucket_of(seconds: float) -> int:
    """The number of the bucket (WIDTH**(n-1), WIDTH**n] that holds this many seconds, between 1 µs and a day."""
    if not seconds > _SHORTEST:
        return _FIRST
    return ceil(log(seconds if seconds < _LONGEST else _LONGEST) / _LOG_WIDTH)


def seconds_of(bucket: int) -> float:
    """The middle of a bucket, in seconds."""
    return float(WIDTH ** (bucket - 0.5))


def percentile(counts: Mapping[int, int], share: float) -> float:
    """The seconds within which this share (0 < share <= 1) of the counted values lies. `counts` is not empty."""
    wanted = ceil(share * sum(counts.values()))
    seen = 0
    for bucket in sorted(counts):
        seen += counts[bucket]
        if seen >= wanted:
            return seconds_of(bucket)
    raise ValueError("a percentile of nothing")
