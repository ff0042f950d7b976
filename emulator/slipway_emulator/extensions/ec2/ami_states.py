# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""AMIs that are deprecated, disabled or deregistered.

moto knows no deprecation, launches instances from disabled AMIs, and leaves the snapshots of an AMI that goes.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.exceptions import EC2ClientError, InvalidAMIIdError, UnvailableAMIIdError
from moto.ec2.models.amis import Ami, AmiBackend
from moto.ec2.responses.amis import AmisResponse

from ...clock import clock
from ...faults import faults
from .._patching import put, wrap

LONGEST = timedelta(days=3653)  # AWS deprecates at most ten years from now


def extend() -> None:
    """Put the operations onto moto's AMIs."""
    Ami.deprecation_time = None  # type: ignore[attr-defined]  # what moto's class lacks
    put(AmiBackend, deprecate_image)
    put(AmisResponse, enable_image_deprecation, disable_image_deprecation, deregister_image)
    wrap(AmiBackend, "disable_image", _disable_image)


def deprecate_image(self: Any, ami_id: str, moment: datetime | None) -> None:
    """Set or clear the time of deprecation; AWS keeps it to the minute."""
    if ami_id in self.deleted_amis:
        raise UnvailableAMIIdError(ami_id)
    if ami_id not in self.amis:
        raise InvalidAMIIdError(ami_id)
    told = moment and (moment.astimezone(UTC) + timedelta(seconds=30)).replace(second=0, microsecond=0)
    self.amis[ami_id].deprecation_time = told and told.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def enable_image_deprecation(self: Any) -> ActionResult:
    """The operation of EC2; the moment has to be in the future."""
    moment = self._get_param("DeprecateAt")
    moment = moment if isinstance(moment, datetime) else datetime.fromisoformat(str(moment))
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if not clock.datetime() - timedelta(minutes=1) <= moment <= clock.datetime() + LONGEST:
        raise EC2ClientError("InvalidParameterValue", "DeprecateAt must be in the future, at most ten years from now.")
    self.error_on_dryrun()
    self.ec2_backend.deprecate_image(self._get_param("ImageId"), moment)
    return ActionResult({"Return": True})


def disable_image_deprecation(self: Any) -> ActionResult:
    """The operation of EC2."""
    self.error_on_dryrun()
    self.ec2_backend.deprecate_image(self._get_param("ImageId"), None)
    return ActionResult({"Return": True})


def deregister_image(self: Any) -> ActionResult:
    """The operation of EC2, which deletes the snapshots as well where it is asked to; moto leaves them."""
    self.error_on_dryrun()
    backend, ami_id = self.ec2_backend, self._get_param("ImageId")
    ami = backend.amis.get(ami_id)
    backend.deregister_image(ami_id)
    snapshot = getattr(ami, "ebs_snapshot", None)
    if not snapshot or str(self._get_param("DeleteAssociatedSnapshots")).lower() != "true":
        return ActionResult({"Return": True})
    deleted = {"SnapshotId": snapshot.id, "ReturnCode": _delete_with_image(backend, snapshot.id)}
    return ActionResult({"Return": True, "DeleteSnapshotResults": [deleted]})


def _delete_with_image(backend: Any, snapshot_id: str) -> str:
    """What came of a snapshot; one that another AMI has too stays."""
    asked = {"service": "ec2", "operation": "DeleteSnapshot", "region": backend.region_name}
    if faults.find("denied", **asked):
        return "missing-permissions"
    if any(one.ebs_snapshot.id == snapshot_id for one in backend.amis.values() if getattr(one, "ebs_snapshot", None)):
        return "skipped"
    backend.snapshots.pop(snapshot_id, None)
    return "success"


def _disable_image(original: Callable[..., None], self: Any, ami_id: str) -> None:
    """A disabled AMI is private: nobody else may launch it any more."""
    original(self, ami_id)
    self.amis[ami_id].launch_permissions = []


def refuse_disabled(backend: Any, image_id: str) -> None:
    """Raise the error of a launch from a disabled AMI."""
    ami = backend.amis.get(image_id)
    if ami is not None and ami.state == "disabled":
        raise EC2ClientError("InvalidAMIID.Unavailable", f"The image ID '{image_id}' is not available")
