"""When a connection stays open after a response."""

from __future__ import annotations

from tomodachi.transport.http.keep_alive import KeepAlivePolicy


def test_off_without_a_timeout() -> None:
    policy = KeepAlivePolicy()
    assert not policy.enabled
    assert not policy.keeps(request_number=1, age_s=0)


def test_any_number_of_requests_for_any_time_without_limits() -> None:
    policy = KeepAlivePolicy(timeout_s=5)
    assert policy.keeps(request_number=10**9, age_s=10**9)
    assert policy.header == "timeout=5"


def test_the_last_allowed_request_closes() -> None:
    policy = KeepAlivePolicy(timeout_s=5, max_requests=20)
    assert policy.keeps(request_number=19, age_s=0)
    assert not policy.keeps(request_number=20, age_s=0)
    assert policy.header == "timeout=5, max=20"


def test_the_first_request_after_the_longest_life_closes() -> None:
    policy = KeepAlivePolicy(timeout_s=5, max_time_s=60)
    assert policy.keeps(request_number=1, age_s=59.9)
    assert not policy.keeps(request_number=2, age_s=60)
