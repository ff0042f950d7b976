# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""What follows distribution in each Region: licenses, launch templates, SSM parameters, fast launch and export."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

from moto.core.exceptions import JsonRESTError, ServiceException
from moto.ec2.models import ec2_backends
from moto.s3.models import s3_backends
from moto.ssm.models import ssm_backends
from moto.utilities.utils import get_partition

from slipway_emulator.faults import faults

from . import iam
from .store import Item, Store

OWN_PARAMETERS = "/imagebuilder/"

faults.declare(
    "image-configuration-fails",
    "what follows the copy of an image in one Region (launch template, SSM parameter, ...) fails",
    ("image", "region", "account", "step"),
    message="Failed to configure the AMI.",
    status="FAILED",
)
# An entry of the distribution configuration, what it configures there; why it cannot be done, None when it is.
Doing = Callable[[Store, Item, Item, Any], str | None]


def apply(store: Store, image: Item, entry: Item) -> Iterator[Item]:
    """The failures of one entry of the distribution configuration, as regionFailures has them."""
    for step, member, do in STEPS:
        wishes = entry.get(member, [])
        for wanted in [wishes] if isinstance(wishes, dict) else wishes:
            yield from _failures(store, image, entry, step, do, wanted)


def _failures(store: Store, image: Item, entry: Item, step: str, do: Doing, wanted: Any) -> Iterator[Item]:
    account = wanted.get("accountId", store.account_id) if isinstance(wanted, dict) else store.account_id
    facts = {"image": image["name"], "region": entry["region"], "account": account, "step": step}
    fault = faults.take("image-configuration-fails", **facts)
    why = str(fault["message"]) if fault else do(store, image, entry, wanted)
    if why:
        yield {
            "region": entry["region"],
            "targetAccountId": account,
            "status": fault["status"] if fault else "FAILED",
            "imageConfigurationStep": step,
            "errorMessage": why,
        }


def _ami(store: Store, image: Item, entry: Item, account: str) -> str:
    """The AMI of the Region in that account, or else one that another account has there."""
    here = [ami for ami in image["outputResources"]["amis"] if ami["region"] == entry["region"]]
    own = [ami for ami in here if ami["accountId"] == account]
    return str((own or here)[0]["image"])


def _license(_store: Store, _image: Item, _entry: Item, _arn: str) -> str | None:
    """Every license configuration exists: there is no License Manager here to ask."""
    return None


def _launch_template(store: Store, image: Item, entry: Item, wanted: Item) -> str | None:
    account, region = wanted.get("accountId", store.account_id), entry["region"]
    template: Any = ec2_backends[account][region].launch_templates.get(wanted["launchTemplateId"])
    if template is None:
        return f"The launch template '{wanted['launchTemplateId']}' does not exist in Region {region}."
    data = copy.deepcopy(template.latest_version().data)
    data["ImageId"] = _ami(store, image, entry, account)
    version = template.create_version(data, "Created by EC2 Image Builder")
    if wanted.get("setDefaultVersion", True):
        template.default_version_number = version.number
    return None


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


def _fast_launch(store: Store, image: Item, entry: Item, wanted: Item) -> str | None:
    """Of Windows AMIs only; which have it is not to be seen in EC2 here."""
    if image["platform"] != "Windows":
        return "Fast launching can be configured only for Windows AMIs."
    template = wanted.get("launchTemplate", {}).get("launchTemplateId")
    account = wanted.get("accountId", store.account_id)
    if template and template not in ec2_backends[account][entry["region"]].launch_templates:
        return f"The launch template '{template}' does not exist in Region {entry['region']}."
    return None


def _export(store: Store, image: Item, entry: Item, wanted: Item) -> str | None:
    if not iam.has_role(store.account_id, wanted["roleName"]):
        return f"The role '{wanted['roleName']}' does not exist."
    backend = s3_backends[store.account_id][get_partition(store.region_name)]
    if wanted["s3Bucket"] not in backend.buckets:
        return f"The bucket '{wanted['s3Bucket']}' does not exist."
    ami = _ami(store, image, entry, store.account_id)
    key = f"{wanted.get('s3Prefix', '')}export-{ami}.{wanted['diskImageFormat'].lower()}"
    backend.put_object(wanted["s3Bucket"], key, ami.encode())
    return None


STEPS: tuple[tuple[str, str, Doing], ...] = (  # step of the failure, member of the distribution
    ("ASSOCIATE_LICENSES", "licenseConfigurationArns", _license),
    ("UPDATE_LAUNCH_TEMPLATES", "launchTemplateConfigurations", _launch_template),
    ("PUT_SSM_PARAMETERS", "ssmParameterConfigurations", _parameter),
    ("UPDATE_FAST_LAUNCH_CONFIGURATIONS", "fastLaunchConfigurations", _fast_launch),
    ("EXPORT_AMI", "s3ExportConfiguration", _export),
)
