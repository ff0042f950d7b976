#!/usr/bin/python
# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ssm_association_info
short_description: Read AWS Systems Manager State Manager associations
version_added: 1.0.0
description:
  - Read the State Manager associations of an account and Region. Associations that do not exist are left out of the result.
  - Each association takes one request in addition to the list. Use the options to read fewer.
author:
  - Slipway contributors (@slipway-aws)
options:
  name:
    description:
      - Name of the associations to read. AWS allows several associations with the same name.
    type: str
    aliases: [association_name]
  association_id:
    description: ID of the association to read.
    type: str
  document_name:
    description: Read only associations of this document.
    type: str
  package_names:
    description:
      - Read only associations that install one of these packages of Distributor, with the document C(AWS-ConfigureAWSPackage).
    type: list
    elements: str
  status:
    description: Read only associations whose last run has this status.
    type: str
    choices: [Pending, Success, Failed]
  resource_group_name:
    description: Read only associations that have this resource group as a target.
    type: str
  include_executions:
    description:
      - Whether to read the last runs as well, up to 50, newest first. This takes one more request for each association.
    type: bool
    default: false
  include_nodes:
    description:
      - Whether to read which nodes the associations select now. This takes at least one more request for each association, unless it selects
        nodes by their IDs.
    type: bool
    default: false
  include_tags:
    description:
      - Whether to read the tags as well. This takes one more request for each association.
    type: bool
    default: false
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - slipway.aws._options.role
  - slipway.aws._attributes.info
seealso:
  - module: slipway.aws.ssm_association
"""

EXAMPLES = r"""
- name: Read one association and its last runs
  slipway.aws.ssm_association_info:
    name: keep-acme-agent
    include_executions: true

- name: Read the associations that failed
  slipway.aws.ssm_association_info:
    status: Failed

- name: Read the associations that install AWS's package of the CodeDeploy agent
  slipway.aws.ssm_association_info:
    package_names: [AWSCodeDeployAgent]
    include_nodes: true
"""

RETURN = r"""
associations:
  description: The associations that were found, each in the form of RV(slipway.aws.ssm_association#module:association).
  returned: always
  type: list
  elements: dict
  contains:
    association_id:
      description: ID of the association.
      type: str
      returned: always
      sample: 1a2b3c4d-5678-90ab-cdef-000000000001
    association_name:
      description: Name of the association.
      type: str
      returned: when set
      sample: keep-acme-agent
    association_version:
      description: Number of the version.
      type: str
      returned: always
      sample: "3"
    document_name:
      description: Name of the document.
      type: str
      returned: always
      sample: AWS-ConfigureAWSPackage
    parameters:
      description: Parameters of the document, each a list of strings.
      type: dict
      returned: when set
    targets:
      description: Nodes on which the association runs.
      type: list
      elements: dict
      returned: when set
    schedule_expression:
      description: When the association runs.
      type: str
      returned: when set
      sample: rate(1 day)
    overview:
      description: Status of the last run.
      type: dict
      returned: always
      sample: {"association_status_aggregated_count": {"Success": 2}, "detailed_status": "Success", "status": "Success"}
    executions:
      description:
        - The last runs, newest first, with C(execution_id), C(status), C(detailed_status), C(created_time) and C(resource_count_by_status).
      type: list
      elements: dict
      returned: when O(include_executions=true)
    instance_ids:
      description: IDs of the nodes that the association selects now. Null if they cannot be read, or if a runbook decides.
      type: list
      elements: str
      returned: when O(include_nodes=true)
      sample: [i-0123456789abcdef0]
    tags:
      description: Tags of the association.
      type: dict
      returned: when O(include_tags=true)
      sample: {"Team": "platform"}
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.slipway.aws.plugins.module_utils._core.client import ROLE_OPTIONS
from ansible_collections.slipway.aws.plugins.module_utils._core.resource import report
from ansible_collections.slipway.aws.plugins.module_utils._ssm.associations.calls import FILTERS
from ansible_collections.slipway.aws.plugins.module_utils._ssm.associations.reading import read_associations

ARGUMENT_SPEC = {
    **{option: {"type": "str"} for option in FILTERS},
    "name": {"type": "str", "aliases": ["association_name"]},
    "status": {"type": "str", "choices": ["Pending", "Success", "Failed"]},
    "package_names": {"type": "list", "elements": "str"},
    "include_executions": {"type": "bool", "default": False},
    "include_nodes": {"type": "bool", "default": False},
    "include_tags": {"type": "bool", "default": False},
    **ROLE_OPTIONS,
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    report(module, "associations", lambda aws: read_associations(aws, module.params))


if __name__ == "__main__":
    main()
