# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role golden_image makes of an approval: which workflows a pipeline has then, and what is needed for it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

from tests.collection.package import load

ROOT = "arn:aws:imagebuilder:eu-west-1:123456789012:workflow/"
MANAGED = ["aws:build/build-image", "aws:test/test-image", "aws:distribution/distribute-image"]
OWN, APPROVAL = f"{ROOT}build/own/x.x.x", f"{ROOT}test/base-image-approval/x.x.x"
LAST = f"{ROOT}distribution/own/1.0.0"


def told(name: str, **given: Any) -> Any:
    """The value of one of the role's variables."""
    variables = load("roles/golden_image/vars/main.yml")
    expressions = {key: trust_as_template(said) if isinstance(said, str) else said for key, said in variables.items()}
    defaults = {"golden_image_name": "Base Image", "golden_image_pipeline_options": {}}
    found = Templar(DataLoader(), {**expressions, **defaults, **given})
    return found.template(trust_as_template(f"{{{{ {name} }}}}"))


def of(*workflows: str) -> dict[str, Any]:
    return {"image_pipelines": [{"workflows": [{"workflow_arn": arn} for arn in workflows]}]}


@pytest.mark.parametrize(
    ("approval", "live", "expected"),
    [
        (True, [], [*MANAGED[:2], "test/Base Image-approval", MANAGED[2]]),
        ("true", [OWN, LAST], [OWN, "test/Base Image-approval", LAST]),
        (False, [OWN, APPROVAL, LAST], [OWN, LAST]),
        (True, [OWN], [OWN, "test/Base Image-approval"]),
    ],
)
def test_an_approval_comes_after_the_tests_of_whatever_workflows(
    approval: Any, live: list[str], expected: list[str]
) -> None:
    given = {"golden_image_approval": approval, "golden_image_pipelines": of(*live)}
    assert [each["workflow_arn"] for each in told("__golden_image_workflows", **given)] == expected
    assert told("__golden_image_has_approval", **given) is (APPROVAL in live)


@pytest.mark.parametrize(
    ("given", "runs"),
    [
        ({}, True),
        ({"golden_image_tests": False}, False),
        ({"golden_image_pipeline_options": {"image_tests_configuration": {"image_tests_enabled": False}}}, False),
        (
            {
                "golden_image_pipelines": {
                    "image_pipelines": [{"image_tests_configuration": {"image_tests_enabled": False}}]
                }
            },
            False,
        ),
    ],
)
def test_whether_tests_run_is_what_was_said_or_what_there_is(given: dict[str, Any], runs: bool) -> None:
    assert told("__golden_image_tests_run", **{"golden_image_pipelines": of(), **given}) is runs


@pytest.mark.parametrize(("profile", "expected"), [("", "Base-Image-imagebuilder"), ("builders", "builders")])
def test_a_profile_has_a_name_that_iam_takes(profile: str, expected: str) -> None:
    assert told("__golden_image_profile", golden_image_instance_profile_name=profile) == expected
