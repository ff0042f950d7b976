#!/usr/bin/python
# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: codedeploy_census_info
short_description: Read which host runs which revision in AWS CodeDeploy applications
version_added: 1.0.0
description:
  - Read the hosts of all deployment groups of one or more regions, and return which revision, image and CodeDeploy agent each of them
    has. Hosts that do not have the last good revision of their deployment group are marked, and so are hosts that cannot take a
    deployment, for example because the agent is not installed or the instance is stopped.
  - The hosts are not accessed. The SSM inventory shows that an agent is installed, not that it is running. What
    M(slipway.aws.codedeploy_preflight) found out on a host in the last hour counts more.
  - A host that belongs to several deployment groups is returned once for each of them.
  - Each region takes one request for 1000 instances and one for 50 hosts to query SSM, one for 40 hosts to query the inventory, and a few
    for each deployment group.
  - Deployment groups for ECS and Lambda have no hosts and are returned with their last successful deployment only.
  - A region that cannot be read is reported as a warning, unless it is the only one. So are values that the caller may not read.
author:
  - Slipway contributors (@slipway-aws)
options:
  regions:
    description:
      - The regions to read. If not set, the O(region) is read.
    type: list
    elements: str
  application_names:
    description:
      - Names of the applications to read. If not set, all applications are read.
    type: list
    elements: str
  inventory:
    description:
      - Whether to query the SSM inventory for the CodeDeploy agent.
    type: bool
    default: true
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - slipway.aws._options.role
  - slipway.aws._attributes.info
notes:
  - The table is not shown when the output is read by a program, for example with the callback C(ansible.posix.json), and when
    the task has C(no_log). The result contains all of it.
seealso:
  - module: slipway.aws.codedeploy_fleet_info
  - module: slipway.aws.codedeploy_preflight
"""

EXAMPLES = r"""
- name: Read what runs where in two regions
  slipway.aws.codedeploy_census_info:
    regions: [eu-central-1, eu-west-1]
  register: census

- name: Show the hosts that do not have the last good revision of their deployment group
  ansible.builtin.debug:
    msg: "{{ census.hosts | selectattr('stale') | map(attribute='instance_id') }}"

- name: Read the hosts of one application
  slipway.aws.codedeploy_census_info:
    application_names: [storefront]
"""

RETURN = r"""
groups:
  description: The deployment groups, in the order of regions, applications and names.
  returned: always
  type: list
  elements: dict
  contains:
    region:
      description: Region of the deployment group.
      type: str
      sample: eu-central-1
    application_name:
      description: Name of the application.
      type: str
      sample: storefront
    deployment_group_name:
      description: Name of the deployment group.
      type: str
      sample: production
    compute_platform:
      description: Compute platform of the deployment group, V(Server), V(ECS) or V(Lambda).
      type: str
      sample: Server
    revision:
      description: The last good revision, which the last successful deployment to the deployment group brought. Null when there is none.
      type: dict
    deployment_id:
      description: ID of that deployment.
      type: str
      sample: d-ABCDEF123
    host_count:
      description: Number of hosts.
      type: int
      sample: 6
    stale_count:
      description: Number of hosts that do not have the last good revision.
      type: int
      sample: 1
    not_ready_count:
      description: Number of hosts that cannot take a deployment.
      type: int
      sample: 1
    image_ids:
      description: IDs of the AMIs that the hosts were launched from.
      type: list
      elements: str
      sample: ["ami-0123456789abcdef0"]
hosts:
  description:
    - The hosts, sorted by deployment group and ID, with C(region), C(application_name) and C(deployment_group_name), and otherwise in
      the form of RV(slipway.aws.codedeploy_fleet_info#module:hosts).
  returned: always
  type: list
  elements: dict
  contains:
    instance_id:
      description: ID of the instance.
      type: str
      sample: i-0123456789abcdef0
    image_id:
      description: ID of the AMI that the instance was launched from.
      type: str
      sample: ami-0123456789abcdef0
    agent:
      description:
        - What is known about the CodeDeploy agent. C(source) is V(inventory), or V(command) for what a probe of
          M(slipway.aws.codedeploy_preflight) found out, at C(captured_at).
      type: dict
    revision:
      description: The revision of the last deployment that succeeded on the instance. Null when there was none.
      type: dict
    stale:
      description:
        - Whether the instance does not have the last good revision of the deployment group, or a later deployment failed on it. Null
          when the group has no revision.
      type: bool
      sample: false
    verdict:
      description: Whether the host can take a deployment as far as is known, V(ready), V(not_ready) or V(unknown).
      type: str
      sample: ready
    reason:
      description: The reason for the verdict.
      type: str
      sample: the CodeDeploy agent 1.8.1 is running
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.census import take
from ansible_collections.slipway.aws.plugins.module_utils._core.client import ROLE_OPTIONS, connect
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import FAILURES, failure, warn
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import to_result

ARGUMENT_SPEC = {
    "regions": {"type": "list", "elements": "str"},
    "application_names": {"type": "list", "elements": "str"},
    "inventory": {"type": "bool", "default": True},
    **ROLE_OPTIONS,
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    try:
        told = take(connect(module), module.params)
    except FAILURES as problem:
        module.fail_json(**failure(problem, "Failed to read the hosts"))
    for warning in dict.fromkeys(told.pop("warnings")):
        warn(warning)
    module.exit_json(changed=False, **to_result(told))


if __name__ == "__main__":
    main()
