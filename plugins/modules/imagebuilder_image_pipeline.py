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
  - Create, update, tag and delete an EC2 Image Builder image pipeline. A pipeline combines a recipe, an infrastructure configuration and a
    distribution configuration, and can run on a schedule. Use M(slipway.aws.imagebuilder_image) to run it.
  - Options that are not set keep their current values. An empty value (V(""), V([]), V({})) clears the value of an option.
    O(image_scanning_configuration) is replaced as a whole. Suboptions that are omitted are removed.
  - Every update resets the number of consecutive failures that AWS counts, so the module writes only if something differs.
  - A new pipeline with a schedule starts to run on this schedule. Set O(status=DISABLED) to prevent this.
  - When a pipeline is deleted, its images are kept and its running builds continue.
author:
  - Slipway contributors (@slipway-aws)
options:
  name:
    description:
      - Name of the pipeline, 3 to 128 letters, digits, spaces, hyphens and underscores.
      - AWS treats names that differ only in case, or in spaces and underscores instead of hyphens, as the same pipeline.
    type: str
    required: true
    aliases: [image_pipeline_name]
  description:
    description:
      - Description of the pipeline, up to 1024 characters.
    type: str
  image_recipe_arn:
    description:
      - Recipe of the images, as an ARN or as the name of a recipe of this account, optionally with a version (V(web/1.x.x)).
      - With a wildcard, the pipeline uses new versions of the recipe automatically. A name without a version also stands for a wildcard.
      - A new pipeline requires this option or O(container_recipe_arn). An existing pipeline cannot change from one to the other.
    type: str
    aliases: [image_recipe]
  container_recipe_arn:
    description:
      - Recipe of the container images, in the same format as O(image_recipe_arn).
    type: str
    aliases: [container_recipe]
  infrastructure_configuration_arn:
    description:
      - Infrastructure configuration for the builds, as an ARN or as the name of a configuration of this account. Required for a new pipeline.
    type: str
    aliases: [infrastructure_configuration]
  distribution_configuration_arn:
    description:
      - Distribution configuration for the images, as an ARN or as the name of a configuration of this account. Without a distribution
        configuration, the AMI exists only in this account and Region.
    type: str
    aliases: [distribution_configuration]
  schedule:
    description:
      - Schedule of the pipeline. V({}) removes the schedule.
    type: dict
    suboptions:
      schedule_expression:
        description:
          - Cron expression with six fields, V(cron(minute hour day month weekday year\)), where exactly one of day and weekday is V(?), or a
            rate expression such as V(rate(1 day\)).
        type: str
      timezone:
        description: IANA name of the time zone of the schedule. If not set, AWS uses UTC.
        type: str
      pipeline_execution_start_condition:
        description:
          - Whether the pipeline builds every time the schedule matches (V(EXPRESSION_MATCH_ONLY)), or only if there is also a newer version of
            something that the recipe references with a wildcard. If not set, AWS uses the latter.
        type: str
        choices: [EXPRESSION_MATCH_ONLY, EXPRESSION_MATCH_AND_DEPENDENCY_UPDATES_AVAILABLE]
      auto_disable_policy:
        description: Condition on which AWS disables the pipeline.
        type: dict
        suboptions:
          failure_count:
            description: Number of consecutive failures of scheduled runs after which the pipeline is disabled, 1 to 10. Without a policy, AWS uses 5.
            type: int
            required: true
  status:
    description:
      - Whether the schedule is active. If not set, a new pipeline is enabled, and an existing pipeline keeps its status. A pipeline can be
        run manually in both states.
    type: str
    choices: [ENABLED, DISABLED]
  logging_configuration:
    description:
      - Log groups of the pipeline and its builds. Names outside C(/aws/imagebuilder/) require O(execution_role).
    type: dict
    suboptions:
      image_log_group_name:
        description: Log group for the builds. If not set, C(/aws/imagebuilder/IMAGE).
        type: str
      pipeline_log_group_name:
        description: Log group for the pipeline. If not set, C(/aws/imagebuilder/pipeline/PIPELINE).
        type: str
  image_tags:
    description:
      - Tags for images of scheduled runs. They replace the existing image tags. Images of manual runs get the tags that are set when the run
        is started.
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
    description: Image pipelines in the AWS documentation.
    link: https://docs.aws.amazon.com/imagebuilder/latest/userguide/manage-pipelines.html
