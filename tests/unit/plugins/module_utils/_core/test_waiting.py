# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The loop that waits, on a clock that leaps."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from botocore.exceptions import ClientError

from ansible_collections.slipway.aws.plugins.module_utils._core import waiting
from ansible_collections.slipway.aws.plugins.module_utils._core.waiting import Limits, Look, limits, watch


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    time = Time()
    monkeypatch.setattr(waiting, "time", SimpleNamespace(sleep=time.sleep, monotonic=lambda: time.now))
    return time


def refused(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "m"}}, "GetDeployment")


def test_it_watches_until_it_is_done_and_keeps_what_is_new(time: Time) -> None:
    looks = iter([Look("0/2"), Look("0/2"), Look("1/2", events=("host a is ready",)), Look("2/2", done=True)])
    ended = watch(lambda: next(looks), Limits(timeout=600))
    assert (ended.done, ended.text) == (True, "2/2")
    assert ended.lines == ["0/2", "host a is ready", "1/2", "2/2"]


def test_it_gives_up_at_the_limit(time: Time) -> None:
    ended = watch(lambda: Look("0/2"), Limits(timeout=100, delay=15))
    assert not ended.done
    assert 100 <= time.now < 101


def test_throttling_is_no_news_and_no_failure(time: Time) -> None:
    answers = iter([refused("ThrottlingException"), refused("CallRateLimitExceededException"), Look("2/2", done=True)])

    def look() -> Look:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert watch(look, Limits(timeout=600)).done


def test_any_other_refusal_is_raised(time: Time) -> None:
    def look() -> Look:
        raise refused("AccessDeniedException")

    with pytest.raises(ClientError):
        watch(look, Limits(timeout=600))


def test_a_slice_ends_at_the_first_news(time: Time) -> None:
    looks = iter([Look("0/2"), Look("1/2"), Look("2/2")])
    ended = watch(lambda: next(looks), Limits(timeout=600, slice=15, seen="0/2"))
    assert (ended.done, ended.lines) == (False, ["1/2"])


def test_a_slice_without_news_ends_in_time(time: Time) -> None:
    ended = watch(lambda: Look("0/2"), Limits(timeout=600, slice=15, seen="0/2"))
    assert (ended.done, ended.lines) == (False, [])
    assert 15 <= time.now < 16


def test_what_is_stuck_is_asked_once_until_something_moves(time: Time) -> None:
    asked: list[float] = []

    def stuck(seconds: float) -> str:
        asked.append(seconds)
        return "host b hangs"

    ended = watch(lambda: Look("1/2"), Limits(timeout=300, stall=60), stuck)
    assert len(asked) == 1
    assert asked[0] >= 60
    assert ended.lines == ["1/2", "host b hangs"]


def test_a_delay_of_zero_does_not_pause(time: Time) -> None:
    looks = iter([Look("0"), Look("1"), Look("2", done=True)])
    watch(lambda: next(looks), Limits(timeout=600, delay=0))
    assert time.now == 0


def test_limits_come_from_the_options_of_a_task() -> None:
    assert limits({"wait_timeout": None, "wait_delay": 5}, 3600) == Limits(3600, 5)
    assert limits({"wait_timeout": 0, "wait_delay": 5, "follow": {"seconds": 3, "seen": "x"}}, 3600) == Limits(
        0, 5, 3, "x"
    )


@pytest.mark.parametrize(("wanted", "spent", "left"), [(None, 900, 2700), (None, 5000, 0), (60, 45, 15), (0, 5, 0)])
def test_a_time_limit_does_not_begin_anew_in_every_slice(wanted: int | None, spent: int, left: int) -> None:
    assert limits({"wait_timeout": wanted, "follow": {"seconds": 15, "spent": spent}}, 3600).timeout == left
