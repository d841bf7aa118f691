import pytest

from bench.local_stack import read_wrk

OUTPUT = """Running 10s test @ http://127.0.0.1:8080/abc
  2 threads and 8 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency    12.31ms    5.10ms  80.11ms   91.00%
    Req/Sec   330.10     40.00   410.00     80.00%
  Latency Distribution
     50%  850.00us
     75%   12.90ms
     90%   16.00ms
     99%    1.20s
  6586 requests in 10.01s, 2.30MB read
Requests/sec:    657.94
Transfer/sec:    235.32KB
"""
FAILURES = """  Socket errors: connect 0, read 1, write 0, timeout 2
  Non-2xx or 3xx responses: 3
"""


def test_what_wrk_says_is_read() -> None:
    assert read_wrk(OUTPUT) == {
        "redirects_per_s": 657.94,
        "p50_ms": 0.85,
        "p99_ms": 1200,
        "redirects": 6586,
        "failed": 0,
    }


def test_failures_are_added_up() -> None:
    assert read_wrk(OUTPUT + FAILURES)["failed"] == 6


def test_other_output_is_no_figure() -> None:
    with pytest.raises(ValueError, match="did not say"):
        read_wrk("unable to connect to 127.0.0.1:8080 Connection refused")
