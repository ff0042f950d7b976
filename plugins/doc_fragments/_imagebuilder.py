# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options that several Image Builder modules share, in pairs with `_imagebuilder/options.py`. Private to this collection."""

from __future__ import annotations


class ModuleDocFragment:
    # options.BUILD_OPTIONS
    BUILD = r"""
options:
  image_tests_configuration:
    description:
      - Settings of the tests of a new image before it is distributed. If not set, AWS runs the tests.
    type: dict
    suboptions:
      image_tests_enabled:
        description: Whether to run the test phases of the components on an instance that is launched from the new image.
        type: bool
      timeout_minutes:
        description: Time-out in minutes, 60 to 1440. AWS stores the value (720 by default) but does not use it.
        type: int
  enhanced_image_metadata_enabled:
    description:
      - Whether AWS collects information about the operating system and the packages of the image. If not set, AWS collects it.
    type: bool
  image_scanning_configuration:
    description:
      - Settings of scans for known vulnerabilities. Requires image tests.
    type: dict
    suboptions:
      image_scanning_enabled:
        description: Whether to scan the image.
        type: bool
      image_scanning_types:
        description: Type of the scan. Only one type is allowed. If not set, AWS scans the test instance.
        type: list
        elements: str
        choices: [TEST_INSTANCE_CVE, ON_DEMAND_AMI_CVE]
      scan_result_condition:
        description: Condition on which a scan fails the build. Only with V(ON_DEMAND_AMI_CVE).
        type: dict
        suboptions:
          maximum_severity_label:
            description: Highest severity of findings that does not fail the build.
            type: str
            choices: [INFORMATIONAL, LOW, MEDIUM, HIGH]
            required: true
          fix_available:
            description: Whether to consider only findings that have a fix. If not set, AWS uses V(true).
            type: bool
      ecr_configuration:
        description: ECR repository that container images are stored in for the scan.
        type: dict
        suboptions:
          repository_name:
            description: Name of the ECR repository.
            type: str
          container_tags:
            description: Tags for the container image.
            type: list
            elements: str
  workflows:
    description:
      - Workflows to run. They replace all default workflows of AWS, so include the default workflows that should still run. Requires
        O(execution_role).
      - The list is replaced as a whole. V([]) restores the default workflows of AWS.
    type: list
    elements: dict
    suboptions:
      workflow_arn:
        description:
          - ARN of the workflow, or V(TYPE/NAME) with the type V(build), V(test) or V(distribution), optionally followed by
            a version. V(aws:build/build-image) is a workflow of AWS.
        type: str
        required: true
        aliases: [workflow]
      parameters:
        description: Values of the workflow parameters. Do not use them for secrets.
        type: list
        elements: dict
        suboptions:
          name:
            description: Name of the parameter.
            type: str
            required: true
          value:
            description: Value or values of the parameter.
            type: list
            elements: str
            required: true
      parallel_group:
        description: Test workflows with the same group run in parallel, at most five.
        type: str
      on_failure:
        description: Whether the build continues or is aborted when a test workflow fails.
        type: str
        choices: [CONTINUE, ABORT]
  execution_role:
    description:
      - Name or ARN of the IAM role that Image Builder uses to run the workflows, instead of its service-linked role.
      - Required for O(workflows), for SSM parameters outside C(/imagebuilder/) and for log groups outside C(/aws/imagebuilder/). The caller
        needs the permission C(iam:PassRole) for the role.
    type: str
"""

    # reading.INFO_OPTIONS
    INFO = r"""
options:
  name:
    description:
      - Name or ARN of a single resource to read with all details. If the resource has versions, add a version (V(NAME/1.2.x)); a name without
        a version selects the newest version.
      - If the resource does not exist, the returned list is empty. O(filters) are ignored if this option is set.
    type: str
  filters:
    description:
      - Filters for the list. The names are those of the AWS filters, in the case that AWS uses or in snake_case. The values are
        strings or lists of strings. In the filter V(name), V(*) at the beginning and end matches any text.
    type: dict
"""

    # options.RECIPE_OPTIONS
    RECIPE = r"""
options:
  semantic_version:
    description:
      - Version of the recipe, three numbers. The last ones can be V(x) (V(1.0.x)), and AWS then increments the version. If not set, the newest
        existing version with V(x) as its last number, or V(1.0.x) for a new recipe.
      - The content of a version without V(x) cannot be changed. If it differs, the module fails and reports the differences.
      - With O(state=absent), only this version is removed.
    type: str
    aliases: [version]
  components:
    description:
      - Components to run, in this order. AWS allows 20 components by default.
    type: list
    elements: dict
    suboptions:
      component_arn:
        description:
          - ARN of a component, with or without a build number and optionally with wildcards; or V(NAME[/VERSION]) for a component of this
            account, or V(OWNER:NAME[/VERSION]) for a component of another owner (V(aws:update-linux)).
          - A name without a version stands for the newest version at the time of each build.
        type: str
        required: true
        aliases: [component]
      parameters:
        description: Values of the component parameters. Parameters without a default require a value. Do not use them for secrets.
        type: list
        elements: dict
        suboptions:
          name:
            description: Name of the parameter.
            type: str
            required: true
          value:
            description: Value or values of the parameter.
            type: list
            elements: str
            required: true
  working_directory:
    description:
      - Working directory of the components. If not set, C(/tmp), or C(C:/) on Windows.
    type: str
  repoint_pipelines:
    description:
      - Whether pipelines that reference exactly the previous version are updated to the new version.
    type: bool
    default: true
"""

    # bundled.task.BUNDLE_OPTIONS
    BUNDLE = r"""
options:
  name:
    description:
      - Name of the component, 3 to 128 letters, digits, spaces, hyphens and underscores. It also names directories on the host.
      - AWS treats names that differ only in case, or in spaces and underscores instead of hyphens, as the same component.
    type: str
    required: true
    aliases: [component_name]
  semantic_version:
    description:
      - Version of the component, three numbers. If not set, the newest existing version, or V(1.0.0) for a new component.
      - With O(state=absent), only this version is removed, or with a build number (V(1.0.0/2)) only this build.
    type: str
    aliases: [version]
  exclude:
    description:
      - Patterns of what to leave out of the bundle, as in O(slipway.aws.codedeploy_revision#module:exclude).
    type: list
    elements: str
    default: [.git]
  ignore_file:
    description:
      - Name of a file in O(src) with more patterns of what to leave out, as in O(slipway.aws.codedeploy_revision#module:ignore_file).
    type: str
  symlinks:
    description:
      - V(keep) bundles symlinks as symlinks. Symlinks that are absolute or point outside the directory are refused.
      - V(follow) bundles the files and directories that symlinks point to instead.
      - V(fail) refuses every symlink.
    type: str
    choices: [keep, follow, fail]
    default: keep
  bucket:
    description:
      - Name of the S3 bucket for the bundle, in the Region of the component. Required with O(state=present).
      - The instance profile of the infrastructure configuration needs the permission C(s3:GetObject) for the bundle.
    type: str
  key_prefix:
    description:
      - Prefix of the key of the bundle. If not set, the name of the component as it stands in its ARN.
    type: str
  server_side_encryption:
    description:
      - Encryption of the bundle in S3. If not set, that of the bucket.
    type: str
    choices: [AES256, 'aws:kms', 'aws:kms:dsse']
  sse_kms_key_id:
    description:
      - KMS key to encrypt the bundle with. Requires O(server_side_encryption).
    type: str
  expected_bucket_owner:
    description:
      - ID of the account that must own the bucket, or V(self) for the account of the credentials. The download on the build instance
        checks it, too.
    type: str
  description:
    description:
      - Description of the component, up to 1024 characters.
      - A different description alone does not create a new build. It is used for the next build.
    type: str
  change_description:
    description:
      - Description of the change in this version, up to 1024 characters.
    type: str
  supported_os_versions:
    description:
      - Operating systems that the component supports, for example V(Amazon Linux 2023) or V(Ubuntu), at most 25.
    type: list
    elements: str
  kms_key_id:
    description:
      - KMS key to encrypt the component with.
    type: str
notes:
  - The bundle is stored under the digest of its content, and the component document names this digest. The build checks it, so an
    object that was exchanged fails the build. Equal content makes no write call, and changed content exactly one new build of the
    same semantic version.
  - The parent image must have C(bash), C(tar), C(gzip) and the GNU core utilities. The build needs no network besides S3, unless the
    scripts do.
  - With O(state=absent), all builds that no recipe uses are removed, like with M(slipway.aws.imagebuilder_component). The bundles stay
    in the bucket.
"""

    # pruning.RETAIN_OPTIONS
    RETAIN = r"""
options:
  retain:
    description:
      - Number of the newest versions to keep, including the one of the task. RV(unused_versions) are the others that nothing uses. They are only
        deleted if O(prune=true). With builds, each build counts.
      - Recipes and pipelines use a version, and so do images. A recipe is kept as long as an image of it exists, components and
        workflows as long as a build in progress uses them.
    type: int
  prune:
    description:
      - Whether to delete RV(unused_versions). Requires O(retain).
    type: bool
    default: false
"""
