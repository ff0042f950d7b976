# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Instances and tags by their id: moto walks through all of a region's to find one, so that a fleet costs its square."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.exceptions import EC2ClientError, InvalidInstanceIdError
from moto.ec2.models import EC2Backend
from moto.ec2.models.core import TaggedEC2Resource
from moto.ec2.models.instances import Instance
from moto.ec2.models.tags import EC2_PREFIX_TO_RESOURCE, get_prefix
from moto.ec2.responses import EC2Response
from moto.ec2.utils import filter_reservations
from moto.moto_api._internal import mock_random

from .._patching import put, wrap

IDS = "instance-id"  # a filter
PAGE = 1000  # reservations
KEPT = 100  # answers of which the rest may still be asked for


def extend() -> None:
    """Put the look-ups in place of moto's."""
    wrap(Instance, "__init__", _init)
    wrap(EC2Backend, "run_instances", _run_instances)
    wrap(EC2Backend, "all_reservations", _all_reservations)
    wrap(EC2Response, "describe_instances", _describe_instances)
    put(EC2Backend, get_instance, get_instance_by_id, get_multi_instances_by_id, get_reservations_by_instance_ids)
    wrap(EC2Backend, "describe_images", _describe_images)
    wrap(EC2Backend, "describe_volumes", _describe_volumes)
    put(TaggedEC2Resource, get_tags)


def _init(original: Callable[..., None], self: Any, ec2_backend: Any, *args: Any, **kwargs: Any) -> None:
    original(self, ec2_backend, *args, **kwargs)
    _instances(ec2_backend)[self.id] = self


def _run_instances(original: Callable[..., Any], self: Any, *args: Any, **kwargs: Any) -> Any:
    reservation = original(self, *args, **kwargs)
    for instance in reservation.instances:
        instance.reservation_id = reservation.id
    return reservation


def _instances(backend: Any) -> dict[str, Any]:
    found: dict[str, Any] = backend.__dict__.setdefault("instances_by_id", {})
    return found


def get_instance_by_id(self: Any, instance_id: str) -> Any:
    return _instances(self).get(instance_id)


def get_instance(self: Any, instance_id: str) -> Any:
    found = _instances(self).get(instance_id)
    if found is None:
        raise InvalidInstanceIdError(instance_id)
    return found


def get_multi_instances_by_id(self: Any, instance_ids: list[str], filters: Any = None) -> list[Any]:
    known = _instances(self)
    missing = [i for i in instance_ids if i not in known]
    if missing:
        raise InvalidInstanceIdError(missing)
    return [known[i] for i in instance_ids if known[i].applies(filters)]


def get_reservations_by_instance_ids(self: Any, instance_ids: list[str], filters: Any = None) -> list[Any]:
    known = _instances(self)
    missing = [i for i in instance_ids if i not in known]
    if missing:
        raise InvalidInstanceIdError(missing[0])
    found = _reservations(self, instance_ids)
    return found if filters is None else filter_reservations(found, filters)


def _all_reservations(original: Callable[..., list[Any]], self: Any, filters: Any = None) -> list[Any]:
    """Where instances are asked for by id, only those are looked at."""
    if not filters or IDS not in filters:
        return original(self, filters)
    others = {name: values for name, values in filters.items() if name != IDS}
    return filter_reservations(_reservations(self, filters[IDS]), others)


def _reservations(backend: Any, ids: list[str]) -> list[Any]:
    """Copies of the reservations of these instances, with no other instances in them."""
    found: dict[str, Any] = {}
    for instance in filter(None, map(_instances(backend).get, dict.fromkeys(ids))):
        name = instance.reservation_id
        if name not in found:
            found[name] = copy.copy(backend.reservations[name])
            found[name].instances = []
        found[name].instances.append(instance)
    return list(found.values())


def _describe_instances(original: Callable[..., Any], self: Any) -> Any:
    """moto filters all instances of the region anew for every page; here what is left is kept for the next one."""
    if self._get_param("InstanceIds", []):
        return original(self)
    self.error_on_dryrun()
    kept: dict[str, list[Any]] = self.ec2_backend.__dict__.setdefault("pages_of_instances", {})
    token, size = self._get_param("NextToken"), int(self._get_param("MaxResults", PAGE))
    if token and token not in kept:
        raise EC2ClientError("InvalidNextToken", "The specified token is not valid.")
    left = kept[token] if token else self.ec2_backend.describe_instances(filters=self._filters_from_querystring())
    following = str(mock_random.uuid4()) if len(left) > size else None
    if following:
        kept[following] = left[size:]
    for old in list(kept)[:-KEPT]:
        del kept[old]
    return ActionResult({"Reservations": left[:size], "NextToken": following})


def _describe_images(original: Callable[..., list[Any]], self: Any, *args: Any, **kwargs: Any) -> list[Any]:
    """Every launch asks for its image among the 1,300 public ones, by a filter with one id."""
    image_id = (
        kwargs["filters"].get("image-id") if set(kwargs) == {"filters"} and not args and kwargs["filters"] else None
    )
    if isinstance(image_id, str) and len(kwargs["filters"]) == 1:
        return [self.amis[image_id]] if image_id in self.amis else []
    found: list[Any] = original(self, *args, **kwargs)
    return found


def _describe_volumes(
    original: Callable[..., list[Any]], self: Any, volume_ids: list[str] | None = None, filters: Any = None
) -> list[Any]:
    if not volume_ids or filters or not all(i in self.volumes for i in volume_ids):
        return original(self, volume_ids, filters)
    return [self.volumes[i] for i in dict.fromkeys(volume_ids)]


def get_tags(self: Any) -> list[dict[str, str]]:
    """The tags of one resource, as DescribeTags lists them."""
    if not self.id:
        return []
    kind = EC2_PREFIX_TO_RESOURCE.get(get_prefix(self.id), "")
    tags = self.ec2_backend.tags.get(self.id) or {}
    return [{"resource_id": self.id, "key": k, "value": v, "resource_type": kind} for k, v in tags.items()]
