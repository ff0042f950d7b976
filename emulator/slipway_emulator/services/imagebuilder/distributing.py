# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""The rules that the entries of a distribution configuration have to keep."""

from __future__ import annotations

import re

from moto.core.base_backend import AccountSpecificBackend

from .exceptions import InvalidParameterCombinationException, InvalidParameterValueException
from .store import Item

PARTITIONS = ("aws", "aws-cn", "aws-us-gov")
_SESSION = AccountSpecificBackend.get_session()  # moto's own: a new one would read all endpoints again
REGIONS = [
    region for partition in PARTITIONS for region in _SESSION.get_available_regions("ec2", partition_name=partition)
]  # botocore lists none for imagebuilder
BUILD_DATE = re.compile(r"\{\{\s*imagebuilder:buildDate\s*\}\}")
VARIABLE = re.compile(r"\{\{\s*(.*?)\s*\}\}")
VARIABLES = ("imagebuilder:buildDate", "imagebuilder:buildVersion")


def check_distributions(distributions: list[Item]) -> None:
    """Raise InvalidParameterValueException or -CombinationException for the first entry that breaks a rule."""
    if not distributions:
        raise InvalidParameterValueException("distributions", "distributions must have at least 1 items.")
    regions = [entry["region"] for entry in distributions]
    for index, entry in enumerate(distributions):
        where = f"distributions[{index}]"
        if regions.count(entry["region"]) > 1:
            raise InvalidParameterValueException(
                f"{where}.region", f"The Region '{entry['region']}' is given more than once."
            )
        if entry["region"] not in REGIONS:
            raise InvalidParameterValueException(f"{where}.region", f"'{entry['region']}' is not a Region.")
        _check_ami(f"{where}.amiDistributionConfiguration", entry.get("amiDistributionConfiguration", {}))
        _check_parameters(f"{where}.ssmParameterConfigurations", entry)
        for launch in entry.get("fastLaunchConfigurations", []):
            template = launch.get("launchTemplate", {})
            if "launchTemplateId" in template and "launchTemplateName" in template:
                raise InvalidParameterCombinationException(
                    "Only one of 'launchTemplateId' and 'launchTemplateName' can be specified."
                )


def _check_ami(where: str, ami: Item) -> None:
    name = ami.get("name")
    if name is not None:
        if not BUILD_DATE.search(name):
            raise InvalidParameterValueException(f"{where}.name", "name must contain {{ imagebuilder:buildDate }}.")
        unknown = [variable for variable in VARIABLE.findall(name) if variable not in VARIABLES]
        if unknown:
            raise InvalidParameterValueException(f"{where}.name", f"'{unknown[0]}' is not a variable of AMI names.")
    for group in ami.get("launchPermission", {}).get("userGroups", []):
        if group != "all":
            raise InvalidParameterValueException(f"{where}.launchPermission.userGroups", "The only group is 'all'.")


def _check_parameters(where: str, entry: Item) -> None:
    targets = entry.get("amiDistributionConfiguration", {}).get("targetAccountIds", [])
    for index, parameter in enumerate(entry.get("ssmParameterConfigurations", [])):
        account = parameter.get("amiAccountId")
        if account and account not in targets:
            raise InvalidParameterValueException(
                f"{where}[{index}].amiAccountId", f"The account '{account}' is not one of targetAccountIds."
            )
