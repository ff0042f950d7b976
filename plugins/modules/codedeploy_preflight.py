#!/usr/bin/python
# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: codedeploy_preflight
short_description: Find out whether a deployment with AWS CodeDeploy can work
version_added: 1.0.0
description:
  - Give a verdict on every host of a deployment group, or of a selection as a deployment group makes it, before anything is
    deployed to it, and fail when a host is not ready, with its name and the reason.
  - CodeDeploy has no call that tells whether the agent of a host is alive. A deployment to a host without one is silent for
    five minutes and then fails with a message about something else, or with C(CodeDeployDefault.AllAtOnce) even succeeds. So this
    module asks the hosts, by Run Command of SSM, with a fixed script that changes nothing on them.
  - What else is known to make a deployment fail is told as a problem of the whole. An instance refresh that runs, more hosts than
    AWS takes in one deployment, a configuration that lets no host go, an alarm of the group that is on or does not exist.
  - The options that a deployment takes, such as O(revision) or O(override_alarm_configuration), tell what to look at. Give them
    as you will give them to M(slipway.aws.codedeploy_deployment).
author:
  - Slipway contributors (@slipway-aws)
options:
  probe:
    description:
      - How to find out about the agent of a host.
      - V(command) asks the hosts. In check mode it does what V(inventory) does.
      - V(inventory) asks the inventory of SSM, which is up to half an hour old and proves only that the agent was installed.
      - V(none) does not ask; a host of which nothing bad is known otherwise is V(unknown) then.
    type: str
    choices: [command, inventory, none]
    default: command
  fail_on:
    description:
      - V(not_ready) fails when a host is not ready or a problem of RV(preflight.problems) blocks.
      - V(unknown) fails also when nothing is known of a host.
      - V(never) only tells.
    type: str
    choices: [never, not_ready, unknown]
    default: not_ready
  minimum_agent_version:
    description:
      - An agent that is older is not ready. CodeDeploy supports V(1.6.0) and newer.
    type: str
    default: 1.6.0
  document_name:
    description:
      - The SSM document that asks a host. V(AWS-RunShellScript) is given the script of this module.
      - Where that document is denied, name one of your own. It is sent without parameters and must print one line, C(running),
        C(stopped) or C(absent), a blank, and the version. The notes have its text.
    type: str
    default: AWS-RunShellScript
  windows_document_name:
    description:
      - The SSM document that asks a host with Windows. V(AWS-RunPowerShellScript) is given the script of this module.
      - Where that document is denied, name one of your own, as with O(document_name). One document with a step for each platform
        may be named in both options; then one command can reach a fleet with both.
    type: str
    default: AWS-RunPowerShellScript
  probe_max_age:
    description:
      - How many seconds old the answer to an earlier preflight may be to count, so that the host is not asked again. SSM keeps
        the answers, so it does not matter where the earlier preflight ran. V(0) asks every host, always.
      - Only the answer that the agent runs, in a version that is new enough, counts. A host whose agent was absent, stopped or
        too old is always asked again.
      - An answer no longer counts when the instance was started since, or when SSM has heard from the SSM agent of the host
        since, which it does after a reboot and otherwise every five minutes. So more than V(300) makes no difference.
    type: int
    default: 60
  wait_timeout:
    description:
      - How many seconds to wait at most for the hosts to answer. One that has not answered then is V(unknown).
    type: int
    default: 300
  wait_delay:
    description:
      - The longest pause between two looks, in seconds.
    type: int
    default: 15
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - slipway.aws._fleet.selection
  - slipway.aws._deployment.foreseen
  - slipway.aws._options.follow
  - slipway.aws._options.role
  - slipway.aws._attributes.act
