# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Infrastructure and distribution configurations: updated by full replacement."""

from __future__ import annotations

from moto.sns.models import sns_backends

from . import iam, listing
from .distributing import check_distributions
from .exceptions import (
    InvalidParameterCombinationException,
    InvalidParameterValueException,
    ResourceAlreadyExistsException,
    ResourceDependencyException,
)
from .store import Item, Store, now, picked

INFRASTRUCTURE = (
    "description",
    "instanceTypes",
    "instanceProfileName",
    "securityGroupIds",
    "subnetId",
    "logging",
    "keyPair",
    "snsTopicArn",
    "resourceTags",
    "instanceMetadataOptions",
    "placement",
    "parentInstance",
)
RESERVED_TAGS = {"CreatedBy", "Ec2ImageBuilderArn", "Name", "Tags"}
UNUSED_TIMEOUT = 720  # minutes; always returned, not settable


class Configurations(Store):
    """Operations on infrastructure and distribution configurations."""

    def create_infrastructure_configuration(self, parameters: Item) -> Item:
        return self._create(
            "infrastructure-configuration", "InfrastructureConfiguration", parameters, self._infrastructure(parameters)
        )

    def update_infrastructure_configuration(self, parameters: Item) -> Item:
        return self._replace("infrastructureConfigurationArn", parameters, self._infrastructure(parameters))

    def get_infrastructure_configuration(self, parameters: Item) -> Item:
        return {"infrastructureConfiguration": self.exact(parameters["infrastructureConfigurationArn"])}

    def delete_infrastructure_configuration(self, parameters: Item) -> Item:
        return self._delete_configuration("infrastructureConfigurationArn", parameters)

    def list_infrastructure_configurations(self, parameters: Item) -> Item:
        items = self.records("infrastructure-configuration")
        items = listing.select(items, parameters.get("filters"), listing.members("name"))
        return listing.page(
            "ListInfrastructureConfigurations", "infrastructureConfigurationSummaryList", items, parameters
        )

    def create_distribution_configuration(self, parameters: Item) -> Item:
        check_distributions(parameters["distributions"])
        members = {**picked(parameters, "description", "distributions"), "timeoutMinutes": UNUSED_TIMEOUT}
        return self._create("distribution-configuration", "DistributionConfiguration", parameters, members)

    def update_distribution_configuration(self, parameters: Item) -> Item:
        check_distributions(parameters["distributions"])
        members = {**picked(parameters, "description", "distributions"), "timeoutMinutes": UNUSED_TIMEOUT}
        return self._replace("distributionConfigurationArn", parameters, members)

    def get_distribution_configuration(self, parameters: Item) -> Item:
        return {"distributionConfiguration": self.exact(parameters["distributionConfigurationArn"])}

    def delete_distribution_configuration(self, parameters: Item) -> Item:
        return self._delete_configuration("distributionConfigurationArn", parameters)

    def list_distribution_configurations(self, parameters: Item) -> Item:
        items = [
            {**record, "regions": [each["region"] for each in record["distributions"]]}
            for record in self.records("distribution-configuration")
        ]
        items = listing.select(items, parameters.get("filters"), listing.members("name"))
        return listing.page("ListDistributionConfigurations", "distributionConfigurationSummaryList", items, parameters)

    def _infrastructure(self, parameters: Item) -> Item:
        """The members of an infrastructure configuration with the service's defaults."""
        self._check_infrastructure(parameters)
        return {
            "terminateInstanceOnFailure": parameters.get("terminateInstanceOnFailure", True),
            "terminateInstanceOnCompletion": parameters.get("terminateInstanceOnCompletion", True),
            **picked(parameters, *INFRASTRUCTURE),
        }

    def _check_infrastructure(self, parameters: Item) -> None:
        if iam.instance_profile(self.account_id, parameters["instanceProfileName"]) is None:
            raise InvalidParameterValueException(
                "instanceProfileName",
                "The provided instance profile does not exist. Please specify a different instance profile and try again.",
            )
        if parameters.get("subnetId") and not parameters.get("securityGroupIds"):
            raise InvalidParameterCombinationException("'securityGroupIds' must be specified together with 'subnetId'.")
        for key in parameters.get("resourceTags", {}):
            if key in RESERVED_TAGS:
                raise InvalidParameterValueException("resourceTags", f"The tag key '{key}' is reserved.")
        _check_placement(parameters.get("placement", {}))
        topic = parameters.get("snsTopicArn")
        if topic and topic not in sns_backends[self.account_id][topic.split(":")[3]].topics:
            raise InvalidParameterValueException("snsTopicArn", f"The SNS topic '{topic}' does not exist.")

    def _create(self, kind: str, noun: str, parameters: Item, members: Item) -> Item:
        arn = self.arn(kind, parameters["name"])
        if str(arn) in self.resources:
            raise ResourceAlreadyExistsException(noun, str(arn))
        self.add(arn, {"name": parameters["name"], **members}, parameters)
        return {f"{noun[0].lower()}{noun[1:]}Arn": str(arn)}

    def _replace(self, key: str, parameters: Item, members: Item) -> Item:
        """What the request does not say is gone, tags apart."""
        old = self.exact(parameters[key])
        kept = picked(old, "arn", "name", "dateCreated", "tags")
        self.resources[parameters[key]] = {**kept, **members, "dateUpdated": now()}
        return {key: parameters[key]}

    def _delete_configuration(self, key: str, parameters: Item) -> Item:
        self.exact(parameters[key])
        if any(pipeline.get(key) == parameters[key] for pipeline in self.records("image-pipeline")):
            raise ResourceDependencyException(parameters[key])
        del self.resources[parameters[key]]
        return {key: parameters[key]}


def _check_placement(placement: Item) -> None:
    if "hostId" in placement and "hostResourceGroupArn" in placement:
        raise InvalidParameterCombinationException("Only one of 'hostId' and 'hostResourceGroupArn' can be specified.")
    if ("hostId" in placement or "hostResourceGroupArn" in placement) and placement.get("tenancy") != "host":
        raise InvalidParameterCombinationException("A host can be specified only with the tenancy 'host'.")