"""

EXAMPLES = r"""
- name: Ensure a pipeline that uses the newest version of its recipe exists
  slipway.aws.imagebuilder_image_pipeline:
    name: golden
    image_recipe: golden
    infrastructure_configuration: golden
    distribution_configuration: golden

- name: Build every Sunday night if a newer version of a component or parent image exists
  slipway.aws.imagebuilder_image_pipeline:
    name: golden
    schedule:
      schedule_expression: cron(0 2 ? * sun *)
      timezone: Europe/Dublin

- name: Remove the pipeline
  slipway.aws.imagebuilder_image_pipeline:
    name: golden
    state: absent
"""

RETURN = r"""
image_pipeline:
  description:
    - The pipeline. Empty if the pipeline does not exist. In check mode, the expected state.
  returned: always
  type: dict
  contains:
    arn:
      description: ARN of the pipeline.
      type: str
      returned: when the pipeline exists
      sample: arn:aws:imagebuilder:eu-west-1:123456789012:image-pipeline/golden
    name:
      description: Name of the pipeline.
      type: str
      returned: when the pipeline exists
      sample: golden
    description:
      description: Description of the pipeline.
      type: str
      returned: when set
    platform:
      description: Platform of the images.
      type: str
      returned: when the pipeline exists
      sample: Linux
    status:
      description: Whether the schedule is active.
      type: str
      returned: when the pipeline exists
      sample: ENABLED
    image_recipe_arn:
      description: ARN of the recipe, which can contain wildcards.
      type: str
      returned: when the pipeline builds AMIs
      sample: arn:aws:imagebuilder:eu-west-1:123456789012:image-recipe/golden/x.x.x
    container_recipe_arn:
      description: ARN of the container recipe, which can contain wildcards.
      type: str
      returned: when the pipeline builds container images
    infrastructure_configuration_arn:
      description: ARN of the infrastructure configuration.
      type: str
      returned: when the pipeline exists
      sample: arn:aws:imagebuilder:eu-west-1:123456789012:infrastructure-configuration/golden
    distribution_configuration_arn:
      description: ARN of the distribution configuration.
      type: str
      returned: when set
    image_tests_configuration:
      description: Settings of the image tests.
      type: dict
      returned: when the pipeline exists
      sample: {"image_tests_enabled": true, "timeout_minutes": 720}
    enhanced_image_metadata_enabled:
      description: Whether AWS collects information about the contents of an image.
      type: bool
      returned: when the pipeline exists
      sample: true
    image_scanning_configuration:
      description: Settings of the scans for vulnerabilities.
      type: dict
      returned: when set
    schedule:
      description: Schedule of the pipeline.
      type: dict
      returned: when set
    workflows:
      description: Workflows that replace the default workflows of AWS.
      type: list
      elements: dict
      returned: when set
    execution_role:
      description: IAM role that runs the workflows.
      type: str
      returned: when set
    logging_configuration:
      description: Log groups of the pipeline and its builds.
      type: dict
      returned: when set
    image_tags:
      description: Tags for images of scheduled runs.
      type: dict
      returned: when set
    date_created:
      description: When the pipeline was created.
      type: str
      returned: when the pipeline exists
      sample: "2026-11-23T17:00:00.000Z"
    date_updated:
      description: When the pipeline was last changed.
      type: str
      returned: if the pipeline has been changed
    date_last_run:
      description: When the pipeline last ran.
      type: str
      returned: if the pipeline has run
    date_next_run:
      description: When the pipeline runs next on its schedule.
      type: str
      returned: when the pipeline has a schedule
    last_run_status:
      description: Result of the last run.
      type: str
      returned: if the pipeline has run
    consecutive_failures:
      description: Number of consecutive scheduled runs that failed.
      type: int
      returned: when AWS returns it
    tags:
      description: Tags of the pipeline.
      type: dict
      returned: when the pipeline exists
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
