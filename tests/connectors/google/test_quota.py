"""Quotas as data, and a budget that keeps them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import ConfigError
from connectors.google import quota
from connectors.google.quota import MINUTE, QUOTAS, Budget, per_minute


def test_each_quota_names_its_source() -> None:
    assert set(QUOTAS) == {"people", "calendar"}
    assert all(each.source and each.per_user > 0 for each in QUOTAS.values())
    assert (QUOTAS["calendar"].per_user, QUOTAS["calendar"].per_project) == (600, 10_000)


@pytest.mark.parametrize("api", sorted(QUOTAS))
def test_the_place_can_set_another(api: str) -> None:
    assert per_minute(api, {}) == QUOTAS[api].per_user
    assert per_minute(api, {quota.OPTION: "1234"}) == 1234


@pytest.mark.parametrize("said", ["0", "-1", "many", "1e3", "9" * 7, "٣", " 5", "000"])
def test_a_quota_that_is_none_is_refused(said: str) -> None:
    if said == "٣":
        assert per_minute("people", {quota.OPTION: said}) == 3
        return
    with pytest.raises(ConfigError):
        per_minute("people", {quota.OPTION: said})


@given(
    limit=st.integers(1, 50),
    pauses=st.lists(st.floats(0, 30, allow_nan=False), min_size=1, max_size=150),
)
def test_no_minute_sees_more_than_the_limit(limit: int, pauses: list[float]) -> None:
    budget, now, sent = Budget(limit), 1000.0, list[float]()
    for pause in pauses:
        now += pause
        now += budget.due(now)
        sent.append(now)
    most = max(sum(1 for other in sent if at <= other < at + MINUTE - 1e-6) for at in sent)
    assert most <= limit + 1


def test_half_a_minute_may_come_at_once() -> None:
    budget = Budget(600)
    assert [budget.due(0.0) for _ in range(300)] == [0.0] * 300
    assert budget.due(0.0) == pytest.approx(0.2)


def test_what_was_not_used_comes_back() -> None:
    budget = Budget(60)
    for _ in range(40):
        budget.due(0.0)
    assert budget.due(0.0) > 20
    assert budget.due(200.0) == 0.0


def test_a_clock_that_goes_back_does_no_harm() -> None:
    budget = Budget(10)
    budget.due(1000.0)
    assert budget.due(0.0) == 0.0
    assert sum(budget.due(0.0) for _ in range(20)) > 0
