# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""On-premises instances: the control plane."""

from __future__ import annotations

import re
import secrets
import string

from slipway_emulator.clock import clock
from slipway_emulator.contents import Contents
from slipway_emulator.hosts import BOOT_SECONDS, Host, registry

from . import fleet, limits, validation
from .entities import OnPremisesInstance
from .exceptions import CodeDeployException, InstanceNotRegistered
from .state import State

USER_ARN = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:user/[\w+=,.@/-]+")
SESSION_ARN = re.compile(r"arn:aws[a-z-]*:sts::\d{12}:assumed-role/[\w+=,.@/-]+/[\w+=,.@-]+")
AGENT_VERSION = "1.8.1"
Tags = list[dict[str, str]]


class OnPremises(State):
    def register_on_premises_instance(
        self, instance_name: str | None = None, iam_session_arn: str | None = None, iam_user_arn: str | None = None
    ) -> None:
        name = validation.instance_name(instance_name)
        self._check_arns(iam_session_arn, iam_user_arn)
        if name in self.on_premises and self.on_premises[name].deregistered is None:
            raise CodeDeployException(
                "InstanceNameAlreadyRegisteredException", f"The on-premises instance name {name} is already registered"
            )
        letters = string.ascii_letters + string.digits
        suffix = "".join(secrets.choice(letters) for _turn in range(10))
        arn = self.arn(f"instance/{name}_{suffix}")
        before = self.on_premises.get(name)
        self.on_premises[name] = OnPremisesInstance(name, arn, iam_user_arn, iam_session_arn)
        self._put_host(self.on_premises[name], registry.get(before.arn) if before else None)

    def _put_host(self, instance: OnPremisesInstance, before: Host | None) -> None:
        """The machine, with an agent that runs; one that was registered before still has what was installed on it."""
        contents = Contents(agent_version=AGENT_VERSION, agent_enabled=True)
        host = Host(
            instance_id=instance.name,
            account_id=self.account_id,
            region=self.region_name,
            image_id="",
            contents=before.contents if before else contents,
            launched_at=clock.now() - BOOT_SECONDS,
            agent_running=True,
            installations=before.installations if before else {},
            iam_arn=instance.user_arn or instance.session_arn,
        )
        registry.add_on_premises(instance.arn, host)

    def _check_arns(self, session_arn: str | None, user_arn: str | None) -> None:
        if session_arn and user_arn:
            raise CodeDeployException(
                "MultipleIamArnsProvidedException", "Both an IAM user ARN and an IAM session ARN were included"
            )
        if not session_arn and not user_arn:
            raise CodeDeployException("IamArnRequiredException", "No IAM ARN was included in the request")
        if user_arn and not USER_ARN.fullmatch(user_arn):
            raise CodeDeployException("InvalidIamUserArnException", f"The IAM user ARN {user_arn!r} is invalid")
        if session_arn and not SESSION_ARN.fullmatch(session_arn):
            raise CodeDeployException(
                "InvalidIamSessionArnException", f"The IAM session ARN {session_arn!r} is invalid"
            )
        for other in (i for i in self.on_premises.values() if i.deregistered is None):
            if user_arn and other.user_arn == user_arn:
                raise CodeDeployException(
                    "IamUserArnAlreadyRegisteredException", f"The IAM user ARN is already registered: {user_arn}"
                )
            if session_arn and other.session_arn == session_arn:
                raise CodeDeployException(
                    "IamSessionArnAlreadyRegisteredException",
                    f"The IAM session ARN is already registered: {session_arn}",
                )

    def deregister_on_premises_instance(self, instance_name: str | None = None) -> None:
        """Keeps the record with its deregister time; what is not registered is no error."""
        found = self.on_premises.get(validation.instance_name(instance_name))
        if found is not None and found.deregistered is None:
            found.deregistered = clock.datetime()
            host = registry.get(found.arn)
            if host is not None:
                host.halt("deregistered")  # its credentials are no longer taken

    def get_on_premises_instance(self, instance_name: str | None = None) -> OnPremisesInstance:
        name = validation.instance_name(instance_name)
        if name not in self.on_premises:
            raise InstanceNotRegistered(name=name)
        return self.on_premises[name]

    def batch_get_on_premises_instances(self, instance_names: list[str] | None = None) -> list[OnPremisesInstance]:
        required = CodeDeployException(
            "InstanceNameRequiredException", "An on-premises instance name was not specified"
        )
        names = [validation.instance_name(n) for n in validation.batch(instance_names, limits.BATCH, required)]
        return [self.on_premises[name] for name in names if name in self.on_premises]

    def list_on_premises_instances(
        self, registration_status: str | None = None, tag_filters: Tags | None = None, next_token: str | None = None
    ) -> tuple[list[str], str | None]:
        statuses = ("Registered", "Deregistered")
        code = "InvalidRegistrationStatusException"
        validation.enum(registration_status, statuses, code, "The registration status")
        validation.tag_filters(tag_filters, "InvalidTagFilterException")
        found = list(self.on_premises.values())
        if registration_status:
            found = [i for i in found if (i.deregistered is None) == (registration_status == "Registered")]
        if tag_filters:
            found = [i for i in found if fleet.meets(i.tags, [tag_filters])]
        return validation.page([i.name for i in found], next_token)

    def _tagged(self, tags: Tags | None, instance_names: list[str] | None) -> tuple[Tags, list[OnPremisesInstance]]:
        wanted = validation.on_premises_tags(tags)
        if not instance_names:
            raise CodeDeployException("InstanceNameRequiredException", "An on-premises instance name was not specified")
        if len(instance_names) > limits.PAGE_SIZE:
            raise CodeDeployException("InstanceLimitExceededException", "Too many on-premises instances in one call")
        found = [self.get_on_premises_instance(name) for name in instance_names]
        for instance in found:
            if instance.deregistered is not None:
                raise InstanceNotRegistered(name=instance.name)
        return wanted, found

    def add_tags_to_on_premises_instances(
        self, tags: Tags | None = None, instance_names: list[str] | None = None
    ) -> None:
        wanted, instances = self._tagged(tags, instance_names)
        added = {tag["Key"]: tag["Value"] for tag in wanted}
        if any(len({*instance.tags, *added}) > limits.ON_PREMISES_TAGS for instance in instances):
            raise CodeDeployException(
                "TagLimitExceededException", f"An on-premises instance can have {limits.ON_PREMISES_TAGS} tags"
            )
        for instance in instances:
            instance.tags.update(added)

    def remove_tags_from_on_premises_instances(
        self, tags: Tags | None = None, instance_names: list[str] | None = None
    ) -> None:
        wanted, instances = self._tagged(tags, instance_names)
        for instance in instances:
            for tag in wanted:
                if instance.tags.get(tag["Key"]) == tag["Value"]:
                    del instance.tags[tag["Key"]]
