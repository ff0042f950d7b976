#!/usr/bin/python
# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: imagebuilder_image_pipeline
short_description: Manage an EC2 Image Builder image pipeline
version_added: 1.0.0
description:
  - Create, change, tag and delete an image pipeline, which ties a recipe, an infrastructure and a distribution
    configuration together and may run on a schedule. M(slipway.aws.imagebuilder_image) runs it.
  - What is not given stays as it is. An empty value (V(""), V([]), V({})) clears a member.
    O(image_scanning_configuration) is one value; what is left out of it is removed.
  - Every change resets the number of consecutive failures that AWS counts, so nothing is written without a difference.
  - A new pipeline with a schedule begins to run on it; give O(status=DISABLED) for one that does not.
  - Deleting a pipeline leaves its images, and builds that run go on.
author:
  - Slipway contributors (@slipway-aws)
options:
  name:
    description:
      - Name of the pipeline, 3 to 128 letters, digits, spaces and any of C(-_).
      - Names that differ only in case, or in spaces and underscores instead of hyphens, are the same pipeline to AWS.
    type: str
    required: true
    aliases: [image_pipeline_name]
  description:
    description:
      - What it is for, up to 1024 characters.
    type: str
  image_recipe_arn:
    description:
      - The recipe of its images. ARN, or the name of a recipe of this account, perhaps with a version (V(web/1.x.x)).
      - With a wildcard, which a name alone stands for, the pipeline follows new versions of the recipe by itself.
      - A new pipeline needs this or O(container_recipe_arn). An existing one cannot go from one to the other.
    type: str
    aliases: [image_recipe]
  container_recipe_arn:
    description:
      - The recipe of its container images, written as O(image_recipe_arn).
    type: str
    aliases: [container_recipe]
  infrastructure_configuration_arn:
    description:
      - Where and how it builds. ARN, or the name of a configuration of this account. Required for a new pipeline.
    type: str
    aliases: [infrastructure_configuration]
  distribution_configuration_arn:
    description:
      - Where its images go. ARN, or the name of a configuration of this account. Without one there is an AMI in this
        account and Region only.
    type: str
    aliases: [distribution_configuration]
  schedule:
    description:
      - When it runs by itself. V({}) takes the schedule away.
    type: dict
    suboptions:
      schedule_expression:
        description:
          - Six fields, V(cron(minute hour day month weekday year\)), with V(?) in exactly one of day and weekday, or V(rate(1 day\)).
        type: str
      timezone:
        description: IANA name of the time zone of the expression; AWS takes UTC when not given.
        type: str
      pipeline_execution_start_condition:
        description:
          - Whether it builds at every match, or only (as AWS does when not given) when something newer answers to a wildcard of the
            recipe.
        type: str
        choices: [EXPRESSION_MATCH_ONLY, EXPRESSION_MATCH_AND_DEPENDENCY_UPDATES_AVAILABLE]
      auto_disable_policy:
        description: When AWS disables the pipeline.
        type: dict
        suboptions:
          failure_count:
            description: After so many scheduled failures in a row, 1 to 10. AWS takes 5 when not given.
            type: int
            required: true
  status:
    description:
      - Whether the schedule is heeded. A pipeline is enabled when it is created without this, and stays as it is when changed
        without this. It can be run by hand in either state.
    type: str
    choices: [ENABLED, DISABLED]
  logging_configuration:
    description:
      - Log groups. Names outside C(/aws/imagebuilder/) need O(execution_role).
    type: dict
    suboptions:
      image_log_group_name:
        description: For the builds; C(/aws/imagebuilder/IMAGE) when not given.
        type: str
      pipeline_log_group_name:
        description: For the pipeline; C(/aws/imagebuilder/pipeline/PIPELINE) when not given.
        type: str
  image_tags:
    description:
      - Tags for images of scheduled runs. They replace those that were there. Images of runs by hand are tagged by what
        starts them.
    type: dict
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
  - slipway.aws._imagebuilder.build
  - slipway.aws._options.state
  - slipway.aws._options.role
  - slipway.aws._attributes.noun
seealso:
  - module: slipway.aws.imagebuilder_image_pipeline_info
  - module: slipway.aws.imagebuilder_image
  - module: slipway.aws.imagebuilder_image_recipe
  - name: Image pipelines in EC2 Image Builder
    description: What they are, in the AWS documentation.
    link: https://docs.aws.amazon.com/imagebuilder/latest/userguide/manage-pipelines.html
"""

EXAMPLES = r"""
- name: A pipeline that follows the newest version of its recipe
  slipway.aws.imagebuilder_image_pipeline:
    name: golden
    image_recipe: golden
    infrastructure_configuration: golden
    distribution_configuration: golden

- name: Build every Sunday night if there is something newer to build from
  slipway.aws.imagebuilder_image_pipeline:
    name: golden
    schedule:
      schedule_expression: cron(0 2 ? * sun *)
      timezone: Europe/Dublin

