import pytest

from benchmarks.load import Load, Timing, command, parse

REPORT = """Running 3s test @ http://127.0.0.1:39911/
  1 threads and 32 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency    40.51us   46.82us   1.89ms   93.24%
    Req/Sec     1.00k    32.04     1.06k    83.33%
  Latency Distribution
     50%   33.00us
     75%   47.00us
     90%    1.75ms
     99%    2.16s
  2990 requests in 3.01s, 467.19KB read
{extra}Requests/sec:    994.91
Transfer/sec:    155.45KB
"""


def test_requests_rate_and_latencies_are_read_in_microseconds() -> None:
    assert parse(REPORT.format(extra="")) == Timing(2990, 994.91, 33.0, 2_160_000.0, 0)


@pytest.mark.parametrize(("said", "microseconds"), [("33.00us", 33), ("1.50ms", 1500), ("2.00s", 2e6), ("1.00m", 6e7)])
def test_every_unit_of_wrk_is_turned_into_microseconds(said: str, microseconds: float) -> None:
    assert parse(REPORT.format(extra="").replace("33.00us", said)).p50 == microseconds


def test_every_kind_of_error_counts() -> None:
    extra = "  Socket errors: connect 1, read 20, write 300, timeout 4000\n  Non-2xx or 3xx responses: 50000\n"
    assert parse(REPORT.format(extra=extra)).errors == 54321


@pytest.mark.parametrize("text", ["", "unable to connect", REPORT.format(extra="").replace("99%", "98%")])
def test_what_is_no_whole_report_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a report of wrk"):
        parse(text)


def test_a_time_in_a_unit_that_wrk_does_not_have_is_refused() -> None:
    with pytest.raises(ValueError, match="not a time of wrk"):
        parse(REPORT.format(extra="").replace("33.00us", "33.00ns"))


def test_full_speed_has_no_script_and_a_pace_becomes_a_wait_around_its_mean() -> None:
    assert command(Load(3), "http://u/") == ["wrk", "-t1", "-c32", "-d3s", "--latency", "http://u/"]
    paced = command(Load(2, connections=16, rate=400), "http://u/")
    assert paced[-5:] == ["benchmarks/think.lua", "http://u/", "--", "30", "50"]
