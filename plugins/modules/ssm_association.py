#!/usr/bin/python
# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ssm_association
short_description: Manage an AWS Systems Manager State Manager association
version_added: 1.0.0
description:
  - Create, update, tag, run and delete a State Manager association. An association runs a document on managed nodes, once or on a schedule,
    and also on matching nodes that come later.
  - AWS runs an association on all its nodes when it is created or changed, except with O(apply_only_at_cron_interval=true). So the module
    writes only if something differs.
  - Options that are not set keep their current values. An empty value (V(""), V([]), V({}), or V(0) for a number) clears the value of an
    option. O(parameters), O(targets), O(target_maps) and O(target_locations) are replaced as a whole.
  - When an association is deleted, nothing is undone on the nodes.
author:
  - Slipway contributors (@slipway-aws)
options:
  name:
    description:
      - Name of the association, 3 to 128 letters, digits and any of C(_-.).
      - AWS allows several associations with the same name. The module fails and lists their IDs if there is more than one. Select one with
        O(association_id).
      - Required unless O(association_id) is set. If both are set, the association gets this name.
    type: str
    aliases: [association_name]
  association_id:
    description:
      - ID of an existing association. Use it for an association without a name, to rename one, or if several have the same name.
    type: str
  document_name:
    description:
      - Name of the document that runs, or the ARN of a document that another account shares. Required for a new association.
      - To keep a package of Distributor installed, use V(AWS-ConfigureAWSPackage) and name the package in O(parameters).
    type: str
  document_version:
    description:
      - Version of the document, a number, V($DEFAULT) or V($LATEST). If not set, AWS uses V($DEFAULT) for a new association.
    type: str
  parameters:
    description:
      - Parameters of the document. Each value is a list of strings. The module converts a single value to such a list, and a dictionary to
        JSON.
      - Everyone who is allowed to describe the association can read the values. For a secret, use a reference to Parameter Store such as
        V({{ssm:/app/token}}), if the document supports it.
    type: dict
  targets:
    description:
      - Nodes on which the association runs. A node has to match all items. Up to 5 items. Not together with O(target_maps).
    type: list
    elements: dict
    suboptions:
      key:
        description:
          - V(tag:NAME), V(tag-key), V(InstanceIds), V(resource-groups:Name) or V(resource-groups:ResourceTypeFilters). With the key V(InstanceIds), the value
            V(*) selects all managed nodes.
        type: str
        required: true
      values:
        description: Values, one of which has to match.
        type: list
        elements: str
        required: true
  target_maps:
    description:
      - Targets of a runbook as dictionaries of parameter names to lists of values. Up to 300 items.
    type: list
    elements: dict
  automation_target_parameter_name:
    description:
      - Parameter of the runbook that receives the targets. Required for a runbook with O(targets) or O(target_maps).
    type: str
  schedule_expression:
    description:
      - When the association runs, as a rate of 30 minutes or more, V(rate(1 day\)), as a cron expression with six fields in UTC,
        V(cron(0 2 ? * SUN *\)), or once at a moment in UTC, V(at(2027-01-01T02:00:00\)). State Manager supports only some cron expressions,
        for example no months.
      - Without a schedule, the association runs once, and again when it is changed or its targets change.
    type: str
  schedule_offset:
    description:
      - Number of days, 1 to 6, to wait after each time that the cron expression matches. Requires O(apply_only_at_cron_interval=true).
    type: int
  duration:
    description:
      - Number of hours, 1 to 24, that the association can run each time. Requires O(apply_only_at_cron_interval=true).
    type: int
  apply_only_at_cron_interval:
    description:
      - Whether the association runs only when its cron expression matches, and not when it is created or changed.
    type: bool
  max_concurrency:
    description:
      - On how many nodes it runs at the same time, as a number or a percentage.
      - If not set, a new association gets V(50), and an existing association keeps its value.
    type: str
  max_errors:
    description:
      - After how many errors it is not started on further nodes, as a number or a percentage. With V(0), the first error stops it.
      - If not set, a new association gets V(10%), and an existing association keeps its value.
    type: str
  compliance_severity:
    description: Severity that Compliance shows for nodes on which the association did not succeed.
    type: str
    choices: [CRITICAL, HIGH, MEDIUM, LOW, UNSPECIFIED]
  sync_compliance:
    description:
      - Whether AWS derives the compliance of a node from the result of the association (V(AUTO)), or you set it with the API (V(MANUAL)).
    type: str
    choices: [AUTO, MANUAL]
  calendar_names:
    description:
      - Names or ARNs of change calendars. The association runs only while all of them are open.
    type: list
    elements: str
  target_locations:
    description:
      - Accounts and Regions in which the association runs. Up to 100 items.
    type: list
    elements: dict
    suboptions:
      accounts:
        description: Account IDs or organizational units.
        type: list
        elements: str
      regions:
        description: Regions.
        type: list
        elements: str
      exclude_accounts:
        description: Account IDs or organizational units that are left out.
        type: list
        elements: str
      include_child_organization_units:
        description: Whether the children of the organizational units are included. If not set, they are not.
        type: bool
      execution_role_name:
        description: Role that runs the association there. If not set, C(AWS-SystemsManager-AutomationExecutionRole).
        type: str
      target_location_max_concurrency:
        description: In how many accounts and Regions it runs at the same time.
        type: str
      target_location_max_errors:
        description: After how many errors it is not started in further accounts and Regions.
        type: str
      target_location_alarm_configuration:
        description: Alarm that stops the association there.
        type: dict
        suboptions:
          ignore_poll_alarm_failure:
            description: Whether to continue when the state of the alarm cannot be read.
            type: bool
          alarms:
            description: One CloudWatch alarm.
            type: list
            elements: dict
            suboptions:
              name:
                description: Name of the alarm.
                type: str
                required: true
      targets:
        description: Targets in these accounts and Regions.
        type: list
        elements: dict
        suboptions:
          key:
            description: Key as in O(targets).
            type: str
            required: true
          values:
            description: Values, one of which has to match.
            type: list
            elements: str
            required: true
      targets_max_concurrency:
        description: On how many targets it runs at the same time.
        type: str
      targets_max_errors:
        description: After how many errors it is not started on further targets.
        type: str
  output_location:
    description: Where the output of the nodes is stored. The role of each node must be allowed to write there. V({}) removes it.
    type: dict
    suboptions:
      s3_location:
        description: The S3 location.
        type: dict
        suboptions:
          output_s3_bucket_name:
            description: Name of the bucket.
            type: str
          output_s3_key_prefix:
            description: Prefix of the objects.
            type: str
          output_s3_region:
            description: Region of the bucket.
            type: str
  alarm_configuration:
    description: CloudWatch alarm that stops the association. V({}) removes it.
    type: dict
    suboptions:
      ignore_poll_alarm_failure:
        description: Whether to continue when the state of the alarm cannot be read.
        type: bool
      alarms:
        description: One CloudWatch alarm.
        type: list
        elements: dict
        suboptions:
          name:
            description: Name of the alarm.
            type: str
            required: true
  association_dispatch_assume_role:
    description: ARN of the IAM role that State Manager assumes to run the association.
    type: str
  run_now:
    description:
      - Whether the association runs now even if nothing differs. The task is then always changed.
    type: bool
    default: false
  wait:
    description:
      - Whether to wait for the run that the task started. The task fails if a node did not succeed, even if O(max_errors) allows it, or if the
        run did not include a node that matches the targets.
      - Nothing is waited for if nothing was started.
    type: bool
    default: true
  wait_timeout:
    description:
      - Maximum time to wait, in seconds. The run then continues in AWS. If not set, two hours, the time after which AWS gives up on a node
        that does not answer.
    type: int
  wait_delay:
    description: Maximum time between two status checks, in seconds. The first intervals are shorter.
    type: int
    default: 15
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
  - slipway.aws._options.state
  - slipway.aws._options.role
  - slipway.aws._attributes.noun