- name: Remove it
  slipway.aws.imagebuilder_image_pipeline:
    name: golden
    state: absent
"""

RETURN = r"""
image_pipeline:
  description:
    - The pipeline. Empty when it is absent. In check mode, as it would become.
  returned: always
  type: dict
  contains:
    arn:
      description: Its ARN.
      type: str
      returned: when it exists
      sample: arn:aws:imagebuilder:eu-west-1:123456789012:image-pipeline/golden
    name:
      description: Its name.
      type: str
      returned: when it exists
      sample: golden
    description:
      description: What it is for.
      type: str
      returned: when it has one
    platform:
      description: Platform of its images.
      type: str
      returned: when it exists
      sample: Linux
    status:
      description: Whether the schedule is heeded.
      type: str
      returned: when it exists
      sample: ENABLED
    image_recipe_arn:
      description: The recipe, perhaps with wildcards.
      type: str
      returned: when it makes AMIs
      sample: arn:aws:imagebuilder:eu-west-1:123456789012:image-recipe/golden/x.x.x
    container_recipe_arn:
      description: The recipe, perhaps with wildcards.
      type: str
      returned: when it makes container images
    infrastructure_configuration_arn:
      description: Where and how it builds.
      type: str
      returned: when it exists
      sample: arn:aws:imagebuilder:eu-west-1:123456789012:infrastructure-configuration/golden
    distribution_configuration_arn:
      description: Where its images go.
      type: str
      returned: when set
    image_tests_configuration:
      description: Whether and how images are tested.
      type: dict
      returned: when it exists
      sample: {"image_tests_enabled": true, "timeout_minutes": 720}
    enhanced_image_metadata_enabled:
      description: Whether AWS collects what is in an image.
      type: bool
      returned: when it exists
      sample: true
    image_scanning_configuration:
      description: Whether and how it looks for vulnerabilities.
      type: dict
      returned: when set
    schedule:
      description: When it runs by itself.
      type: dict
      returned: when set
    workflows:
      description: Workflows that replace AWS's own.
      type: list
      elements: dict
      returned: when set
    execution_role:
      description: Role of the workflows.
      type: str
      returned: when set
    logging_configuration:
      description: Log groups.
      type: dict
      returned: when set
    image_tags:
      description: Tags for images of scheduled runs.
      type: dict
      returned: when set
    date_created:
      description: When it was created.
      type: str
      returned: when it exists
      sample: "2026-11-23T17:00:00.000Z"
    date_updated:
      description: When it was last changed.
      type: str
      returned: when it was ever changed
    date_last_run:
      description: When it last ran.
      type: str
      returned: when it ever ran
    date_next_run:
      description: When it runs next by its schedule.
      type: str
      returned: when it has a schedule
    last_run_status:
      description: How the last run ended.
      type: str
      returned: when it ever ran
    consecutive_failures:
      description: Scheduled runs in a row that failed.
      type: int
      returned: when AWS tells
    tags:
      description: Its tags.
      type: dict
      returned: when it exists
      sample: {"Team": "platform"}
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.slipway.aws.plugins.module_utils._core.client import ROLE_OPTIONS, STATE_OPTION, TAG_OPTIONS
from ansible_collections.slipway.aws.plugins.module_utils._core.resource import Resource, ensure
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape, chosen
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.nouns import (
    PIPELINE,
    creator,
    deleter,
    retag,
    updater,
)
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.options import PIPELINE_OPTIONS
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.references import find_referring_pipeline
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.shapes import (
    RUNS_BY_DEFAULT,
    SCANNING,
    asked,
    whole,
)


def want(params: Shape) -> Shape:
    wanted = asked(params, "name", *PIPELINE_OPTIONS)
    if wanted["imageTestsConfiguration"] == {}:
        wanted["imageTestsConfiguration"] = RUNS_BY_DEFAULT  # cleared, AWS fills it in again
    wanted["imageScanningConfiguration"] = chosen(wanted["imageScanningConfiguration"], SCANNING)
    return {**wanted, "workflows": whole(wanted["workflows"]), "tags": params["tags"]}


IMAGE_PIPELINE = Resource(
    service="imagebuilder",
    name="image_pipeline",
    find=find_referring_pipeline,
    want=want,
    create=creator(PIPELINE),
    update=updater(PIPELINE),
    delete=deleter(PIPELINE),
    retag=retag,
    fixed=frozenset({"name"}),
)

ARGUMENT_SPEC = {
    "name": {"type": "str", "required": True, "aliases": ["image_pipeline_name"]},
    **PIPELINE_OPTIONS,
    **STATE_OPTION,
    **TAG_OPTIONS,
    **ROLE_OPTIONS,
}


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec=ARGUMENT_SPEC,
        supports_check_mode=True,
        mutually_exclusive=[("image_recipe_arn", "container_recipe_arn")],
    )
    ensure(module, IMAGE_PIPELINE)


if __name__ == "__main__":
    main()
