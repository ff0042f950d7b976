# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The newest image of EC2 Image Builder in a Region."""

from __future__ import annotations

DOCUMENTATION = r"""
name: image
short_description: Look up the newest image of EC2 Image Builder in a Region
version_added: 1.0.0
author:
  - Slipway contributors (@slipway-aws)
description:
  - Returns the newest available image of a pipeline, of a recipe, with tags, or that an SSM parameter names, with the id of its AMI in a Region, its
    age, and the digest of what it was built from.
  - An image that M(slipway.aws.imagebuilder_image_distribution) distributed to the Region is as old as the image that was distributed.
options:
  _terms:
    description: The lookup takes no terms.
    required: false
  image_pipeline:
    description: ARN or name of the pipeline. Exactly one of O(image_pipeline), O(image_recipe), O(tags) and O(ssm_parameter) is required.
    type: str
  image_recipe:
    description: ARN or name of the recipe. The images of all versions count.
    type: str
  tags:
    description: Tags that the image resource must have.
    type: dict
  ssm_parameter:
    description: Name of an SSM parameter in O(image_region) that contains the id of an AMI. If Image Builder did not make the AMI, only its id is known.
    type: str
  image_region:
    description: Region in which the image is needed. If not set, O(region), which is the Region of Image Builder.
    type: str
extends_documentation_fragment:
  - amazon.aws.boto3
  - amazon.aws.common.plugins
  - amazon.aws.region.plugins
  - slipway.aws._options.role
seealso:
  - module: slipway.aws.imagebuilder_image_info
  - module: slipway.aws.imagebuilder_image
"""

EXAMPLES = r"""
- name: Show the newest AMI of a pipeline
  ansible.builtin.debug:
    msg: "{{ lookup('slipway.aws.image', image_pipeline='golden', region='eu-west-1').image_id }}"

- name: Check the age of the image that another Region has
  ansible.builtin.assert:
    that: image.age_days < 30
  vars:
    image: "{{ lookup('slipway.aws.image', image_recipe='golden', region='eu-west-1', image_region='eu-central-1') }}"

- name: Show what the image of a parameter was built from
  ansible.builtin.debug:
    msg: "{{ lookup('slipway.aws.image', ssm_parameter='/imagebuilder/golden/ami', region='eu-west-1', image_region='eu-central-1').digest }}"
"""

RETURN = r"""
_raw:
  description: The image.
  type: list
  elements: dict
  contains:
    image_id:
      description: Id of the AMI in O(image_region). If there are several, that of this account.
      type: str
      sample: ami-0123456789abcdef0
    region:
      description: Region of the AMI.
      type: str
      sample: eu-west-1
    arn:
      description: ARN of the build, V(null) if the AMI is not from Image Builder.
      type: str
      sample: arn:aws:imagebuilder:eu-west-1:123456789012:image/golden/1.0.0/1
    name:
      description: Name of the image.
      type: str
      sample: golden
    version:
      description: Version and build number.
      type: str
      sample: 1.0.0/1
    date_created:
      description: When the build started.
      type: str
      sample: "2026-11-23T17:00:00.000Z"
    age_days:
      description: Whole days since then, by the clock of AWS.
      type: int
      sample: 4
    digest:
      description: Digest of the inputs of the image, V(null) if the build was not started by M(slipway.aws.imagebuilder_image).
      type: str
    tags:
      description: Tags of the image resource.
      type: dict
"""

import typing as t

from ansible.errors import AnsibleLookupError
from ansible_collections.amazon.aws.plugins.plugin_utils.botocore import get_aws_connection_info
from ansible_collections.amazon.aws.plugins.plugin_utils.lookup import AWSLookupBase

from ansible_collections.slipway.aws.plugins.module_utils._core.client import connected
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import FAILURES, failure
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.newest import newest


class LookupModule(AWSLookupBase):
    def run(self, terms: t.List[str], variables: t.Any = None, **kwargs: t.Any) -> t.List[t.Dict[str, t.Any]]:
        super().run(terms, variables, **kwargs)
        if terms:
            raise AnsibleLookupError(
                "slipway.aws.image takes no terms. Set image_pipeline, image_recipe, tags or ssm_parameter."
            )
        try:
            return [newest(connected(get_aws_connection_info(self), self.get_options()), self.get_options())]
        except FAILURES as problem:
            raise AnsibleLookupError(failure(problem, "Failed to look up the image")["msg"]) from None