notes:
  - A new default version of a package does not run an association that installs it. The nodes get it on the next scheduled run, or with
    O(run_now=true).
seealso:
  - module: slipway.aws.ssm_association_info
  - module: slipway.aws.ssm_managed_node_info
  - module: slipway.aws.ssm_run_command
  - name: Associations in State Manager
    description: The AWS documentation about associations.
    link: https://docs.aws.amazon.com/systems-manager/latest/userguide/state-manager-about.html
"""

EXAMPLES = r"""
- name: Keep the newest version of a package installed on all web servers
  slipway.aws.ssm_association:
    name: keep-acme-agent
    document_name: AWS-ConfigureAWSPackage
    parameters:
      action: Install
      name: acme-agent
    targets:
      - key: tag:Role
        values: [web]
    schedule_expression: rate(1 day)
    max_concurrency: 10%
    max_errors: 5%
    tags:
      Team: platform

- name: Gather inventory from all nodes, and do not wait for the first run
  slipway.aws.ssm_association:
    name: inventory
    document_name: AWS-GatherSoftwareInventory
    targets:
      - key: InstanceIds
        values: ["*"]
    schedule_expression: rate(30 minutes)
    wait: false

- name: Scan for missing patches three days after the second Tuesday of a month
  slipway.aws.ssm_association:
    name: patch-scan
    document_name: AWS-RunPatchBaseline
    parameters:
      Operation: Scan
    targets:
      - key: tag:Role
        values: [web, db]
    schedule_expression: cron(0 2 ? * TUE#2 *)
    schedule_offset: 3
    apply_only_at_cron_interval: true
    compliance_severity: HIGH

- name: Run an association now
  slipway.aws.ssm_association:
    name: keep-acme-agent
    run_now: true

- name: Delete an association
  slipway.aws.ssm_association:
    name: patch-scan
    state: absent
"""

RETURN = r"""
association:
  description:
    - The association. Empty when the association does not exist. In check mode, its expected state.
  returned: always
  type: dict
  contains:
    association_id:
      description: ID of the association.
      type: str
      returned: when the association exists
      sample: 1a2b3c4d-5678-90ab-cdef-000000000001
    association_name:
      description: Name of the association.
      type: str
      returned: when set
      sample: keep-acme-agent
    association_version:
      description: Number of the version. Every change creates a new version.
      type: str
      returned: when the association exists
      sample: "3"
    document_name:
      description: Name of the document.
      type: str
      returned: when the association exists
      sample: AWS-ConfigureAWSPackage
    document_version:
      description: Version of the document.
      type: str
      returned: when the association exists
      sample: $DEFAULT
    parameters:
      description: Parameters of the document, each a list of strings.
      type: dict
      returned: when set
      sample: {"action": ["Install"], "name": ["acme-agent"]}
    targets:
      description: Nodes on which the association runs.
      type: list
      elements: dict
      returned: when set
      sample: [{"key": "tag:Role", "values": ["web"]}]
    target_maps:
      description: Targets of a runbook.
      type: list
      elements: dict
      returned: when set
    automation_target_parameter_name:
      description: Parameter of the runbook that receives the targets.
      type: str
      returned: when set
    schedule_expression:
      description: When the association runs.
      type: str
      returned: when set
      sample: rate(1 day)
    schedule_offset:
      description: Days to wait after the cron expression matches.
      type: int
      returned: when set
    duration:
      description: Hours that the association can run each time.
      type: int
      returned: when set
    apply_only_at_cron_interval:
      description: Whether the association runs only when its cron expression matches.
      type: bool
      returned: when the association exists
      sample: false
    max_concurrency:
      description: On how many nodes it runs at the same time.
      type: str
      returned: when set
      sample: 10%
    max_errors:
      description: After how many errors it is not started on further nodes.
      type: str
      returned: when set
      sample: 5%
    compliance_severity:
      description: Severity that Compliance shows.
      type: str
      returned: when the association exists
      sample: UNSPECIFIED
    sync_compliance:
      description: Where the compliance of a node comes from.
      type: str
      returned: when the association exists
      sample: AUTO
    calendar_names:
      description: Change calendars.
      type: list
      elements: str
      returned: when set
    target_locations:
      description: Accounts and Regions in which the association runs.
      type: list
      elements: dict
      returned: when set
    output_location:
      description: Where the output is stored.
      type: dict
      returned: when set
    alarm_configuration:
      description: Alarm that stops the association.
      type: dict
      returned: when set
    association_dispatch_assume_role:
      description: IAM role that State Manager assumes.
      type: str
      returned: when set
    overview:
      description: Status of the last run. C(association_status_aggregated_count) is the number of nodes by status.
      type: dict
      returned: when the association exists
      sample: {"association_status_aggregated_count": {"Success": 2}, "detailed_status": "Success", "status": "Success"}
    last_execution_date:
      description: When the association ran last.
      type: str
      returned: if the association has run
    last_successful_execution_date:
      description: When the association last succeeded.
      type: str
      returned: if the association has succeeded
    last_update_association_date:
      description: When the association was last changed.
      type: str
      returned: when the association exists
    date:
      description: When the association was created.
      type: str
      returned: when the association exists
    run_now:
      description: Whether the association would run even if nothing else differed.
      type: bool
      returned: in check mode, with O(run_now=true)
    execution:
      description:
        - The run that the task started. C(nodes) tells how many nodes match the targets (C(expected), null if it cannot be known), how many
          the run included (C(seen)), and on how many it succeeded (C(succeeded)).
      type: dict
      returned: when the task waited for a run
      sample: {"detailed_status": "Success", "nodes": {"expected": 2, "seen": 2, "succeeded": 2}, "status": "Success"}
    tags:
      description: Tags of the association.
      type: dict
      returned: when O(tags) is set
      sample: {"Team": "platform"}
failed_nodes:
  description:
    - The nodes on which the run did not succeed, in the form of RV(slipway.aws.ssm_run_command#module:failed_nodes), and with the C(status) that the
      association has there.
  returned: when the run that the task waited for failed
  type: list
  elements: dict
missing_nodes:
  description: The nodes that match the targets and that the run did not include, with C(instance_id) and C(reason).
  returned: when the run that the task waited for failed
  type: list
  elements: dict
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.slipway.aws.plugins.module_utils._core.client import ROLE_OPTIONS, STATE_OPTION, TAG_OPTIONS
from ansible_collections.slipway.aws.plugins.module_utils._core.resource import Resource, ensure
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._core.waiting import WAIT_OPTIONS
from ansible_collections.slipway.aws.plugins.module_utils._ssm.associations.calls import (
    RUN,
    create_association,
    delete_association,
    find_association,
    retag,
    update_association,
)
from ansible_collections.slipway.aws.plugins.module_utils._ssm.associations.options import ASSOCIATION_OPTIONS, wish
from ansible_collections.slipway.aws.plugins.module_utils._ssm.associations.runs import wait_for_run


def want(params: Shape) -> Shape:
    named = params["name"] if params["name"] != params["association_id"] else None
    run = {RUN: True} if params["run_now"] else {}
    return {"AssociationName": named, **wish(params), **run, "tags": params["tags"]}


ASSOCIATION = Resource(
    service="ssm",
    name="association",
    find=find_association,
    want=want,
    create=create_association,
    update=update_association,
    delete=delete_association,
    retag=retag,
    settle=wait_for_run,
)

ARGUMENT_SPEC = {
    "name": {"type": "str", "aliases": ["association_name"]},
    "association_id": {"type": "str"},
    **ASSOCIATION_OPTIONS,
    "run_now": {"type": "bool", "default": False},
    **WAIT_OPTIONS,
    **STATE_OPTION,
    **TAG_OPTIONS,
    **ROLE_OPTIONS,
}


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec=ARGUMENT_SPEC,
        supports_check_mode=True,
        required_one_of=[("name", "association_id")],
        mutually_exclusive=[("targets", "target_maps")],
    )
    module.params["name"] = module.params["name"] or module.params["association_id"]  # what messages call it
    ensure(module, ASSOCIATION)


if __name__ == "__main__":
    main()
