# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From options to requests: whatever the numbers, no limit is exceeded and every node is asked once."""

from __future__ import annotations

import typing as t

import pytest
from botocore.loaders import Loader
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.slipway.aws.plugins.module_utils._core.errors import Refused
from ansible_collections.slipway.aws.plugins.module_utils._ssm.run_command import wishes
from ansible_collections.slipway.aws.plugins.modules.ssm_run_command import ARGUMENT_SPEC

LIMIT = st.integers(1, 700).map(str) | st.integers(1, 100).map("{}%".format)
OURS = {"Comment", "InstanceIds", "Targets", "Parameters", "MaxConcurrency", "MaxErrors"}
IGNORED_BY_AWS = {"OutputS3Region"}


def wish(**given: t.Any) -> wishes.Wish:
    defaults = {name: about.get("default") for name, about in ARGUMENT_SPEC.items()}
    return wishes.wish_of({**defaults, "document_name": "Install", **given})


@given(st.integers(1, 300), LIMIT, LIMIT)
def test_every_node_is_asked_once_within_the_limits(count: int, concurrency: str, errors: str) -> None:
    ids = [f"i-{number}" for number in range(count)]
    made = wish(instance_ids=ids, max_concurrency=concurrency, max_errors=errors)
    assert made.ids == ids and all(1 <= len(part["InstanceIds"]) <= 50 for part in made.parts)
    for number in range(len(made.parts)):
        request = made.request(number, 0, "0a1b2c3d")
        assert len(request["Comment"]) <= 100
        assert wishes.marked(request) == (made.digest, number + 1, len(made.parts))
        if len(made.parts) > 1:
            assert 1 <= int(request["MaxConcurrency"]) <= max(1, wishes.share(concurrency, count))
            assert int(request["MaxErrors"]) == wishes.share(errors, count)


@given(st.lists(st.integers(0, 10**6), unique=True, min_size=1, max_size=200), LIMIT)
def test_waves_have_every_node_once(numbers: list[int], concurrency: str) -> None:
    ids = [f"i-{number}" for number in numbers]
    waves = wishes.waves(ids, concurrency)
    assert [one for wave in waves for one in wave] == ids
    assert max(map(len, waves)) <= max(1, wishes.share(concurrency, len(ids)))


def test_the_order_of_a_few_ids_means_nothing_and_limits_are_not_what_is_asked() -> None:
    one = wish(instance_ids=["i-1", "i-2"])
    assert one.digest == wish(instance_ids=["i-2", "i-1", "i-2"], max_concurrency="7", max_errors="3").digest
    assert one.digest != wish(instance_ids=["i-1"]).digest


def test_a_comment_that_is_not_ours_has_no_mark() -> None:
    for comment in ("", "slipway:xyz", "slipway:0123456789abcdef more", "slipway.aws.codedeploy_preflight"):
        assert wishes.marked({"Comment": comment}) is None


@pytest.mark.parametrize("value", ["", "0", "101%", "0%", "10 %", "１", "1\n", "-1"])
def test_a_concurrency_that_aws_would_refuse_is_refused(value: str) -> None:
    with pytest.raises(Refused, match="max_concurrency is"):
        wish(instance_ids=["i-1"], max_concurrency=value)


def test_every_member_of_the_request_has_an_option() -> None:
    members = Loader().load_service_model("ssm", "service-2")["shapes"]["SendCommandRequest"]["members"]
    named = {"DocumentName", *wishes.PLAIN.values(), *wishes.BLOCKS.values()}
    assert named | OURS | IGNORED_BY_AWS == set(members)
    shapes = Loader().load_service_model("ssm", "service-2")["shapes"]
    for option, member in wishes.BLOCKS.items():
        given_members = {wishes._pascal({name: 1}).popitem()[0] for name in ARGUMENT_SPEC[option]["options"]}
        assert given_members == set(shapes[members[member]["shape"]]["members"])
