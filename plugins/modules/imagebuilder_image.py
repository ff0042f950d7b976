#!/usr/bin/python
# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: imagebuilder_image
short_description: Build an image with EC2 Image Builder, or change the state of images
version_added: 1.0.0
description:
  - Build an EC2 Image Builder image from the current inputs of a pipeline, or of a recipe with its configurations. The module waits until
    the image is available and shows the steps of the build.
  - Nothing is built if the newest available image was built from the same inputs. To compare them, the module stores a digest of the
    inputs in the tag C(slipway:inputs-digest) of the image. The inputs are the recipe (name, volumes, working directory, build
    instance, AMI tags and watermarks), the current documents of its components with their parameters, the AMI or image build that the
    parent image currently resolves to, the members C(instance_profile_name), C(instance_types) and C(parent_instance) of the infrastructure
    configuration, and workflows that replace the default workflows of AWS.
  - Not part of the inputs are the place where a build runs (subnet, logs, key pair), descriptions, versions without a change of the
    content, tests and scans.
  - An image that is missing in a Region or account of the distribution configuration is built again. Other changes of the
    distribution configuration (permissions, tags) take effect with the next build.
  - If a build with the same inputs is in progress, or a build that has no record of its inputs (such as a scheduled build), the module
    waits for that build instead of starting another one.
  - Builds can be canceled and retried, and images can be deprecated, disabled and removed.
  - In check mode nothing is written. The result shows whether an image would be built or changed, and why.
author:
  - Slipway contributors (@slipway-aws)
options:
  state:
    description:
      - With V(present), an image is built if necessary. With V(absent), images are removed. The module fails if one of them is being built.
      - With V(cancelled), all builds in progress are canceled. AMIs that they have already made remain. With V(retried), the newest build is
        continued where it failed or was canceled. AWS can only repeat the tests and the distribution of an AMI. What
        M(slipway.aws.imagebuilder_image_distribution) makes of an image is canceled and retried by O(image_build_version_arn) only.
      - With V(deprecated), V(disabled) or V(available), one image gets this state. A deprecated image can still be used, a disabled one cannot.
    type: str
    choices: [present, absent, cancelled, retried, deprecated, disabled, available]
    default: present
  image_pipeline_arn:
    description:
      - Pipeline to run, as an ARN or as the name of a pipeline of this account. The pipeline can be disabled.
      - With O(state=absent), all images of the pipeline are removed.
    type: str
    aliases: [image_pipeline]
  image_recipe_arn:
    description:
      - Recipe to build from without a pipeline, as an ARN or as the name of a recipe of this account, optionally with a version
        (V(web/1.x.x)). Requires O(infrastructure_configuration_arn).
      - With O(state=absent), all images with the name of the recipe are removed.
    type: str
    aliases: [image_recipe]
  container_recipe_arn:
    description:
      - Container recipe to build from without a pipeline, in the same format as O(image_recipe_arn).
      - The module does not notice a new image behind a tag of a registry (V(amazonlinux:latest)). Use O(max_age_days) to build regularly.
    type: str
    aliases: [container_recipe]
  infrastructure_configuration_arn:
    description:
      - Infrastructure configuration for a build without a pipeline, as an ARN or as the name of a configuration of this account.
    type: str
    aliases: [infrastructure_configuration]
  distribution_configuration_arn:
    description:
      - Distribution configuration for a build without a pipeline, as an ARN or as the name of a configuration of this account.
    type: str
    aliases: [distribution_configuration]
  logging_configuration:
    description:
      - Logging settings of a build without a pipeline.
    type: dict
    suboptions:
      log_group_name:
        description: Name of the log group. If not set, C(/aws/imagebuilder/IMAGE). Other names require O(execution_role).
        type: str
  image_build_version_arn:
    description:
      - The single image to change, as an ARN or as name, version and build number (V(web/1.0.3/2)). Not with O(state=present).
      - Required with O(state=deprecated), O(state=disabled) and O(state=available).
    type: str
  include_resources:
    description:
      - What else gets the state, with O(state=deprecated), O(state=disabled) or O(state=available).
    type: dict
    suboptions:
      amis:
        description:
          - Whether the AMIs of the image get the state as well, in every Region and account. Instances cannot be launched from a disabled AMI,
            and it is no longer shared. Requires O(execution_role).
        type: bool
  exclusion_rules:
    description:
      - Which AMIs of the image are not changed, with O(include_resources) or with O(state=absent), O(delete_resources) and O(execution_role). An image is
        not removed if one of its AMIs is excluded; it is returned in RV(left) then.
      - AWS evaluates the rules, so check mode cannot.
    type: dict
    suboptions:
      amis:
        description: Which AMIs are not changed.
        type: dict
        suboptions:
          is_public:
            description: Whether public AMIs are excluded.
            type: bool
          regions:
            description: Regions whose AMIs are excluded.
            type: list
            elements: str
          shared_accounts:
            description: Accounts. AMIs that are shared with one of them are excluded.
            type: list
            elements: str
          last_launched:
            description: Time. AMIs from which an instance was launched in this time are excluded.
            type: dict
            suboptions:
              value:
                description: Number of units, 1 to 365.
                type: int
                required: true
              unit:
                description: Unit of the time.
                type: str
                choices: [DAYS, WEEKS, MONTHS, YEARS]
                required: true
          tag_map:
            description: Tags of AMIs. AMIs with any of these tags are excluded.
            type: dict
  update_at:
    description:
      - Time of the deprecation, with time zone, for example V(2026-12-24T18:00:00Z). Requires O(state=deprecated). If not set, the image is
        deprecated immediately.
    type: str
  delete_resources:
    description:
      - With O(state=absent), whether to also remove the AMIs and their snapshots, in every Region. With V(false), only the image
        resources of Image Builder are removed.
      - The caller needs the permissions C(ec2:DeregisterImage) and C(ec2:DeleteSnapshot), and botocore 1.40.0 or newer. Copies in other
        accounts and container images are not removed and are returned in RV(left). With O(execution_role), Image Builder removes them as well.
    type: bool
    default: false
  tags:
    description:
      - Tags for the image that is built. They do not change an existing image, and they are not applied to the AMI.
    type: dict
    aliases: [resource_tags]
  force:
    description:
      - Whether to build an image even if its inputs have not changed. If a build is in progress, the module waits for that build.
    type: bool
    default: false
  max_age_days:
    description:
      - Maximum age of the newest image in days, counted from the start of its build by the clock of AWS. An older image is built again, so
        that it contains the current packages of its repositories.
      - If not set, the age of the image does not matter.
    type: int
  scan_findings:
    description:
      - Fails the task if the scan of the image has severe findings, with O(state=present) and O(state=retried). The image must have been scanned
        with V(TEST_INSTANCE_CVE), or be a container image. This is checked again on every run, also if nothing is built. An image that was
        built before scans were enabled is built again.
      - At this time AWS has already distributed the image. To prevent the distribution, use C(scan_result_condition) of
        C(image_scanning_configuration), which needs a scan with V(ON_DEMAND_AMI_CVE).
      - With O(wait=false), the findings of a build that is started or in progress are not checked. The caller needs the permission
        C(imagebuilder:ListImageScanFindings).
    type: dict
    suboptions:
      fail_on:
        description: Lowest severity of findings that fail the task.
        type: str
        choices: [INFORMATIONAL, LOW, MEDIUM, HIGH, CRITICAL]
        required: true
      fix_available:
        description: Whether to consider only findings that have a fix for at least one of their packages.
        type: bool
      ignore:
        description: Ids of vulnerabilities that are accepted, for example V(CVE-2026-0001).
        type: list
        elements: str
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - slipway.aws._imagebuilder.build
  - slipway.aws._options.wait
  - slipway.aws._options.follow
  - slipway.aws._options.role
  - slipway.aws._attributes.act
