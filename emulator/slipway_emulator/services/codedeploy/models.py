# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""CodeDeployBackend class with methods for supported APIs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from moto.core.base_backend import BackendDict
from moto.core.resource_tagging import TaggableResourcesMixin, TaggedResource
from moto.utilities.tagging_service import TaggingService

from slipway_emulator.signals import launch_hook, termination_hook

from . import validation
from .deployment_configs import DeploymentConfigs
from .exceptions import (
    ApplicationDoesNotExist,
    CodeDeployException,
    DeploymentGroupDoesNotExist,
)
from .launch_hooks import LaunchHooks
from .on_premises import OnPremises


class CodeDeployBackend(LaunchHooks, DeploymentConfigs, OnPremises, TaggableResourcesMixin):
    """Implementation of CodeDeploy APIs."""

    SERVICE_NAMESPACE = "codedeploy"

    def _taggable(self, arn: str | None) -> str:
        """The ARN, if it is that of an application or a group that is there."""
        if not arn:
            raise CodeDeployException("ResourceArnRequiredException", "The ARN of a resource is required")
        parts = arn.split(":", 5)
        if len(parts) != 6 or parts[0] != "arn" or parts[2] != "codedeploy":
            raise CodeDeployException("InvalidArnException", f"The ARN {arn!r} is not in a valid format")
        kind, _mark, name = parts[5].partition(":")
        if ":".join(parts[:5]) != self.arn("").rstrip(":") or kind not in ("application", "deploymentgroup"):
            raise CodeDeployException("ArnNotSupportedException", f"The ARN {arn} is not supported")
        application, _mark, group = name.partition("/")
        if application not in self.applications:
            raise ApplicationDoesNotExist(name=application)
        if kind == "deploymentgroup" and group not in self.applications[application].groups:
            raise DeploymentGroupDoesNotExist(name=group)
        return arn

    def list_tags_for_resource(self, resource_arn: str | None = None, next_token: str | None = None) -> Any:
        tags = self.tagger.list_tags_for_resource(self._taggable(resource_arn))["Tags"]
        return validation.page(tags, next_token)

    # the Resource Groups Tagging API calls these two as well, with its own names of the arguments
    def tag_resource(self, arn: str, tags: dict[str, str]) -> None:
        known = self.tagger.get_tag_dict_for_resource(self._taggable(arn))
        merged = [{"Key": k, "Value": v} for k, v in {**known, **tags}.items()]
        validation.resource_tags(merged)
        self.tagger.tag_resource(arn, TaggingService.convert_dict_to_tags_input(tags))

    def untag_resource(self, arn: str, tag_keys: list[str]) -> None:
        self.tagger.untag_resource_using_names(self._taggable(arn), tag_keys)

    def iter_tagged_resources(self) -> Iterator[TaggedResource]:
        for application in self.applications.values():
            yield self._tagged_resource(self.application_arn(application), "application")
            for group in application.groups.values():
                yield self._tagged_resource(self.group_arn(group), "deploymentgroup")

    def _tagged_resource(self, arn: str, kind: str) -> TaggedResource:
        tags = self.tagger.get_tag_dict_for_resource(arn)
        return TaggedResource(arn=arn, tags=tags, resource_type=f"codedeploy:{kind}")


codedeploy_backends = BackendDict(CodeDeployBackend, "codedeploy")


@launch_hook.connect
def _instance_launching(_sender: Any, account_id: str, region: str, **action: Any) -> None:
    codedeploy_backends[account_id][region].instance_launching(**action)


@termination_hook.connect
def _instance_terminating(_sender: Any, account_id: str, region: str, **action: Any) -> None:
    codedeploy_backends[account_id][region].instance_terminating(**action)