notes:
  - With a O(revision) in S3 its AppSpec is read without downloading the bundle, which needs C(s3:GetObject), and the roles of the hosts
    are asked of IAM, which needs C(iam:GetInstanceProfile) and C(iam:SimulatePrincipalPolicy). Of a tar only one up to 16 MiB is looked
    into. Where a right is missing nothing is said of the bundle.
  - The alarms of a group need C(cloudwatch:DescribeAlarms), its Auto Scaling groups C(autoscaling:DescribeLifecycleHooks),
    C(autoscaling:DescribeWarmPool) and C(autoscaling:DescribeAutoScalingInstances). A warning tells what could not be read.
  - What is wrong with the group and then a line for each host, 50 at most, is shown, also when the task fails. The result that
    Ansible prints of a failed task is short; see the notes of M(slipway.aws.codedeploy_deployment) for when it is not.
  - Check mode sends no command, and what the inventory of SSM says against an agent is V(unknown) then, and no failure.
  - It never changes anything, so it never reports C(changed). It is no C(_info) module because it sends a command.
  - A selection that SSM can express by tags gets one command, whatever its size, if all its hosts run the same platform. These
    are a selection by one tag or several, each with up to five values, and Auto Scaling groups. Any other selection gets one
    command for every 50 hosts and platform.
  - "A document of your own is of type C(Command), with this content: C({'schemaVersion': '2.2', 'mainSteps': [{'action':
    'aws:runShellScript', 'name': 'probe', 'inputs': {'timeoutSeconds': '30', 'runCommand': [script]}}]}), and the script is"
  - 'C(if ! [ -e /opt/codedeploy-agent ]; then echo "absent -"; exit 4; fi)'
  - 'C(version=$(cat /opt/codedeploy-agent/.version 2>/dev/null || echo unknown))'
  - 'C(if systemctl is-active --quiet codedeploy-agent; then echo "running $version"; exit 0; fi)'
  - 'C(echo "stopped $version"; exit 3)'
  - "A document of your own for Windows has the action C(aws:runPowerShellScript), and the script is"
  - 'V($service = Get-Service -Name codedeployagent -ErrorAction SilentlyContinue)'
  - 'V(if (-not $service\) { Write-Output "absent -"; exit 4 })'
  - 'V($version = "unknown")'
  - 'V($file = Join-Path $env:ProgramData "Amazon\\CodeDeploy\\.version")'
  - 'V(if (Test-Path $file\) { $version = Get-Content $file -TotalCount 1 })'
  - 'V(if ($service.Status -eq "Running"\) { Write-Output "running $version"; exit 0 })'
  - 'V(Write-Output "stopped $version"; exit 3)'
seealso:
  - module: slipway.aws.codedeploy_fleet_info
  - module: slipway.aws.codedeploy_deployment
  - name: Troubleshoot EC2 deployments
    description: What a missing agent looks like, in the AWS documentation.
    link: https://docs.aws.amazon.com/codedeploy/latest/userguide/troubleshooting-deployments.html
"""

EXAMPLES = r"""
- name: Make sure that every production host can be deployed to
  slipway.aws.codedeploy_preflight:
    application_name: storefront
    deployment_group_name: production

- name: Look whether a fix can be deployed half of the hosts at a time, although an alarm is on
  slipway.aws.codedeploy_preflight:
    application_name: storefront
    deployment_group_name: production
    deployment_config_name: CodeDeployDefault.HalfAtATime
    override_alarm_configuration:
      enabled: false

- name: Look without sending a command, and only tell
  slipway.aws.codedeploy_preflight:
    application_name: storefront
    deployment_group_name: production
    probe: inventory
    fail_on: never
  register: looked

- name: Ask the hosts of an Auto Scaling group with a document of our own
  slipway.aws.codedeploy_preflight:
    auto_scaling_groups: [storefront]
    document_name: CodeDeployAgentProbe
    minimum_agent_version: 1.8.0
    fail_on: unknown
