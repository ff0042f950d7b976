#!/usr/bin/python
# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ssm_managed_node_info
short_description: Read the nodes that AWS Systems Manager manages, and which version of a package they have
version_added: 1.0.0
description:
  - Read the managed nodes of an account and Region with the state of their SSM agents, their platforms, and optionally their tags.
  - With O(package_name), read from the inventory of Systems Manager which version of a package each node has. Inventory is gathered every 30
    minutes at best. It tells what was installed then, and not what is running now.
  - Systems Manager does not list nodes that are stopped or terminated, or whose SSM agent has never registered. With O(instance_ids) and
    O(resource_group_name) these are returned in RV(missing_nodes). Nodes that are listed and do not answer are in RV(unreachable_nodes).
author:
  - Slipway contributors (@slipway-aws)
options:
  instance_ids:
    description:
      - Only these nodes.
    type: list
    elements: str
  tag_filters:
    description:
      - Only nodes with these tags. A value is a text, a list of alternatives, or null for any value. All tags have to match.
    type: dict
  resource_group_name:
    description:
      - Only the nodes of this resource group. The caller needs the permission C(resource-groups:ListGroupResources).
    type: str
  ping_status:
    description:
      - Only nodes whose SSM agent is in this state.
    type: str
    choices: [Online, ConnectionLost, Inactive]
  platform_types:
    description:
      - Only nodes of these platforms.
    type: list
    elements: str
    choices: [Linux, Windows, MacOS]
  agent_versions:
    description:
      - Only nodes with one of these versions of the SSM agent.
    type: list
    elements: str
  include_tags:
    description:
      - Whether to return the tags of the nodes. For instances of EC2 the caller needs the permission C(ec2:DescribeTags). The tags of each
        other machine take a request of their own.
    type: bool
    default: false
  package_name:
    description:
      - Name of a package as the package manager of the nodes knows it. The version that each node has is returned.
    type: str
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - slipway.aws._options.role
  - slipway.aws._attributes.info
notes:
  - The nodes are read 50 at a time.
seealso:
  - module: slipway.aws.ssm_run_command
  - module: slipway.aws.codedeploy_fleet_info
"""

EXAMPLES = r"""
- name: Read all managed nodes
  slipway.aws.ssm_managed_node_info:
  register: managed

- name: Read which nodes of an application do not answer
  slipway.aws.ssm_managed_node_info:
    tag_filters:
      Application: storefront
    ping_status: ConnectionLost

- name: Read which version of the CodeDeploy agent each node has
  slipway.aws.ssm_managed_node_info:
    tag_filters:
      Application: storefront
    package_name: codedeploy-agent
    include_tags: true
  register: agents

- name: Show how many nodes have which version
  ansible.builtin.debug:
    msg: "{{ agents.package_versions }}"
"""

RETURN = r"""
nodes:
  description: The managed nodes.
  returned: always
  type: list
  elements: dict
  contains:
    instance_id:
      description: ID of the node, which begins with C(i-) for an instance of EC2 and with C(mi-) for another machine.
      type: str
      sample: i-0123456789abcdef0
    ping_status:
      description: V(Online), or V(ConnectionLost) if its SSM agent does not answer.
      type: str
      sample: Online
    last_ping_date_time:
      description: When its SSM agent answered last.
      type: str
    agent_version:
      description: Version of its SSM agent.
      type: str
      sample: 3.3.3050.0
    is_latest_version:
      description: Whether this is the latest version of the SSM agent. AWS knows it of Linux only.
      type: bool
    platform_type:
      description: V(Linux), V(Windows) or V(MacOS).
      type: str
      sample: Linux
    platform_name:
      description: Name of the operating system.
      type: str
      sample: Amazon Linux
    platform_version:
      description: Version of the operating system.
      type: str
      sample: "2023"
    resource_type:
      description: V(EC2Instance) or V(ManagedInstance).
      type: str
      sample: EC2Instance
    ip_address:
      description: IP address of the node.
      type: str
      sample: 10.0.0.4
    computer_name:
      description: Host name of the node.
      type: str
    source_id:
      description: ID of the resource that is managed.
      type: str
    source_type:
      description: Type of the resource that is managed.
      type: str
    tags:
      description: Tags of the node.
      type: dict
      returned: with O(include_tags=true)
    package:
      description:
        - What inventory knows of the package. C(inventory) is false if there is no inventory of the node, so that nothing is known. C(version)
          is null if the package is not installed. C(captured_at) is when the inventory was gathered.
      type: dict
      returned: with O(package_name)
      sample: {"inventory": true, "version": "1.8.1", "captured_at": "2026-11-23T17:00:00Z"}
missing_nodes:
  description: Nodes that the task names and that Systems Manager does not list, with C(instance_id) and C(reason).
  returned: always
  type: list
  elements: dict
unreachable_nodes:
  description: IDs of the nodes in RV(nodes) whose SSM agent does not answer.
  returned: always
  type: list
  elements: str
package_versions:
  description: Number of nodes with each version of the package.
  returned: with O(package_name)
  type: dict
  sample: {"1.7.1": 3, "1.8.1": 497}
nodes_without_inventory:
  description: IDs of the nodes in RV(nodes) that no inventory was gathered from.
  returned: with O(package_name)
  type: list
  elements: str
inventory_message:
  description: Why there is no inventory of some nodes, and how to ask the nodes themselves. Null if there is inventory of all nodes.
  returned: with O(package_name)
  type: str
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.slipway.aws.plugins.module_utils._core.client import ROLE_OPTIONS, connect
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import FAILURES, failure, warn
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import to_result
from ansible_collections.slipway.aws.plugins.module_utils._ssm.census import (
    SELECTION_OPTIONS,
    SELECTION_RULES,
    describe,
)

ARGUMENT_SPEC = {**SELECTION_OPTIONS, **ROLE_OPTIONS}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True, **SELECTION_RULES)
    try:
        told = describe(connect(module), module.params)
    except FAILURES as problem:
        module.fail_json(**failure(problem, "Failed to read the managed nodes", module.argument_spec))
    versions = {"package_versions": told.pop("packageVersions")} if "packageVersions" in told else {}
    if told.get("inventoryMessage"):
        warn(told["inventoryMessage"])
    module.exit_json(changed=False, **to_result(told), **versions)


if __name__ == "__main__":
    main()
