# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Instance profiles: whether a host has one decides whether its agents can speak to AWS."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.core.exceptions import ServiceException
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models import EC2Backend
from moto.ec2.utils import filter_iam_instance_profiles

from ...hosts import registry
from .._patching import wrap


def extend() -> None:
    """Put the corrections onto moto's associations."""
    wrap(EC2Backend, "associate_iam_instance_profile", _associated)
    wrap(EC2Backend, "replace_iam_instance_profile_association", _replaced)
    wrap(EC2Backend, "disassociate_iam_instance_profile", _disassociated)


def check(backend: Any, name: str | None, arn: str | None) -> None:
    """Refuse a launch with a profile that does not exist, as EC2 does."""
    try:
        found = filter_iam_instance_profiles(
            backend.account_id, backend.partition, iam_instance_profile_arn=arn, iam_instance_profile_name=name
        )
    except ServiceException:
        found = None
    if found is None:
        member, value, what = ("arn", arn, "ARN") if arn else ("name", name, "name")
        raise EC2ClientError(
            "InvalidParameterValue",
            f"Value ({value}) for parameter iamInstanceProfile.{member} is invalid. "
            f"Invalid IAM Instance Profile {what}",
        )


def _associated(
    original: Callable[..., Any],
    self: Any,
    instance_id: str,
    iam_instance_profile_name: str | None = None,
    iam_instance_profile_arn: str | None = None,
) -> Any:
    check(self, iam_instance_profile_name, iam_instance_profile_arn)
    association = original(self, instance_id, iam_instance_profile_name, iam_instance_profile_arn)
    _tell(association.instance_id, association.iam_instance_profile.arn)
    return association


def _replaced(
    original: Callable[..., Any],
    self: Any,
    association_id: str,
    iam_instance_profile_name: str | None = None,
    iam_instance_profile_arn: str | None = None,
) -> Any:
    check(self, iam_instance_profile_name, iam_instance_profile_arn)
    association = original(self, association_id, iam_instance_profile_name, iam_instance_profile_arn)
    arn = association.iam_instance_profile.arn
    # moto changes the association, but not what DescribeInstances shows.
    described = {"Arn": arn, "Id": association.association_id}
    self.modify_instance_attribute(association.instance_id, "iam_instance_profile", described)
    _tell(association.instance_id, arn)
    return association


def _disassociated(original: Callable[..., Any], self: Any, *args: Any, **kwargs: Any) -> Any:
    association = original(self, *args, **kwargs)
    _tell(association.instance_id, None)
    return association


def _tell(instance_id: str, arn: str | None) -> None:
    host = registry.get(instance_id)
    if host is not None:
        host.instance_profile = arn
