# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments import revisions
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.progress import (
    counts_in,
    expects_rollback,
    in_one_line,
)

NOW = datetime.datetime(2026, 11, 23, 17, 0, tzinfo=datetime.UTC)
STATUSES = ["Succeeded", "Failed", "InProgress", "Pending", "Skipped", "Ready"]


@given(st.dictionaries(st.sampled_from(STATUSES), st.integers(1, 10_000), min_size=1))
def test_counters_survive_from_slice_to_slice(overview: dict[str, int]) -> None:
    line = in_one_line({"deploymentId": "d-A1B2C3D4E", "status": "InProgress", "deploymentOverview": overview})
    assert {status: n for status, n in counts_in(line).items() if n} == overview


def test_a_deployment_without_counters_is_told_by_its_status() -> None:
    assert in_one_line({"deploymentId": "d-A1B2C3D4E", "status": "Created"}) == "d-A1B2C3D4E Created"
    assert counts_in("d-A1B2C3D4E Created") == {}


def ended(**more: t.Any) -> dict[str, t.Any]:
    return {
        "status": "Failed",
        "autoRollbackConfiguration": {"enabled": True, "events": ["DEPLOYMENT_FAILURE"]},
        "completeTime": NOW - datetime.timedelta(seconds=5),
        **more,
    }


@pytest.mark.parametrize(
    ("deployment", "expected"),
    [
        (ended(), True),
        (ended(completeTime=NOW - datetime.timedelta(seconds=31)), False),
        (ended(rollbackInfo={"rollbackMessage": "nothing to go back to"}), False),
        (ended(creator="codeDeployRollback"), False),
        (ended(status="Stopped"), False),
        (ended(status="Succeeded"), False),
        (ended(autoRollbackConfiguration={"enabled": False, "events": ["DEPLOYMENT_FAILURE"]}), False),
        (ended(autoRollbackConfiguration=None), False),
    ],
)
def test_a_rollback_is_waited_for_a_moment(deployment: dict[str, t.Any], expected: bool) -> None:
    assert expects_rollback(deployment, NOW) is expected


@pytest.mark.parametrize(
    ("live", "wanted", "same"),
    [
        ({"eTag": '"abc"'}, {"eTag": "abc"}, True),
        ({"eTag": "abc", "version": "1"}, {"version": "1"}, True),
        ({}, {"eTag": "abc"}, False),
        ({"eTag": "abc"}, {"eTag": "abd"}, False),
        ({"eTag": "abc"}, {}, True),
        ({"key": "other"}, {}, False),
    ],
)
def test_a_revision_is_the_same_by_what_the_wish_names(
    live: dict[str, str], wanted: dict[str, str], same: bool
) -> None:
    def at(more: dict[str, str]) -> dict[str, t.Any]:
        return {"revisionType": "S3", "s3Location": {"bucket": "b", "key": "k", "bundleType": "zip", **more}}

    assert revisions.same_revision(at(live), at(wanted)) is same
    assert revisions.same_revision(None, at(wanted)) is False
