# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Public parameters that name the images of every region."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.ssm.models import Parameter, ParameterDict

from ...clock import clock
from .._patching import wrap
from ..ec2.images import AMAZON_LINUX, OTHERS

OWNERS = ("ami-amazon-linux-latest", "ami-windows-latest", "canonical", "debian", "eks/optimized-ami")
PREFIXES = tuple(f"/aws/service/{owner}" for owner in OWNERS)


def extend() -> None:
    """Put the parameters beside moto's."""
    wrap(ParameterDict, "_check_loading_status", _check_loading_status)


def _check_loading_status(original: Callable[..., None], self: Any, key: str) -> None:
    original(self, key)
    if str(key or "").startswith(PREFIXES) and not self.__dict__.get("public_images_loaded"):
        self.public_images_loaded = True
        for image in (*AMAZON_LINUX, *OTHERS):
            if not dict.__contains__(self, image.parameter):
                dict.__setitem__(self, image.parameter, [_parameter(self, image)])


def _parameter(owner: Any, image: Any) -> Any:
    make: Any = Parameter  # moto leaves abstract methods of its base class open
    return make(
        account_id=owner.account_id,
        name=image.parameter,
        value=image.image_id(owner.region_name),
        parameter_type="String",
        description=None,
        allowed_pattern=None,
        keyid=None,
        last_modified_date=clock.datetime(),
        version=1,
        data_type="aws:ec2:image",
    )