notes:
  - Ansible prints a short result for a failed task. The notes of M(slipway.aws.codedeploy_deployment) describe when it prints the full result.
  - O(image_tests_configuration), O(enhanced_image_metadata_enabled), O(image_scanning_configuration) and O(workflows) apply only to
    builds without a pipeline. A pipeline has its own settings.
  - With O(state=deprecated), O(state=disabled) or O(state=available) together with O(include_resources), with O(state=cancelled), and with
    O(state=absent), the module waits at most an hour if O(wait_timeout) is not set. The role of O(execution_role) needs the managed policy
    C(EC2ImageBuilderLifecycleExecutionPolicy).
  - If O(wait_timeout) is not set, the module waits until the build is six hours old. After that the task fails, but the build
    continues in AWS, and a second run waits for it again.
seealso:
  - module: slipway.aws.imagebuilder_image_info
  - module: slipway.aws.imagebuilder_image_pipeline
  - name: Images in EC2 Image Builder
    description: Images in the AWS documentation.
    link: https://docs.aws.amazon.com/imagebuilder/latest/userguide/create-images.html
"""

EXAMPLES = r"""
- name: Ensure an image of the pipeline that is at most 30 days old exists
  slipway.aws.imagebuilder_image:
    image_pipeline: golden
    max_age_days: 30
  register: baked

- name: Build an image and fail if its scan has critical findings
  slipway.aws.imagebuilder_image:
    image_pipeline: golden
    scan_findings:
      fail_on: CRITICAL
      fix_available: true

