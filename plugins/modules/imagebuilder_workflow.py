#!/usr/bin/python
# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: imagebuilder_workflow
short_description: Manage an EC2 Image Builder workflow
version_added: 1.0.0
description:
  - Create, tag and remove EC2 Image Builder workflows. A workflow is a document that defines the steps of a stage of an image build, for
    example a step that waits for an approval.
  - An existing workflow cannot be changed. If O(data), O(uri) or O(kms_key_id) differ from the existing workflow, the module adds exactly one
    new build version to the same semantic version and keeps the old builds. Pipelines that reference the workflow with a wildcard or without
    a build number use the new build automatically.
  - Documents are compared by their content, not by their formatting. A digest of the content is also stored in the tag
    C(slipway:content-digest), which is neither returned nor purged.
  - Documents are validated before anything is written. Error messages name the line of each problem.
author:
  - Slipway contributors (@slipway-aws)
options:
  name:
    description:
      - Name of the workflow, 3 to 128 letters, digits, spaces, hyphens and underscores.
      - AWS treats names that differ only in case, or in spaces and underscores instead of hyphens, as the same workflow.
    type: str
    required: true
    aliases: [workflow_name]
  type:
    description:
      - Stage of the image build that the workflow is for. Workflows of different types can have the same name.
    type: str
    required: true
    choices: [BUILD, TEST, DISTRIBUTION]
  semantic_version:
    description:
      - Version of the workflow, three numbers. If not set, the newest existing version, or V(1.0.0) for a new workflow.
      - With O(state=absent), only this version is removed, or with a build number (V(1.0.0/2)) only this build.
    type: str
    aliases: [version]
  data:
    description:
      - Content of the workflow document, up to 16,000 characters. A new workflow requires either this option or O(uri).
    type: str
  uri:
    description:
      - Location of the workflow document in S3, V(s3://BUCKET/KEY).
      - The caller needs the permission C(s3:GetObject), because the module reads the document to compare it.
    type: str
  description:
    description:
      - Description of the workflow, up to 1024 characters.
      - A different description alone does not create a new build. It is used for the next build.
    type: str
  change_description:
    description:
      - Description of the change in this version, up to 1024 characters.
      - A different change description alone does not create a new build.
    type: str
  kms_key_id:
    description:
      - KMS key to encrypt the workflow with.
    type: str
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
  - slipway.aws._imagebuilder.retain
  - slipway.aws._options.state
  - slipway.aws._options.role
  - slipway.aws._attributes.noun
notes:
  - With O(state=absent) and without O(semantic_version), all versions that no pipeline uses are removed. The other versions are returned in
    RV(kept) with the reason. With O(semantic_version), the module fails if the version is in use.
  - If nothing differs, the module makes one API call, two with O(uri), and one more if the account cannot be determined from the
    credentials.
seealso:
  - module: slipway.aws.imagebuilder_workflow_info
  - module: slipway.aws.imagebuilder_workflow_step
  - module: slipway.aws.imagebuilder_image_pipeline
  - plugin: slipway.aws.workflow_problems
    plugin_type: filter
  - name: Workflow documents
    description: The schema of workflow documents in the AWS documentation.
    link: https://docs.aws.amazon.com/imagebuilder/latest/userguide/image-workflow-create-document.html
"""

EXAMPLES = r"""
- name: Ensure a workflow that waits for an approval of the new image exists
  slipway.aws.imagebuilder_workflow:
    name: approved-test
    type: TEST
    data: |
      name: approved-test
      schemaVersion: 1.0
      steps:
        - name: LaunchTestInstance
          action: LaunchInstance
          inputs:
            waitFor: ssmAgent
        - name: ApplyTestComponents
          action: ExecuteComponents
          inputs:
            instanceId.$: $.stepOutputs.LaunchTestInstance.instanceId
        - name: TerminateTestInstance
          action: TerminateInstance
          onFailure: Continue
          inputs:
            instanceId.$: $.stepOutputs.LaunchTestInstance.instanceId
        - name: Approve
          action: WaitForAction

- name: Remove all versions that no pipeline uses
  slipway.aws.imagebuilder_workflow:
    name: approved-test
    type: TEST
    state: absent
"""

RETURN = r"""
workflow:
  description:
    - The newest build of the version. Empty with O(state=absent). In check mode, the expected state.
  returned: always
  type: dict
  contains:
    arn:
      description: ARN of the build. In check mode, the ARN of the existing build.
      type: str
      returned: when the workflow exists
      sample: arn:aws:imagebuilder:eu-west-1:123456789012:workflow/test/approved-test/1.0.0/1
    name:
      description: Name of the workflow.
      type: str
      returned: when the workflow exists
      sample: approved-test
    version:
      description: Version of the workflow without the build number.
      type: str
      returned: when the workflow exists
      sample: 1.0.0
    semantic_version:
      description: Version of the workflow, under the name of the option.
      type: str
      returned: when the workflow exists
      sample: 1.0.0
    type:
      description: Stage of the image build that the workflow is for.
      type: str
      returned: when the workflow exists
      sample: TEST
    data:
      description: Content of the workflow document.
      type: str
      returned: when the workflow exists
    description:
      description: Description of the workflow.
      type: str
      returned: when set
    change_description:
      description: Description of the change in this version.
      type: str
      returned: when set
    state:
      description: State of the workflow.
      type: dict
      returned: when the workflow is deprecated
      sample: {"status": "DEPRECATED"}
    parameters:
      description: Parameters of the workflow.
      type: list
      elements: dict
      returned: when set
    owner:
      description: Account that owns the workflow.
      type: str
      returned: when the workflow exists
      sample: "123456789012"
    kms_key_id:
      description: KMS key that the workflow is encrypted with.
      type: str
      returned: when the key is a customer managed key
    date_created:
      description: When the workflow was created.
      type: str
      returned: when the workflow exists
      sample: "2026-11-23T17:00:00.000Z"
    tags:
      description: Tags of the workflow, without C(slipway:content-digest).
      type: dict
      returned: when the workflow exists
      sample: {"Team": "platform"}
removed:
  description: ARNs of the builds that were removed, or that would be removed in check mode.
  returned: with O(state=absent)
  type: list
  elements: str
kept:
  description: Builds that were not removed.
  returned: with O(state=absent)
  type: list
  elements: dict
  contains:
    arn:
      description: ARN of the build.
      type: str
      returned: always
    reason:
      description: What uses the build.
      type: str
      returned: always
      sample: used by image pipeline golden
unused_versions:
  description: ARNs of the versions beyond O(retain) that nothing uses, newest first. They are deleted if O(prune=true).
  returned: when O(retain) is set
  type: list
  elements: str
used_versions:
  description: The versions beyond O(retain) that something uses, and that are kept.
  returned: when O(retain) is set
  type: list
  elements: dict
  contains:
    arn:
      description: ARN of the version.
      type: str
      returned: always
    reason:
      description: What uses the version.
      type: str
      returned: always
      sample: used by image recipe web/1.0.0
pruned:
  description: Whether the unused versions were deleted, or would be deleted in check mode.
  returned: when O(retain) is set
  type: bool
  sample: false
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.slipway.aws.plugins.module_utils._core.client import ROLE_OPTIONS, STATE_OPTION, TAG_OPTIONS
from ansible_collections.slipway.aws.plugins.module_utils._core.resource import Resource
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.nouns import deleter, retag
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.pruning import RETAIN_OPTIONS, ensure_pruned
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.removal import withdraw
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.shapes import asked
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.workflows import (
    WORKFLOW,
    content,
    create_workflow,
    find_workflow,
    place,
    update_workflow,
)


def want(params: Shape) -> Shape:
    named = asked(params, "name", "type", "semantic_version", "uri", "description", "change_description")
    return {**named, **content(params), "tags": params["tags"]}


IMAGEBUILDER_WORKFLOW = Resource(
    service="imagebuilder",
    name="workflow",
    find=find_workflow,
    want=want,
    create=create_workflow,
    update=update_workflow,
    delete=deleter(WORKFLOW),
    retag=retag,
    fixed=frozenset({"name", "type"}),
)

ARGUMENT_SPEC = {
    "name": {"type": "str", "required": True, "aliases": ["workflow_name"]},
    "type": {"type": "str", "required": True, "choices": ["BUILD", "TEST", "DISTRIBUTION"]},
    "semantic_version": {"type": "str", "aliases": ["version"]},
    "data": {"type": "str"},
    "uri": {"type": "str"},
    "description": {"type": "str"},
    "change_description": {"type": "str"},
    "kms_key_id": {"type": "str"},
    **RETAIN_OPTIONS,
    **STATE_OPTION,
    **TAG_OPTIONS,
    **ROLE_OPTIONS,
}


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec=ARGUMENT_SPEC, supports_check_mode=True, mutually_exclusive=[("data", "uri")]
    )
    if module.params["state"] == "absent":
        withdraw(module, WORKFLOW, place(module.params))
    else:
        ensure_pruned(module, WORKFLOW, IMAGEBUILDER_WORKFLOW, place(module.params))


if __name__ == "__main__":
    main()
