# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""The emulator in a process that goes on after it."""

from __future__ import annotations

import gc
import weakref

import boto3
import pytest
from botocore.exceptions import ClientError
from moto.core.base_backend import BackendDict
from moto.ec2 import ec2_backends
from support import compute

from slipway_emulator import world as worlds


def test_what_was_there_before_a_reset_is_forgotten() -> None:
    with worlds.world():
        compute.template(compute.image("1.8.1"))
        compute.group(2)
        ids = [member["InstanceId"] for member in compute.members()]
        (backend,) = [one for one in ec2_backends["123456789012"].values() if set(ids) & set(_instances(one))]
        kept = weakref.ref(backend)
        del backend
        BackendDict.reset()
    gc.collect()
    assert kept() is None


@pytest.mark.parametrize(("service", "call"), [("codedeploy", "list_applications"), ("ec2", "describe_instances")])
def test_a_region_that_does_not_exist_is_refused_as_by_aws(world: None, service: str, call: str) -> None:
    with pytest.raises(ClientError, match="Credential should be scoped to a valid region") as refused:
        getattr(boto3.client(service, "eu-nowhere-9"), call)()
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def _instances(backend: object) -> list[str]:
    return [instance.id for instance in backend.all_instances()]  # type: ignore[attr-defined]