- name: Build an image without a pipeline
  slipway.aws.imagebuilder_image:
    image_recipe: golden
    infrastructure_configuration: golden
    distribution_configuration: golden

- name: Build a container image
  slipway.aws.imagebuilder_image:
    container_recipe: golden
    infrastructure_configuration: golden

- name: Start a build without waiting for it
  slipway.aws.imagebuilder_image:
    image_pipeline: golden
    wait: false

- name: Cancel the builds of the pipeline that are in progress
  slipway.aws.imagebuilder_image:
    image_pipeline: golden
    state: cancelled

- name: Repeat the tests or the distribution of the newest build
  slipway.aws.imagebuilder_image:
    image_pipeline: golden
    state: retried

- name: Deprecate an image and its AMIs
  slipway.aws.imagebuilder_image:
    image_build_version_arn: golden/1.0.0/1
    state: deprecated
    include_resources:
      amis: true
    execution_role: image-lifecycle

- name: Remove all images of the pipeline with their AMIs and snapshots
  slipway.aws.imagebuilder_image:
    image_pipeline: golden
    state: absent
    delete_resources: true
"""

RETURN = r"""
image:
  description:
    - The image of the new build or of the build in progress, or the newest available image if nothing is built. Empty if there is no image.
    - With the other states, the image that was changed, the newest one of several.
  returned: always
  type: dict
  contains:
    arn:
      description: ARN of the build.
      type: str
      returned: when there is an image
      sample: arn:aws:imagebuilder:eu-west-1:123456789012:image/golden/1.0.0/1
    name:
      description: Name of the image, which is the name of the recipe.
      type: str
      returned: when there is an image
      sample: golden
    version:
      description: Version of the recipe and build number.
      type: str
      returned: when there is an image
      sample: 1.0.0/1
    type:
      description: Type of the image, V(AMI) or V(DOCKER).
      type: str
      returned: when there is an image
      sample: AMI
    platform:
      description: Platform of the image.
      type: str
      returned: when there is an image
      sample: Linux
    os_version:
      description: Operating system of the image.
      type: str
      returned: when AWS returns it
    state:
      description: State of the build, with reason and context if it failed.
      type: dict
      returned: when there is an image
      sample: {"status": "AVAILABLE"}
    output_resources:
      description: All AMIs and container images of the build, in every Region and account.
      type: dict
      returned: when the build has any
    scan_state:
      description: State of the scan, with the reason if it failed.
      type: dict
      returned: when the image is scanned
      sample: {"status": "COMPLETED"}
    image_recipe:
      description: The recipe at the time of the build.
      type: dict
      returned: for AMIs
    container_recipe:
      description: The container recipe at the time of the build.
      type: dict
      returned: for container images
    infrastructure_configuration:
      description: The infrastructure configuration at the time of the build.
      type: dict
      returned: when there is an image
    distribution_configuration:
      description: The distribution configuration at the time of the build.
      type: dict
      returned: when the image has a distribution configuration
    source_pipeline_arn:
      description: ARN of the pipeline that built the image.
      type: str
      returned: when a pipeline built the image
    build_type:
      description: How the build was started.
      type: str
      returned: when there is an image
      sample: USER_INITIATED
    logging_configuration:
      description: Log group of the build.
      type: dict
      returned: when AWS returns it
    deprecation_time:
      description: When the image is or was deprecated.
      type: str
      returned: for deprecated images, and for images whose deprecation is scheduled
    lifecycle_execution_id:
      description: Id of the last lifecycle execution that changed the image.
      type: str
      returned: when the image has been changed by one
    date_created:
      description: When the build started.
      type: str
      returned: when there is an image
      sample: "2026-11-23T17:00:00.000Z"
    tags:
      description: Tags of the image, including those that record its inputs.
      type: dict
      returned: when there is an image
image_ids:
  description: Id of the AMI in each Region. If there are several in a Region, the AMI of this account.
  returned: always
  type: dict
  sample: {"eu-central-1": "ami-0fedcba9876543210", "eu-west-1": "ami-0123456789abcdef0"}
image_uris:
  description: URIs of the container images in each Region. Empty for AMIs.
  returned: always
  type: dict
  sample: {"eu-west-1": ["123456789012.dkr.ecr.eu-west-1.amazonaws.com/golden:1.0.0-1"]}
joined:
  description: Whether a build that was already in progress is used instead of a new build.
  returned: with O(state=present)
  type: bool
  sample: false
reason:
  description: Why an image is built, why a build in progress is used, or why nothing is done; with other states, the state that was found.
  returned: except with O(state=absent)
  type: str
  sample: golden/1.0.0/1 was built with another set of components
digest:
  description: Digest of the current inputs of the image.
  returned: with O(state=present), when everything that the image is built from exists
  type: str
  sample: 4f3c2b1a4f3c2b1a4f3c2b1a4f3c2b1a4f3c2b1a4f3c2b1a4f3c2b1a4f3c2b1a
