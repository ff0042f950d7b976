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
      - Whether and how the new image is tested before it is distributed. AWS tests when this is not given.
    type: dict
    suboptions:
      image_tests_enabled:
        description: Whether test phases run, on an instance launched from the new image.
        type: bool
      timeout_minutes:
        description: Between 60 and 1440. AWS keeps the value (720 by default) and does not use it.
        type: int
  enhanced_image_metadata_enabled:
    description:
      - Whether AWS collects the operating system and the packages of the image. It does when this is not given.
    type: bool
  image_scanning_configuration:
    description:
      - Look for known vulnerabilities. Needs image tests.
    type: dict
    suboptions:
      image_scanning_enabled:
        description: Whether to look.
        type: bool
      image_scanning_types:
        description: The one way to look; the test instance is looked at when not given.
        type: list
        elements: str
        choices: [TEST_INSTANCE_CVE, ON_DEMAND_AMI_CVE]
      scan_result_condition:
        description: What fails the build; only with V(ON_DEMAND_AMI_CVE).
        type: dict
        suboptions:
          maximum_severity_label:
            description: The worst finding that is let through.
            type: str
            choices: [INFORMATIONAL, LOW, MEDIUM, HIGH]
            required: true
          fix_available:
            description: Whether only findings count for which there is a fix. AWS takes it as V(true) when not given.
            type: bool
      ecr_configuration:
        description: Where container images are put to be looked at.
        type: dict
        suboptions:
          repository_name:
            description: Name of the ECR repository.
            type: str
          container_tags:
            description: Tags of the container image.
            type: list
            elements: str
  workflows:
    description:
      - Workflows to run; they replace all of AWS's own, so name those too that shall run. Need O(execution_role).
      - The list is replaced whole. V([]) goes back to AWS's own workflows.
    type: list
    elements: dict
    suboptions:
      workflow_arn:
        description:
          - ARN of the workflow, or V(TYPE/NAME) with the type V(build), V(test) or V(distribution), perhaps followed by
            a version; V(aws:build/build-image) is one of AWS's own.
        type: str
        required: true
        aliases: [workflow]
      parameters:
        description: Values for its parameters. No place for secrets.
        type: list
        elements: dict
        suboptions:
          name:
            description: Name of the parameter.
            type: str
            required: true
          value:
            description: Its value, or values.
            type: list
            elements: str
            required: true
      parallel_group:
        description: Test workflows of one group run at once, at most five.
        type: str
      on_failure:
        description: Whether the build goes on when a test workflow fails.
        type: str
        choices: [CONTINUE, ABORT]
  execution_role:
    description:
      - Name or ARN of the IAM role in which Image Builder runs the workflows, instead of its service-linked role.
      - The caller needs C(iam:PassRole) for it. Needed for O(workflows), for SSM parameters outside C(/imagebuilder/) and for
        log groups outside C(/aws/imagebuilder/).
    type: str
"""

    # reading.INFO_OPTIONS
    INFO = r"""
options:
  name:
    description:
      - Name or ARN of the one to read, whole. Where there are versions, V(NAME/1.2.x) for one of them, and the newest without.
      - An unknown one is an empty list. O(filters) are not looked at then.
    type: str
  filters:
    description:
      - What those have in common that are listed. Names are those of the filters of the service, in its case or in
        snake_case; values are texts or lists of them. In the filter V(name), V(*) stands for anything at the beginning and end.
    type: dict
"""