"""

RETURN = r"""
preflight:
  description: The verdict.
  returned: when the selection could be read
  type: dict
  contains:
    verdict:
      description:
        - V(not_ready) when a host is not ready or a problem of RV(preflight.problems) blocks, else V(unknown) when nothing is
          known of a host, else V(ready).
      type: str
      sample: not_ready
    ready:
      description: Ids of the hosts that are ready.
      type: list
      elements: str
      sample: [i-0123456789abcdef0]
    not_ready:
      description: The hosts that are not.
      type: list
      elements: dict
      contains:
        id:
          description: Id of the instance.
          type: str
          sample: i-0123456789abcdef1
        name:
          description: Its tag C(Name).
          type: str
        private_ip_address:
          description: Its address.
          type: str
          sample: 10.0.0.5
        reason:
          description: Why.
          type: str
          sample: the CodeDeploy agent is not installed
        cause:
          description: Identifier of the reason.
          type: str
          sample: agent_absent
        remedy:
          description: What to do about it.
          type: str
          sample: Install the agent with slipway.aws.install_agent or bake it into the AMI.
    unknown:
      description: The hosts of which nothing is known, and why, as RV(preflight.not_ready).
      type: list
      elements: dict
    problems:
      description: What stands against a deployment to the whole. One that blocks makes the verdict V(not_ready).
      type: list
      elements: dict
      returned: always
      contains:
        cause:
          description: Identifier of the cause, such as V(no_host_left), V(instance_refresh) or V(alarm_on).
          type: str
          sample: no_host_left
        message:
          description: What is wrong, with names.
          type: str
          sample: 6 of 6 hosts must stay healthy, which leaves none to deploy to
        remedy:
          description: What to do about it.
          type: str
        blocks:
          description: Whether a deployment is known to fail by it.
          type: bool
          sample: true
    instance_refreshes:
      description: The instance refreshes that run on Auto Scaling groups of the hosts.
      type: list
      elements: dict
    probe:
      description: How the agents were really looked for.
      type: str
      sample: command
    probes:
      description: How many commands that only look were sent. It is 0 when every host had answered an earlier preflight just before.
      type: int
      sample: 1
hosts:
  description: The hosts as RV(slipway.aws.codedeploy_fleet_info#module:hosts) has them, and with a verdict each.
  returned: when the selection could be read
  type: list
  elements: dict
  contains:
    agent:
      description: What was found out about its agent.
      type: dict
      contains:
        status:
          description: V(running), V(stopped), V(absent), V(installed), or null when it is not known.
          type: str
          sample: running
        version:
          description: Its version.
          type: str
          sample: 1.8.1
        source:
          description: V(command), V(inventory), or null when nothing is known.
          type: str
          sample: command
        captured_at:
          description: When inventory was gathered, or when the host answered an earlier preflight. Null when it was asked now.
          type: str
        problem:
          description: Why nothing is known.
          type: str
    revision:
      description: The revision that the last deployments of the group brought to it; null when none did.
      type: dict
      returned: when a deployment group was named
    verdict:
      description: V(ready), V(not_ready) or V(unknown).
      type: str
      sample: ready
    reason:
      description: Why.
      type: str
      sample: the CodeDeploy agent 1.8.1 is running
    cause:
      description: Identifier of the reason; null for a host that is ready.
      type: str
    remedy:
      description: What to do about it; null for a host that is ready.
      type: str
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.agent import MINIMUM
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.task import FORESEEN_OPTIONS
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.preflight.task import LEVELS, PROBES, run
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.survey import SELECTION_OPTIONS, SELECTION_RULES
from ansible_collections.slipway.aws.plugins.module_utils._core.client import ROLE_OPTIONS
from ansible_collections.slipway.aws.plugins.module_utils._core.waiting import FOLLOW_OPTION
from ansible_collections.slipway.aws.plugins.module_utils._ssm.commands import POWERSHELL_DOCUMENT, SHELL_DOCUMENT

ARGUMENT_SPEC = {
    **SELECTION_OPTIONS,
    **FORESEEN_OPTIONS,
    "probe": {"type": "str", "choices": PROBES, "default": "command"},
    "fail_on": {"type": "str", "choices": LEVELS, "default": "not_ready"},
    "minimum_agent_version": {"type": "str", "default": MINIMUM},
    "document_name": {"type": "str", "default": SHELL_DOCUMENT},
    "windows_document_name": {"type": "str", "default": POWERSHELL_DOCUMENT},
    "probe_max_age": {"type": "int", "default": 60},
    "wait_timeout": {"type": "int", "default": 300},
    "wait_delay": {"type": "int", "default": 15},
    **FOLLOW_OPTION,
    **ROLE_OPTIONS,
}


def main() -> None:
    run(AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True, **SELECTION_RULES))


if __name__ == "__main__":
    main()
