#!/usr/bin/python
# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ssm_package_fleet_info
short_description: Read which version of a Distributor package each managed node has
version_added: 1.0.0
description:
  - Read from AWS Systems Manager which managed nodes have a version of a package of Distributor, which do not and why, and which files of
    the package they would get. Nothing is sent to the nodes.
  - A node counts as V(proved) if its last command with the document C(AWS-ConfigureAWSPackage) installed this version, whoever sent it, or
    if inventory that is newer lists it. AWS keeps commands for 30 days. With O(check) or O(windows_check), the last check must have succeeded,
    too, and after the installation.
  - Whether the package has a file for a node is decided as SSM Agent decides it. The agent takes the platform that matches, then a version
    only below it, then an architecture only below that.
  - Without O(name), the packages that the account publishes, and those that commands installed, are listed with the versions on the nodes.
author:
  - Slipway contributors (@slipway-aws)
options:
  name:
    description:
      - Name of the package, or ARN of one that another account shares.
    type: str
    aliases: [package_name]
  version:
    description:
      - Version that the nodes are to have. If not set, the default version of the package, or any version if AWS does not tell it.
    type: str
    aliases: [version_name]
  removed:
    description:
      - Whether the nodes are to lose the package. A node then counts as V(proved) if the last command uninstalled the package, or if nothing
        tells that it has the package and the package has no file for it or does not exist.
    type: bool
    default: false
  manifest:
    description:
      - Manifest of O(version). If not set, it is read.
    type: dict
  instance_ids:
    description:
      - Only these nodes. Without a selection, all managed nodes of the Region.
    type: list
    elements: str
  tag_filters:
    description:
      - Only nodes with these tags. A value is a text, a list of alternatives, or null for any value. All tags have to match.
      - Running instances with the tags that Systems Manager does not manage are returned as well. The caller needs the permission
        C(ec2:DescribeInstances) for that.
    type: dict
  resource_group_name:
    description:
      - Only the nodes of this resource group.
    type: str
  check:
    description:
      - Lines of the shell script that checks the package on Linux.
    type: list
    elements: str
  windows_check:
    description:
      - Lines of the PowerShell script that checks the package on Windows.
    type: list
    elements: str
  canary:
    description:
      - How many nodes get a version first, as a number or a percentage of the nodes that are to get it. With V(0), none does. A percentage is at
        least one node.
      - They are chosen from nodes with different files in turn. None is chosen if any node is proved or has the package already.
    type: str
    default: "1"
  force:
    description:
      - Whether nodes that have the version are to get it again. SSM Agent runs no script then, so they have to uninstall it first.
    type: bool
    default: false
  recheck:
    description:
      - Whether nodes are to be checked again whose last check succeeded.
    type: bool
    default: false
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - slipway.aws._options.role
  - slipway.aws._attributes.info
notes:
  - For 500 nodes that are proved and were checked, the module makes about 40 requests, and one more for each command that reached a part of
    them only. Of nodes that are not proved, inventory takes one more request for every 40, if an association gathers it.
seealso:
  - module: slipway.aws.ssm_distributor_package
  - module: slipway.aws.ssm_run_command
  - module: slipway.aws.ssm_managed_node_info
"""

EXAMPLES = r"""
- name: Read what is published and where it is installed
  slipway.aws.ssm_package_fleet_info:
  register: packages

- name: Read which nodes have the default version of a package
  slipway.aws.ssm_package_fleet_info:
    name: shop-agent
    tag_filters:
      Application: storefront
  register: fleet

- name: Show the nodes that do not have it
  ansible.builtin.debug:
    msg: "{{ fleet.failed_nodes }}"
"""

RETURN = r"""
packages:
  description: The packages.
  returned: if O(name) is not set
  type: list
  elements: dict
  contains:
    name:
      description: Name or ARN of the package.
      type: str
      sample: monitoring-agent
    published:
      description: Whether the account publishes it.
      type: bool
    default_version:
      description: Name of the default version. Null if the account does not publish the package.
      type: str
      sample: 1.4.2
    published_versions:
      description: Names of all versions, the newest first.
      type: list
      elements: str
    installed_versions:
      description: Number of nodes with each version. C(default) stands for a version that the command did not name.
      type: dict
      sample: {"1.4.1": 3, "1.4.2": 497}
    installed_count:
      description: Number of nodes that have the package.
      type: int
      sample: 500
    failed_count:
      description: Number of nodes on which the last command failed.
      type: int
      sample: 0
