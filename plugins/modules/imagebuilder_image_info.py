#!/usr/bin/python
# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: imagebuilder_image_info
short_description: Read EC2 Image Builder images
version_added: 1.0.0
description:
  - Read the EC2 Image Builder images of an account and Region. For the images of this account, every build is listed; for the images of
    other owners, every version is listed.
  - A list contains a summary of each image, with its state and AMIs. With O(name), one image is returned with all details. A name without a
    build number selects the newest build that is available.
author:
  - Slipway contributors (@slipway-aws)
options:
  image_pipeline_arn:
    description:
      - Pipeline to list the images of, as an ARN or as the name of a pipeline of this account.
    type: str
    aliases: [image_pipeline]
  owner:
    description:
      - Owner of the images to list. If set, versions of the images of this owner are listed. If not set, builds of the images of this account.
    type: str
    choices: [Self, Shared, Amazon, ThirdParty, AWSMarketplace]
  by_name:
    description:
      - With O(owner), whether to list all versions of a name as one entry. Cannot be combined with the filter V(version).
    type: bool
  include_deprecated:
    description:
      - With O(owner), whether to also list deprecated images of Amazon.
    type: bool
  packages:
    description:
      - With O(name), whether to return the packages of the image. AWS collects them if C(enhanced_image_metadata_enabled) of the build is true.
        Only for images that were built in this account.
    type: bool
    default: false
  scan_findings:
    description:
      - With O(name), whether to return the findings of the scan of the image.
    type: bool
    default: false
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - slipway.aws._imagebuilder.info
  - slipway.aws._options.role
  - slipway.aws._attributes.info
notes:
  - The filters of AWS are name, osVersion, platform, type and version; with O(image_pipeline_arn), name and version.
seealso:
  - module: slipway.aws.imagebuilder_image
  - name: Images in EC2 Image Builder
    description: Images in the AWS documentation.
    link: https://docs.aws.amazon.com/imagebuilder/latest/userguide/manage-images.html
"""

EXAMPLES = r"""
- name: Read the newest image of a recipe
  slipway.aws.imagebuilder_image_info:
    name: golden

- name: Read one build, even if it failed
  slipway.aws.imagebuilder_image_info:
    name: golden/1.0.0/2

- name: Read the packages of an image and the vulnerabilities that were found in them
  slipway.aws.imagebuilder_image_info:
    name: golden/1.0.0/1
    packages: true
    scan_findings: true

- name: List the builds of a pipeline
  slipway.aws.imagebuilder_image_info:
    image_pipeline: golden

- name: List the images of Amazon that can be parent images
  slipway.aws.imagebuilder_image_info:
    owner: Amazon
    by_name: true
"""

RETURN = r"""
images:
  description: The images that were found, in the order in which AWS returns them.
  returned: always
  type: list
  elements: dict
  contains:
    arn:
      description: ARN of the image.
      type: str
      returned: always
      sample: arn:aws:imagebuilder:eu-west-1:123456789012:image/golden/1.0.0/1
    name:
      description: Name of the image.
      type: str
      returned: always
      sample: golden
    version:
      description: Version of the recipe and build number.
      type: str
      returned: always
      sample: 1.0.0/1
    type:
      description: Type of the image, V(AMI) or V(DOCKER).
      type: str
      returned: always
      sample: AMI
    platform:
      description: Platform of the image.
      type: str
      returned: always
      sample: Linux
    os_version:
      description: Operating system of the image.
      type: str
      returned: when AWS returns it
    state:
      description: State of the build, with reason and context if it failed.
      type: dict
      returned: for builds
      sample: {"status": "AVAILABLE"}
    output_resources:
      description: AMIs and container images of the build.
      type: dict
      returned: for builds
    build_type:
      description: How the build was started.
      type: str
      returned: always
      sample: USER_INITIATED
    owner:
      description: Owner of the image.
      type: str
      returned: always
      sample: "123456789012"
    packages:
      description: Packages of the image.
      type: list
      elements: dict
      returned: when O(packages=true)
      sample: [{"package_name": "openssl", "package_version": "3.0.8"}]
    scan_state:
      description: State of the scan, with the reason if it failed.
      type: dict
      returned: when O(name) is set and the image is scanned
      sample: {"status": "COMPLETED"}
    scan_findings:
      description: Findings of the scan, in the format of RV(slipway.aws.imagebuilder_image#module:scan_findings).
      type: list
      elements: dict
      returned: when O(scan_findings=true)
    image_recipe:
      description: The recipe at the time of the build.
      type: dict
      returned: when O(name) is set
    source_pipeline_arn:
      description: ARN of the pipeline that built the image.
      type: str
      returned: when O(name) is set and a pipeline built the image
    logging_configuration:
      description: Log group of the build.
      type: dict
      returned: for builds
    date_created:
      description: When the image was created.
      type: str
      returned: always
      sample: "2026-11-23T17:00:00.000Z"
    tags:
      description: Tags of the image.
      type: dict
      returned: when AWS returns it
      sample: {"Team": "platform"}
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.slipway.aws.plugins.module_utils._core.client import ROLE_OPTIONS, Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import Refused
from ansible_collections.slipway.aws.plugins.module_utils._core.resource import report
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.arns import full_arn
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.findings import findings, packages
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.nouns import PIPELINE
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.reading import (
    INFO_OPTIONS,
    OWNERS,
    found,
    query,
)
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.removal import listed
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.shapes import camel

READERS = {"packages": packages, "scan_findings": findings}
ARGUMENT_SPEC = {
    **INFO_OPTIONS,
    "image_pipeline_arn": {"type": "str", "aliases": ["image_pipeline"]},
    "owner": {"type": "str", "choices": OWNERS},
    "by_name": {"type": "bool"},
    "include_deprecated": {"type": "bool"},
    **{name: {"type": "bool", "default": False} for name in READERS},
    **ROLE_OPTIONS,
}


def contents(aws: Connection, params: Shape, arn: str) -> Shape:
    return {camel(name): reader(aws, arn) for name, reader in READERS.items() if params[name]}


def items(aws: Connection, params: Shape) -> list[Shape]:
    if params["image_pipeline_arn"]:
        arn = full_arn(aws, PIPELINE, params["image_pipeline_arn"])
        return listed(aws, "list_image_pipeline_images", "imageSummaryList", imagePipelineArn=arn, **query(params))
    if params["name"]:
        return [{**image, **contents(aws, params, image["arn"])} for image in found(aws, "image", params)]
    if params["packages"] or params["scan_findings"]:
        raise Refused("packages and scan_findings require name. Add the name of one image, with or without its version")
    if params["owner"]:
        return found(aws, "image", params)
    return listed(aws, "list_image_build_versions", "imageSummaryList", **query(params))


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec=ARGUMENT_SPEC,
        supports_check_mode=True,
        mutually_exclusive=[("name", "image_pipeline_arn", "owner")],
        required_by={"by_name": ("owner",), "include_deprecated": ("owner",)},
    )
    report(module, "images", lambda aws: items(aws, module.params))


if __name__ == "__main__":
    main()
