# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which images can be retired, and why the others stay."""

from __future__ import annotations

import datetime
import typing as t

import pytest

from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.retirement import Policy, verdicts

NOW = datetime.datetime(2026, 11, 23, 17, 0, tzinfo=datetime.UTC)
DAY = datetime.timedelta(days=1)
HEAD = "arn:aws:imagebuilder:eu-west-1:123456789012:image"
STEPS = {"deprecate": 30, "disable": 60, "delete": 90, "notice": 30}


def image(build: int, days: int, status: str = "AVAILABLE", **more: t.Any) -> dict[str, t.Any]:
    amis = [{"region": "eu-west-1", "image": one} for one in more.pop("amis", [f"ami-{build:08d}"])]
    made = (NOW - days * DAY).isoformat().replace("+00:00", "Z")
    return {
        "arn": f"{HEAD}/{more.pop('name', 'web')}/1.0.0/{build}",
        "dateCreated": made,
        "state": {"status": status},
        "outputResources": {"amis": amis},
        **more,
    }


def decided(*images: dict[str, t.Any], **policy: t.Any) -> list[tuple[str, str]]:
    """Action and reason of each image, in the order given."""
    found = verdicts(images, Policy(NOW, **{**STEPS, **policy}))
    return [tuple(found[one["arn"]]) for one in images]


@pytest.mark.parametrize(
    ("state", "days", "action"),
    [
        ("AVAILABLE", 29, "keep"), ("AVAILABLE", 30, "deprecate"), ("AVAILABLE", 60, "disable"), ("AVAILABLE", 90, "delete"),
        ("DEPRECATED", 31, "keep"), ("DEPRECATED", 60, "disable"), ("DISABLED", 61, "keep"), ("DISABLED", 90, "delete"),
        ("FAILED", 61, "keep"), ("FAILED", 90, "delete"), ("CANCELLED", 90, "delete"), ("BUILDING", 90, "keep"),
    ],
)  # fmt: skip
def test_age_and_state_tell_the_step(state: str, days: int, action: str) -> None:
    assert decided(image(2, 0), image(1, days, state))[1][0] == action


def test_a_step_that_is_not_wanted_is_not_taken() -> None:
    assert decided(image(1, 100), keep=0, delete=None)[0][0] == "disable"
    assert decided(image(1, 100), keep=0, deprecate=None, disable=None, delete=None)[0] == (
        "keep",
        "AVAILABLE, 100 days old",
    )


def test_the_newest_of_each_name_stay() -> None:
    images = [image(3, 100), image(2, 101), image(1, 102), image(7, 100, name="api")]
    assert [action for action, _why in decided(*images, keep=2)] == ["keep", "keep", "delete", "keep"]
    assert decided(*images, keep=2)[0][1] == "one of the newest 2 of its name"
    assert decided(*images)[0] == ("keep", "the newest of its name")


def test_a_deprecated_image_is_not_counted_among_the_newest() -> None:
    assert [one[0] for one in decided(image(2, 100, "DEPRECATED"), image(1, 101))] == ["delete", "keep"]


def test_what_is_needed_stays_and_says_for_what() -> None:
    held = image(1, 1000, heldBy=["running instance i-1 in eu-west-1", "launch template web, version 1"])
    why = "needed by running instance i-1 in eu-west-1; launch template web, version 1"
    assert decided(image(2, 0), held)[1] == ("keep", why)


def test_other_accounts_get_notice() -> None:
    shared = {"sharedWith": ["account 210987654321"]}
    fresh = decided(image(1, 90, **shared), keep=0)[0]
    assert fresh == ("deprecate", "AVAILABLE, 90 days old; shared with account 210987654321, who get 30 days notice")
    told = image(1, 90, "DEPRECATED", deprecationTime=NOW - 29 * DAY, **shared)
    assert decided(told, keep=0)[0] == ("keep", "shared with account 210987654321, whose notice ends on 2026-11-24")
    told["deprecationTime"] = NOW - 30 * DAY
    assert decided(told, keep=0)[0][0] == "delete"
    assert decided(image(1, 90, **shared), keep=0, notice=0)[0][0] == "delete"


def test_an_ami_of_two_images_goes_with_both_only() -> None:
    """A distribution is an image of its own, with the AMI that it distributed."""
    built, distributed = image(1, 100, amis=["ami-1"]), image(2, 90, amis=["ami-1", "ami-2"])
    older = image(1, 300, name="base", amis=["ami-2"])
    assert decided(built, distributed, older, keep=0) == [
        ("delete", f"AVAILABLE, {days} days old") for days in (100, 90, 300)
    ]
    distributed["heldBy"] = ["running instance i-1 in us-east-1"]
    assert decided(built, distributed, older, keep=0)[0] == ("keep", "its AMI ami-1 is an AMI of web/1.0.0/2 too")
    assert decided(built, distributed, older, keep=0)[2] == ("keep", "its AMI ami-2 is an AMI of web/1.0.0/2 too")


def test_a_distribution_is_as_new_as_what_it_is_of() -> None:
    """Otherwise an old image that was distributed today would keep the place of the newest build."""
    old, new = image(1, 100), image(2, 50)
    distributed = image(3, 0, tags={"slipway:source-image": "ami-00000001"})
    assert [one[0] for one in decided(old, new, distributed, delete=0)] == ["delete", "keep", "delete"]
    assert [one[0] for one in decided(old, new, distributed, delete=0, keep=2)] == ["keep", "keep", "keep"]
    assert decided(new, distributed, delete=0, keep=2)[1][0] == "keep", "what it is of is gone, so it stands for itself"


def test_container_images_stay() -> None:
    """What runs them is in no list that is read."""
    assert decided(image(1, 1000, type="DOCKER"), keep=0)[0] == (
        "keep",
        "a container image, whose use cannot be seen here",
    )