version:
  description: The version that the nodes are to have. Null if any version will do.
  returned: if O(name) is set
  type: str
  sample: 1.4.2
nodes:
  description: The selected nodes.
  returned: if O(name) is set
  type: list
  elements: dict
  contains:
    instance_id:
      description: ID of the node.
      type: str
      sample: i-0123456789abcdef0
    name:
      description: Host name of the node.
      type: str
    state:
      description:
        - V(proved), or V(unchecked) if the node has the version and its last check failed or did not run, V(due) if it is to get it,
          V(in progress) while a command about the package is running on it, V(unreachable) if its SSM agent does not answer, V(outdated) if
          its SSM agent is too old for packages, V(unmatched) if the package has no file for it, or V(missing) if Systems Manager does not list it.
      type: str
      sample: due
    version:
      description: The version that the node has. Null if it is not known to have one.
      type: str
      sample: 1.4.1
    file:
      description: The file that the node is to get, as far as it is known.
      type: str
    failed_before:
      description: Whether the last command about this version failed on it, so that it is tried again.
      type: bool
    reason:
      description: Why it is not proved.
      type: str
      sample: it has version 1.4.1
    output_tail:
      description: The end of the output if a command or a check failed.
      type: str
    hint:
      description: What to do.
      type: str
states:
  description: Number of nodes in each state.
  returned: if O(name) is set
  type: dict
  sample: {"due": 2, "proved": 498}
versions:
  description: Number of nodes with each version.
  returned: if O(name) is set
  type: dict
  sample: {"1.4.1": 2, "1.4.2": 498}
gated:
  description: Whether no node has proved the version yet, so that some have to get it before the others.
  returned: if O(name) is set
  type: bool
canary:
  description: IDs of the nodes that are to get the version first.
  returned: if O(name) is set
  type: list
  elements: str
rest:
  description: IDs of the other nodes that are to get it, or with O(removed=true) to lose it.
  returned: if O(name) is set
  type: list
  elements: str
checks:
  description:
    - The checks, each with C(document_name), C(commands) and C(comment) for M(slipway.aws.ssm_run_command). C(instance_ids) are the nodes that
      have the package and are not proved, C(canary) and C(rest) those that are to get it.
  returned: if O(name) is set
  type: list
  elements: dict
failed_nodes:
  description: The nodes that are not proved, with C(instance_id), C(name), C(state), C(reason), C(output_tail) and C(hint).
  returned: if O(name) is set
  type: list
  elements: dict
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.slipway.aws.plugins.module_utils._core.client import ROLE_OPTIONS, connect
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import FAILURES, failure
from ansible_collections.slipway.aws.plugins.module_utils._ssm.census import SELECTION_OPTIONS, SELECTION_RULES
from ansible_collections.slipway.aws.plugins.module_utils._ssm.rollout import fleet

SELECTION = ("instance_ids", "tag_filters", "resource_group_name")
ARGUMENT_SPEC = {
    "name": {"type": "str", "aliases": ["package_name"]},
    "version": {"type": "str", "aliases": ["version_name"]},
    "manifest": {"type": "dict"},
    **{option: SELECTION_OPTIONS[option] for option in SELECTION},
    "check": {"type": "list", "elements": "str"},
    "windows_check": {"type": "list", "elements": "str"},
    "canary": {"type": "str", "default": "1"},
    "force": {"type": "bool", "default": False},
    "recheck": {"type": "bool", "default": False},
    "removed": {"type": "bool", "default": False},
    **ROLE_OPTIONS,
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True, **SELECTION_RULES)
    name = module.params["name"]
    try:
        aws = connect(module)
        found = fleet.read(aws, module.params) if name else {"packages": fleet.census_of_all(aws, module.params)}
    except FAILURES as problem:
        subject = f"the package {name} on the nodes" if name else "the packages on the nodes"
        module.fail_json(**failure(problem, f"Failed to read {subject}", ARGUMENT_SPEC))
    module.exit_json(changed=False, **found)


if __name__ == "__main__":
    main()
