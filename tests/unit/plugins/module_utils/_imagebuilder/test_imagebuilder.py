# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The pure parts of _imagebuilder: names and ARNs, shapes, what counts as the same content, failures in words."""

from __future__ import annotations

import datetime
import typing as t
from types import SimpleNamespace

import pytest

from ansible_collections.slipway.aws.plugins.module_utils._core.errors import Refused
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Unordered, Whole, covers
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder import arns, images, shapes, versions
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.progress import why_failed
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.reading import filters
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.removal import used

AWS = SimpleNamespace(partition="aws-cn", region="cn-north-1", account_id="123456789012")
MINE = "arn:aws-cn:imagebuilder:cn-north-1:123456789012"
THEIRS = "arn:aws-cn:imagebuilder:cn-north-1:aws"


@pytest.mark.parametrize(
    ("kind", "text", "arn"),
    [
        ("component", "Web Server_2", f"{MINE}:component/web-server-2/x.x.x"),
        ("component", "web/1.2.x", f"{MINE}:component/web/1.2.x"),
        ("component", "web/1.2.3/4", f"{MINE}:component/web/1.2.3/4"),
        ("component", "aws:update-linux", f"{THEIRS}:component/update-linux/x.x.x"),
        ("component", "third-party:cis/1.x.x", f"{THEIRS[:-3]}third-party:component/cis/1.x.x"),
        ("image", "self:base/1.x.x", f"{MINE}:image/base/1.x.x"),
        ("workflow", "aws:build/build-image", f"{THEIRS}:workflow/build/build-image/x.x.x"),
        ("image-pipeline", "Nightly", f"{MINE}:image-pipeline/nightly"),
        (
            "image-recipe",
            "arn:aws:imagebuilder:x:y:image-recipe/z/1.0.0",
            "arn:aws:imagebuilder:x:y:image-recipe/z/1.0.0",
        ),
        ("distribution-configuration", "", ""),
    ],
)
def test_names_become_arns(kind: str, text: str, arn: str) -> None:
    assert arns.full_arn(AWS, kind, text) == arn  # type: ignore[arg-type]  # stands in for a connection


@pytest.mark.parametrize("text", ["web/1", "web/1.2", "web:1.0.0", "a/b/c"])
def test_what_is_no_name_is_refused(text: str) -> None:
    with pytest.raises(Refused, match=r"Use NAME, NAME/1\.2\.x or an ARN"):
        arns.full_arn(AWS, "component", text)  # type: ignore[arg-type]  # stands in for a connection


@pytest.mark.parametrize(
    ("reference", "fits"),
    [("web/x.x.x", True), ("web/1.x.x", True), ("web/1.2.3", True), ("web/1.2.3/4", True)]
    + [("web/1.2.3/5", False), ("web/1.3.x", False), ("other/x.x.x", False), ("web/2.x.x", False)],
)
def test_references_and_versions(reference: str, fits: bool) -> None:
    assert arns.matches(f"{MINE}:component/{reference}", f"{MINE}:component/web/1.2.3/4") is fits


def test_versions_are_in_the_order_of_numbers() -> None:
    every = [f"{MINE}:component/web/{version}" for version in ("1.10.0/1", "1.9.0/10", "1.9.0/9")]
    assert sorted(every, key=arns.order) == every[::-1]


def test_a_wildcard_uses_the_newest_it_stands_for() -> None:
    old, new = (f"{MINE}:image-recipe/web/{version}" for version in ("1.0.9", "1.0.10"))
    uses = {"image pipeline nightly": [f"{MINE}:image-recipe/web/1.0.x"]}
    assert used(old, [new, old], uses) == ""
    assert used(new, [new, old], uses) == "used by image pipeline nightly"


def test_options_become_members_and_the_users_own_keys_stay() -> None:
    options = {"s3_logs": {"s3_bucket_name": "b"}, "ami_tags": {"cost_center": 7, "on": True}, "left_out": None}
    assert shapes.api(options) == {"s3Logs": {"s3BucketName": "b"}, "amiTags": {"cost_center": "7", "on": "True"}}


