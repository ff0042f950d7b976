# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""The 1,300 public images of a Region: made once, copied into each new world, and only when somebody looks.

Every call of moto makes a backend of us-east-1, and their images were a third of the time of a world that launches one
host. Nobody asks for their snapshots, so each is made when it is needed.
"""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable
from typing import Any, cast

from moto.ec2.models import EC2Backend, amis
from moto.ec2.models.amis import Ami

from ...contents import Contents, images
from .._patching import wrap

Attributes = dict[str, Any]
Load = Callable[[Any], None]
_OWN = ("ec2_backend", "ebs_snapshot")  # of one backend
_made: dict[tuple[str, str], list[tuple[Attributes, Contents | None]]] = {}


def extend(load: Callable[[Load, Any], None], contents_of: Callable[[Any], Contents | None]) -> None:
    """Have `load` make them, which is given moto's own way, and remember them with their contents."""

    def later(original: Load, self: Any) -> None:
        public = functools.partial(_load, functools.partial(load, original), contents_of, self)
        self.load_public = {"amis": public, "snapshots": functools.partial(_load_snapshots, self)}

    wrap(EC2Backend, "_load_amis", later)
    for name in ("amis", "snapshots"):
        setattr(EC2Backend, name, _Public(name))
    wrap(EC2Backend, "create_snapshot", _create_snapshot)
    snapshot = functools.cached_property(_snapshot)
    snapshot.__set_name__(Ami, "ebs_snapshot")
    Ami.ebs_snapshot = snapshot  # one that moto assigns goes before


class _Public:
    """What a Region has of its own and of public things."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __set__(self, backend: Any, things: dict[str, Any]) -> None:
        vars(backend)[self.name] = things

    def __get__(self, backend: Any, owner: type) -> dict[str, Any]:
        load = vars(backend).get("load_public", {}).pop(self.name, None)
        if load:
            load()
        found: dict[str, Any] = vars(backend)[self.name]
        return found


def _load(make: Load, contents_of: Callable[[Any], Contents | None], backend: Any) -> None:
    place = (backend.account_id, backend.region_name)
    if place not in _made:
        begun = amis.utcnow()
        make(backend)
        _made[place] = [(_attributes(ami, begun), contents_of(ami)) for ami in backend.amis.values()]
    else:
        backend.amis.update({found["id"]: _copied(found, backend) for found, _contents in _made[place]})
    for found, contents in _made[place]:
        if contents is not None:
            images.record(found["id"], contents)


def _attributes(ami: Ami, begun: Any) -> Attributes:
    """Those that are the same in every world; an image without a date is as old as its world."""
    found = {name: copy.copy(value) for name, value in vars(ami).items() if name not in _OWN}
    if ami.creation_date >= begun:
        del found["creation_date"]
    return found


def _copied(found: Attributes, backend: Any) -> Ami:
    ami: Any = Ami.__new__(Ami)
    vars(ami).update({"creation_date": amis.utcnow(), **found, "ec2_backend": backend})
    ami.launch_permissions, ami.product_codes = copy.copy(ami.launch_permissions), copy.copy(ami.product_codes)
    return cast(Ami, ami)


def _snapshot(ami: Any) -> Any:
    """moto makes it with the image."""
    backend = ami.ec2_backend
    volume = backend.create_volume(size=15, zone_name="us-east-1a")
    about = f"Auto-created snapshot for AMI {ami.id}"
    snapshot = backend.create_snapshot(volume.id, about, ami.owner_id, from_ami=ami.id)
    backend.delete_volume(volume.id)
    return snapshot


def _load_snapshots(backend: Any) -> None:
    for ami in backend.amis.values():
        assert ami.ebs_snapshot


def _create_snapshot(create: Callable[..., Any], self: Any, *args: Any, **options: Any) -> Any:
    """One more needs none of the others."""
    later = vars(self).get("load_public", {}).pop("snapshots", None)
    snapshot = create(self, *args, **options)
    if later:
        self.load_public["snapshots"] = later
    return snapshot
