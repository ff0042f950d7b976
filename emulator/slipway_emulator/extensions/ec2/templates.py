# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Launch templates: versions that build on another, their user data, and their own tags kept out of what they launch."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from moto.core.responses import ActionResult
from moto.core.types import Base64EncodedString
from moto.ec2.exceptions import (
    InvalidLaunchTemplateIdNotFound,
    InvalidLaunchTemplateNameNotFoundWithNameError,
    InvalidLaunchTemplateVersionNotFound,
)
from moto.ec2.models import EC2Backend, launch_templates
from moto.ec2.models.launch_templates import LaunchTemplate, LaunchTemplateVersion
from moto.ec2.responses import EC2Response
from moto.ec2.utils import parse_user_data

from slipway_emulator.clock import clock
from slipway_emulator.numerals import is_number

from .._patching import put, wrap


def extend() -> None:
    """Put the corrections onto moto's launch templates."""
    launch_templates.utcnow = _now  # a version is as old as the emulated clock says
    wrap(LaunchTemplate, "create_version", _create_version)
    wrap(EC2Response, "create_launch_template_version", _create_launch_template_version)
    wrap(EC2Backend, "_get_template_from_args", _get_template_from_args)
    wrap(LaunchTemplate, "get_version", _get_version)
    wrap(EC2Backend, "describe_launch_template_versions", _describe_launch_template_versions)
    put(EC2Response, delete_launch_template_versions)


def _now() -> datetime:
    return clock.datetime().replace(tzinfo=None)


def _create_version(
    original: Callable[..., LaunchTemplateVersion], self: Any, data: dict[str, Any], description: str
) -> LaunchTemplateVersion:
    """moto decodes the user data of the first version only, and mixes the template's own tags into its data."""
    kept = {key: value for key, value in data.items() if value is not None}
    if "UserData" in kept and not isinstance(kept["UserData"], Base64EncodedString):
        kept["UserData"] = parse_user_data(kept["UserData"])
    specifications = [s for s in kept.pop("TagSpecifications", []) if s["ResourceType"] != "launch-template"]
    if specifications:
        kept["TagSpecifications"] = specifications
    return original(self, kept, description)


def _create_launch_template_version(original: Callable[..., ActionResult], self: Any) -> ActionResult:
    """With SourceVersion, what is not given is taken over from that version."""
    source = self._get_param("SourceVersion")
    if source:
        template = _template(
            self.ec2_backend, self._get_param("LaunchTemplateId"), self._get_param("LaunchTemplateName")
        )
        given = self._get_param("LaunchTemplateData", {})
        self.params["LaunchTemplateData"] = {**template.get_version(source).data, **given}
    return original(self)


def _template(backend: Any, template_id: str | None, name: str | None) -> LaunchTemplate:
    return backend.get_launch_template(template_id) if template_id else backend.get_launch_template_by_name(name)


def _get_template_from_args(original: Callable[..., Any], self: Any, wanted: dict[str, Any]) -> Any:
    """moto fails with an IndexError for a template that does not exist."""
    template_id = wanted.get("LaunchTemplateId")
    if template_id and template_id not in self.launch_templates:
        raise InvalidLaunchTemplateIdNotFound(template_id)
    name = wanted.get("LaunchTemplateName")
    if name and name not in self.launch_template_name_to_ids:
        raise InvalidLaunchTemplateNameNotFoundWithNameError(name)
    return original(self, wanted)


def _deleted(template: Any) -> set[int]:
    """moto finds a version by its place in the list, so deleted ones stay there and are only known as such."""
    return template.__dict__.setdefault("deleted_versions", set())


def _left(template: Any, versions: list[LaunchTemplateVersion]) -> list[LaunchTemplateVersion]:
    return [version for version in versions if version.number not in _deleted(template)]


def _get_version(original: Callable[..., LaunchTemplateVersion], self: Any, number: Any) -> LaunchTemplateVersion:
    if is_number(str(number)) and not _left(self, self.versions[int(number) - 1 : int(number)]):
        raise InvalidLaunchTemplateVersionNotFound(template_id=self.id, version=number)
    return original(self, number)


def _describe_launch_template_versions(original: Callable[..., Any], self: Any, *args: Any, **kwargs: Any) -> Any:
    described = original(self, *args, **kwargs)
    return [(template, version) for template, version in described if _left(template, [version])]


def delete_launch_template_versions(self: Any) -> ActionResult:
    """DeleteLaunchTemplateVersions: numbers stay as they are; the default version cannot be deleted."""
    template = _template(self.ec2_backend, self._get_param("LaunchTemplateId"), self._get_param("LaunchTemplateName"))
    done, refused = [], []
    for number in self._get_param("Versions", []):
        item = {
            "LaunchTemplateId": template.id,
            "LaunchTemplateName": template.name,
            "VersionNumber": int(number),
        }
        if int(number) == template.default_version_number:
            problem = {"Code": "unexpectedError", "Message": "Cannot delete the default version."}
            refused.append({**item, "ResponseError": problem})
        elif any(version.number == int(number) for version in _left(template, template.versions)):
            done.append(item)
            _deleted(template).add(int(number))
        else:
            problem = {"Code": "launchTemplateVersionDoesNotExist", "Message": "The version does not exist."}
            refused.append({**item, "ResponseError": problem})
    return ActionResult(
        {
            "SuccessfullyDeletedLaunchTemplateVersions": done,
            "UnsuccessfullyDeletedLaunchTemplateVersions": refused,
        }
    )