def test_empty_members_are_not_spoken_but_empty_tags_are() -> None:
    shape = {"description": "", "logging": {"s3Logs": {}}, "amiTags": {"A": ""}, "flag": False, "list": []}
    assert shapes.spoken(shape) == {"amiTags": {"A": ""}, "flag": False}
    assert shapes.spoken([{"deviceName": "/dev/sdb", "noDevice": ""}]) == [{"deviceName": "/dev/sdb", "noDevice": ""}]


def test_items_of_a_whole_list_are_compared_whole() -> None:
    live = [{"region": "eu-west-1", "name": "a"}]
    assert not covers(live, Whole([{"region": "eu-west-1"}]))
    assert covers(live, Unordered([{"region": "eu-west-1"}]))


@pytest.mark.parametrize(
    ("asked", "mark", "same"),
    [
        ({"platform": "Linux"}, "", True),  # holds all that is asked for
        ({"platform": "macOS"}, "", False),
        ({"kmsKeyId": "alias/ours"}, "", False),  # AWS answers with the key, so only the tag can tell
        ({"kmsKeyId": "alias/ours"}, versions.content_digest({"kmsKeyId": "alias/ours"}), True),
        ({"kmsKeyId": "alias/other"}, versions.content_digest({"kmsKeyId": "alias/ours"}), False),
    ],
)
def test_what_is_the_same_content(asked: dict[str, t.Any], mark: str, same: bool) -> None:
    live = {"platform": "Linux", "kmsKeyId": "arn:aws:kms:eu-west-1:123456789012:key/1"}
    assert versions.same_content(live, asked, mark) is same


def test_documents_count_by_what_they_say() -> None:
    first, second = "schemaVersion: 1.0\nphases: []\n", "phases: []   # none\nschemaVersion: 1.0\n"
    assert versions.content_digest({"data": first}) == versions.content_digest({"data": second})
    assert versions.content_digest({"data": first}) != versions.content_digest({"data": first + "name: x\n"})


def test_own_copies_of_an_ami_go_before_those_of_others() -> None:
    amis = [
        {"region": "eu-west-1", "accountId": "123456789012", "image": "ami-own"},
        {"region": "eu-west-1", "accountId": "210987654321", "image": "ami-copy"},
        {"region": "us-east-1", "accountId": "210987654321", "image": "ami-far"},
        {"region": "us-east-2", "accountId": "123456789012"},
    ]
    image = {"arn": f"{MINE}:image/web/1.0.0/1", "outputResources": {"amis": amis}}
    assert images.image_ids(image) == {"eu-west-1": "ami-own", "us-east-1": "ami-far"}


def test_the_clock_is_the_services() -> None:
    answer = {"ResponseMetadata": {"HTTPHeaders": {"date": "Mon, 23 Nov 2026 17:00:00 GMT"}}}
    assert images.service_clock(answer) == datetime.datetime(2026, 11, 23, 17, tzinfo=datetime.UTC)
    assert images.service_clock({}) is None


@pytest.mark.parametrize(
    ("state", "parts"),
    [
        ({"status": "CANCELLED", "reason": "by request"}, ["CANCELLED: by request."]),
        ({"status": "FAILED"}, ["AWS gave no reason"]),
        (
            {
                "status": "FAILED",
                "failureContext": {"failedStep": "WaitForSSMAgent", "workflowArn": "a:b:c:d:e:workflow/x/1"},
            },
            ["step WaitForSSMAgent of workflow x/1 failed"],
        ),
    ],
)
def test_failures_in_words(state: dict[str, t.Any], parts: list[str]) -> None:
    text = why_failed({"name": "web", "version": "1.0.0/2", "state": state})
    for part in [*parts, "log group /aws/imagebuilder/web, stream 1.0.0/2"]:
        assert part in text


def test_filters_of_one_value_or_many_in_either_case() -> None:
    assert filters({"image_recipe_arn": "a", "osVersion": [1, "b"]}) == [
        {"name": "imageRecipeArn", "values": ["a"]},
        {"name": "osVersion", "values": ["1", "b"]},
    ]
