# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of a deployment against the model of the service."""

from __future__ import annotations

import typing as t

import botocore.session
import pytest

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments import calls, listing, task
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import option_name

MODEL = botocore.session.get_session().get_service_model("codedeploy")
# What AWS does no longer, and what is computed.
LATER = {"revision.string", "revision.app_spec_content.sha256"}


def options_of(spec: dict[str, t.Any], prefix: str = "") -> t.Iterator[tuple[str, dict[str, t.Any]]]:
    for name, one in spec.items():
        yield prefix + name, one
        yield from options_of(one.get("options", {}), f"{prefix}{name}.")


def members_of(shape: t.Any, prefix: str = "") -> t.Iterator[tuple[str, t.Any]]:
    for name, one in shape.members.items():
        path = prefix + option_name(name)
        yield path, one
        inner = one.member if one.type_name == "list" else one
        if inner.type_name == "structure":
            yield from members_of(inner, f"{path}.")


OPTIONS = dict(options_of(task.DEPLOYMENT_OPTIONS))
MEMBERS = {
    path: shape
    for path, shape in members_of(MODEL.operation_model("CreateDeployment").input_shape)
    if not any(f"{path}.".startswith(f"{later}.") for later in LATER)
}


def test_every_member_has_its_option() -> None:
    assert set(MEMBERS) - {"application_name", "deployment_group_name"} == set(OPTIONS)


@pytest.mark.parametrize("path", sorted(path for path, one in OPTIONS.items() if "choices" in one))
def test_choices_are_those_of_the_service(path: str) -> None:
    shape = MEMBERS[path]
    values = set((shape.member if shape.type_name == "list" else shape).enum)
    deprecated = {"String"}
    # the names of processes to suspend are in the words of the model only
    assert set(OPTIONS[path]["choices"]) == values - deprecated or not values


def test_filters_know_every_status_and_creator() -> None:
    assert set(listing.STATUSES) == set(MODEL.shape_for("DeploymentStatus").enum)
    assert set(listing.CREATORS) == set(MODEL.shape_for("DeploymentCreator").enum)
    assert set(calls.ACTIVE) | set(calls.ENDED) == set(listing.STATUSES)
