# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""What follows distribution in each Region: launch templates and SSM parameters get the new AMI."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from moto.core.exceptions import JsonRESTError, ServiceException
from moto.ec2.models import ec2_backends
from moto.ssm.models import ssm_backends

from .store import Item, Store

OWN_PARAMETERS = "/imagebuilder/"


def apply(store: Store, image: Item, entry: Item) -> Iterator[Item]:
    """The failures of one entry of the distribution configuration, as regionFailures has them."""
    for wanted in entry.get("launchTemplateConfigurations", []):
        account = wanted.get("accountId", store.account_id)
        if not _launch_template(account, entry["region"], wanted, _ami(store, image, entry, account)):
            yield _failure(
                entry,
                account,
                "UPDATE_LAUNCH_TEMPLATES",
                f"The launch template '{wanted['launchTemplateId']}' does not exist in Region {entry['region']}.",
            )
    for wanted in entry.get("ssmParameterConfigurations", []):
        why = _parameter(store, image, entry, wanted)
        if why:
            yield _failure(entry, store.account_id, "PUT_SSM_PARAMETERS", why)


def _failure(entry: Item, account: str, step: str, why: str) -> Item:
    return {
        "region": entry["region"],
        "targetAccountId": account,
        "status": "FAILED",
        "imageConfigurationStep": step,
        "errorMessage": why,
    }


def _ami(store: Store, image: Item, entry: Item, account: str) -> str:
    """The AMI of the Region in that account, or else one that another account has there."""
    here = [ami for ami in image["outputResources"]["amis"] if ami["region"] == entry["region"]]
    own = [ami for ami in here if ami["accountId"] == account]
    return str((own or here)[0]["image"])


def _launch_template(account: str, region: str, wanted: Item, ami_id: str) -> bool:
    template: Any = ec2_backends[account][region].launch_templates.get(wanted["launchTemplateId"])
    if template is None:
        return False
    data = copy.deepcopy(template.latest_version().data)
    data["ImageId"] = ami_id
    version = template.create_version(data, "Created by EC2 Image Builder")
    if wanted.get("setDefaultVersion", True):
        template.default_version_number = version.number
    return True


def _parameter(store: Store, image: Item, entry: Item, wanted: Item) -> str | None:
    name = wanted["parameterName"]
    if not f"/{name.lstrip('/')}".startswith(OWN_PARAMETERS) and not image.get("executionRole"):
        return (
            "User is not authorized to perform: ssm:PutParameter on the parameter "
            f"{name}: the service-linked role may write below {OWN_PARAMETERS} only."
        )
    value = _ami(store, image, entry, wanted.get("amiAccountId", store.account_id))
    try:
        ssm_backends[store.account_id][entry["region"]].put_parameter(
            name=name,
            description="",
            value=value,
            parameter_type="String",
            allowed_pattern="",
            keyid="",
            overwrite=True,
            tags=[],
            data_type=wanted.get("dataType", "text"),
            tier=None,
            policies=None,
        )
    except (JsonRESTError, ServiceException) as refused:
        return str(refused.message)
    return None