inputs:
  description: The current inputs of the image, by part.
  returned: with O(state=present), when everything that the image is built from exists
  type: dict
cancelled:
  description: ARNs of the builds that were canceled, or that would be canceled in check mode.
  returned: with O(state=cancelled), if a build was in progress
  type: list
  elements: str
scan_findings:
  description: All findings of the scan of the image, whether they fail the task or not.
  returned: when O(scan_findings) is set and the image is available and scanned
  type: list
  elements: dict
  contains:
    severity:
      description: Severity of the finding.
      type: str
      returned: always
      sample: CRITICAL
    title:
      description: Title of the finding.
      type: str
      returned: always
    fix_available:
      description: Whether updates fix the vulnerability, V(YES), V(NO) or V(PARTIAL).
      type: str
      returned: always
      sample: "YES"
    package_vulnerability_details:
      description: Vulnerability and packages of the finding.
      type: dict
      returned: always
      sample: {"vulnerability_id": "CVE-2026-0001"}
log_tail:
  description: Last lines of the log of the build.
  returned: if the build fails and its log can be read (permission C(logs:GetLogEvents))
  type: str
removed:
  description: ARNs of the images that were removed, or that would be removed in check mode.
  returned: with O(state=absent)
  type: list
  elements: str
deregistered:
  description: AMIs that were deregistered, and container images that were removed.
  returned: with O(state=absent)
  type: list
  elements: dict
left:
  description: AMIs and container images that were not removed, each with the reason.
  returned: with O(state=absent)
  type: list
  elements: dict
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.slipway.aws.plugins.module_utils._core.client import ROLE_OPTIONS, connect
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import FAILURES, failure
from ansible_collections.slipway.aws.plugins.module_utils._core.waiting import FOLLOW_OPTION, WAIT_OPTIONS
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.baking import bake, unbake
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.findings import SCAN_FINDINGS_OPTION
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.image_states import (
    cancel,
    change_state,
    refuse_options,
    retry,
)
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.options import BUILD_OPTIONS, EXCLUDED_AMIS

SUBJECTS = ("image_pipeline_arn", "image_recipe_arn", "container_recipe_arn", "image_build_version_arn")
ACTS = {  # what each state does, and how it is called
    "present": (bake, "build the image of"),
    "absent": (unbake, "remove the images of"),
    "cancelled": (cancel, "cancel the build of"),
    "retried": (retry, "retry the build of"),
    "deprecated": (change_state, "deprecate the image"),
    "disabled": (change_state, "disable the image"),
    "available": (change_state, "make available"),
}

ARGUMENT_SPEC = {
    "state": {"type": "str", "choices": list(ACTS), "default": "present"},
    "image_pipeline_arn": {"type": "str", "aliases": ["image_pipeline"]},
    "image_recipe_arn": {"type": "str", "aliases": ["image_recipe"]},
    "container_recipe_arn": {"type": "str", "aliases": ["container_recipe"]},
    "infrastructure_configuration_arn": {"type": "str", "aliases": ["infrastructure_configuration"]},
    "distribution_configuration_arn": {"type": "str", "aliases": ["distribution_configuration"]},
    "logging_configuration": {"type": "dict", "options": {"log_group_name": {"type": "str"}}},
    "image_build_version_arn": {"type": "str"},
    "include_resources": {"type": "dict", "options": {"amis": {"type": "bool"}}},
    "exclusion_rules": {"type": "dict", "options": {"amis": EXCLUDED_AMIS}},
    "update_at": {"type": "str"},
    "delete_resources": {"type": "bool", "default": False},
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "force": {"type": "bool", "default": False},
    "max_age_days": {"type": "int"},
    **SCAN_FINDINGS_OPTION,
    **BUILD_OPTIONS,
    **WAIT_OPTIONS,
    **FOLLOW_OPTION,
    **ROLE_OPTIONS,
}


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec=ARGUMENT_SPEC,
        supports_check_mode=True,
        mutually_exclusive=[SUBJECTS],
        required_one_of=[SUBJECTS],
        required_if=[
            ("state", "present", SUBJECTS[:3], True),
            *(("state", state, SUBJECTS[3:]) for state in ("deprecated", "disabled", "available")),
        ],
    )
    params, (act, verb) = module.params, ACTS[module.params["state"]]
    subject = next(params[name] for name in SUBJECTS if params[name])
    try:
        refuse_options(params)
        result = act(connect(module), params, module.check_mode)
    except FAILURES as problem:
        module.fail_json(**failure(problem, f"Failed to {verb} {subject}", module.argument_spec))
    if not module._diff:
        result.pop("diff", None)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
