#!/usr/bin/python
# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ssm_run_command
short_description: Run a document of AWS Systems Manager on nodes, or cancel a command
version_added: 1.0.0
description:
  - Run a Command document, such as C(AWS-RunShellScript), C(AWS-ConfigureAWSPackage) or one of your own, with Run Command on managed nodes
    that are selected by their IDs, tags or a resource group. The module waits until every node has ended and shows how far it is.
  - The task fails if a single node failed. AWS calls a command a success if no node matches, if nodes could not be reached, or if fewer
    nodes failed than O(max_errors). In the result of this module these are failures. RV(failed_nodes) lists each failed node with its exit code,
    the end of its output, the most likely cause, and how to fix it.
  - If the same command is already in progress, the module waits for it instead of sending another one. It is the same if the document, its
    version, the parameters, the nodes and O(comment) are the same. To recognize it, the module adds a digest of these to the comment of
    the command. A command that has ended is sent again.
  - A command is sent once. If the response of AWS is lost, the module looks for the command and waits for it. It never sends it again.
  - AWS takes 50 IDs in a command. More O(instance_ids) are sent as several commands, one after the other, so that O(max_concurrency) and
    O(max_errors) hold for all nodes together. O(targets) always need a single command, whatever the number of nodes.
  - In check mode nothing is sent. The result shows which nodes would be reached, in which waves, and what prevents it.
author:
  - Slipway contributors (@slipway-aws)
options:
  state:
    description:
      - With V(sent), the document is run. With V(cancelled), the command O(command_id) is canceled.
      - A canceled command does not begin on further nodes. A script that is running on a node runs on, such as the install script of
        a package.
    type: str
    choices: [sent, cancelled]
    default: sent
  document_name:
    description:
      - Name of the document, or ARN of a document that another account shares. Required with O(state=sent).
    type: str
  document_version:
    description:
      - Version of the document, as a number, C($DEFAULT) or C($LATEST). If not set, AWS uses the default version.
    type: str
  document_hash:
    description:
      - Hash of the content of the document. AWS refuses the command if the content has another hash.
    type: str
  document_hash_type:
    description:
      - Algorithm of O(document_hash).
    type: str
    choices: [Sha256, Sha1]
    default: Sha256
  parameters:
    description:
      - Parameters of the document. Each value is a text, a list of texts, or a map, which is sent as JSON. Without a value (null), a
        parameter is left out.
      - Values in this option are shown, in the result and in the output of Ansible. Use O(secret_parameters) for secrets.
    type: dict
  secret_parameters:
    description:
      - Parameters whose values are secret, in the format of O(parameters). Ansible shows them nowhere.
      - A script can print parts of its secrets, so RV(failed_nodes) then has no output of the nodes, unless O(return_output=true).
      - AWS keeps the parameters of a command for 30 days and shows them to everyone who is allowed C(ssm:ListCommands). To keep a secret
        from them as well, store it in Parameter Store and let the script read it there.
    type: dict
  instance_ids:
    description:
      - IDs of the nodes. Nothing is sent if one of them is not managed by Systems Manager.
      - With O(state=cancelled), the nodes on which the command is canceled, at most 50. If not set, on all of them.
    type: list
    elements: str
  targets:
    description:
      - Which nodes to select. Values of an entry are alternatives, and every entry has to match.
    type: list
    elements: dict
    suboptions:
      key:
        description:
          - C(tag:KEY) for nodes with this tag, C(tag-key) for nodes that have one of these tags with any value, C(resource-groups:Name) for
            the nodes of one resource group, or C(InstanceIds).
        type: str
        required: true
      values:
        description: Values of the tag, names of tags, the name of the resource group, or IDs.
        type: list
        elements: str
        required: true
  max_concurrency:
    description:
      - How many nodes may run the command at the same time, as a number or a percentage of the nodes. The default is that of AWS.
    type: str
    default: "50"
  max_errors:
    description:
      - How many nodes may fail before AWS stops beginning on further nodes, as a number or a percentage. The default is that of AWS.
      - Nodes that have begun end nevertheless, so with a high O(max_concurrency) more nodes can fail.
    type: str
    default: "0"
  timeout_seconds:
    description:
      - How long AWS waits for a node to receive the command, in seconds, at least 30. AWS waits for an hour by default.
      - For how long the document may run on a node is a parameter of most documents (C(executionTimeout)).
    type: int
  comment:
    description:
      - Comment of the command, at most 50 characters.
    type: str
  max_age_days:
    description:
      - If the same command has succeeded on all its nodes within this number of days, it is not sent again, and the task reports no change. Use
        this for a command that checks something. Requires O(instance_ids), because a tag may select other nodes today.
      - AWS keeps commands for 30 days.
    type: int
  ignore_invalid_platform:
    description:
      - Whether nodes on whose platform the document does not run are no failures. Use this if tags select nodes of several platforms and each
        platform has a task of its own.
      - This applies to O(targets). AWS refuses a command if it names such a node in O(instance_ids).
    type: bool
    default: false
  return_output:
    description:
      - Whether to return what each node wrote, in RV(outputs).
    type: bool
    default: false
  output_s3_bucket_name:
    description:
      - Bucket to which each node writes its whole output. The role of the nodes has to allow this.
    type: str
  output_s3_key_prefix:
    description:
      - Prefix of the keys in O(output_s3_bucket_name).
    type: str
  cloud_watch_output_config:
    description:
      - Writing the whole output to CloudWatch Logs. The role of the nodes has to allow this.
    type: dict
    suboptions:
      cloud_watch_output_enabled:
        description: Whether output is written there.
        type: bool
      cloud_watch_log_group_name:
        description: Name of the log group. If not set, C(/aws/ssm/DOCUMENT).
        type: str
  alarm_configuration:
    description:
      - An alarm of CloudWatch that stops the command.
    type: dict
    suboptions:
      alarms:
        description: The alarm. AWS takes exactly one.
        type: list
        elements: dict
        required: true
        suboptions:
          name:
            description: Name of the alarm.
            type: str
            required: true
      ignore_poll_alarm_failure:
        description: Whether to continue if the state of the alarm cannot be read.
        type: bool
  notification_config:
    description:
      - Notifications about the command by Amazon SNS. Requires O(service_role_arn).
    type: dict
    suboptions:
      notification_arn:
        description: ARN of the topic.
        type: str
      notification_events:
        description: The states to notify about, such as V(Success), V(Failed), V(TimedOut), or V(All).
        type: list
        elements: str
      notification_type:
        description: Whether to notify about the whole command or about each node.
        type: str
        choices: [Command, Invocation]
  service_role_arn:
    description:
      - ARN of the role with which Systems Manager publishes the notifications of O(notification_config).
    type: str
  command_id:
    description:
      - ID of the command to cancel. Required with O(state=cancelled). Nothing happens if the command has ended.
    type: str
attributes:
  idempotent:
    support: partial
    details: A second run joins the command in progress. A command that has ended is sent again, unless O(max_age_days) is set.
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - slipway.aws._options.wait
  - slipway.aws._options.follow
  - slipway.aws._options.role
  - slipway.aws._attributes.act
notes:
  - If O(wait_timeout) is not set, the module waits until AWS has ended the command. AWS waits for nodes that do not answer until
    O(timeout_seconds) have passed, and then until the time for running the document has passed.
  - While it waits, the module asks AWS one question each time, whatever the number of nodes. It reads details only of nodes that failed.
  - The module knows nothing of what the document does on the nodes. So a task always reports a change. Set C(changed_when) to false for
    a document that only reads.
  - Ansible prints a short result for a failed task. The notes of M(slipway.aws.codedeploy_deployment) describe when it prints the full result.
seealso:
  - module: slipway.aws.ssm_managed_node_info
  - name: AWS Systems Manager Run Command
    description: Run Command in the AWS documentation.
    link: https://docs.aws.amazon.com/systems-manager/latest/userguide/run-command.html
"""

EXAMPLES = r"""
- name: Restart the web server on all nodes with a tag, ten at a time
  slipway.aws.ssm_run_command:
    document_name: AWS-RunShellScript
    parameters:
      commands:
        - systemctl restart nginx
    targets:
      - key: tag:Application
        values: [storefront]
    max_concurrency: 10
    max_errors: 1

- name: Read the version of the kernel
  slipway.aws.ssm_run_command:
    document_name: AWS-RunShellScript
    parameters:
      commands: uname -r
    targets:
      - key: tag:Application
        values: [storefront]
    return_output: true
  changed_when: false
  register: kernels

- name: Start a script with a secret and do not wait for it
  slipway.aws.ssm_run_command:
    document_name: AWS-RunShellScript
    secret_parameters:
      commands: "/opt/app/bin/register --token {{ registration_token }}"
    targets:
      - key: tag:Application
        values: [storefront]
    timeout_seconds: 120
    wait: false
  vars:
    registration_token: an-example
  register: started

- name: Cancel a command
  slipway.aws.ssm_run_command:
    command_id: 11111111-2222-4333-8444-555555555555
    state: cancelled
"""

RETURN = r"""
command:
  description:
    - The command. If several commands were needed, their counters are added. Parameters are left out, because they can hold secrets.
  returned: always
  type: dict
  contains:
    command_id:
      description: ID of the command, or of the first one.
      type: str
      sample: 11111111-2222-4333-8444-555555555555
    document_name:
      description: Name of the document.
      type: str
      sample: AWS-RunShellScript
    document_version:
      description: Version of the document.
      type: str
      sample: $DEFAULT
    status:
      description: Status by AWS. V(Success) does not mean that every node succeeded.
      type: str
      sample: Success
    status_details:
      description: Details of the status, such as V(Incomplete) or V(NoInstancesInTag).
      type: str
      sample: Success
    targets:
      description: The targets of the command.
      type: list
      elements: dict
    target_count:
      description: Number of nodes. 0 until AWS has looked up the targets.
      type: int
      sample: 500
    completed_count:
      description: Number of nodes that have ended.
      type: int
      sample: 500
    error_count:
      description: Number of nodes that failed or took too long.
      type: int
      sample: 0
    delivery_timed_out_count:
      description: Number of nodes that did not receive the command in time.
      type: int
      sample: 0
    max_concurrency:
      description: How many nodes may run the command at the same time.
      type: str
      sample: "50"
    max_errors:
      description: How many nodes may fail before AWS stops.
      type: str
      sample: "0"
    timeout_seconds:
      description: How long AWS waits for a node to receive the command.
      type: int
      sample: 3600
    requested_date_time:
      description: When the command was sent.
      type: str
    expires_after:
      description: When AWS ends the command at the latest.
      type: str
    triggered_alarms:
      description: Alarms that stopped the command.
      type: list
      elements: dict
command_ids:
  description: IDs of all commands of the task, in the order in which they were sent.
  returned: always
  type: list
  elements: str
joined:
  description: Whether a command that was already in progress is used instead of a new one.
  returned: with O(state=sent)
  type: bool
failed_nodes:
  description: The nodes that failed. Output and links are empty from the 201st on.
  returned: with O(state=sent), when the command has ended
  type: list
  elements: dict
  contains:
    instance_id:
      description: ID of the node.
      type: str
      sample: i-0123456789abcdef0
    name:
      description: Name of the node, if AWS tells one. It can be the host name or the value of the tag C(Name).
      type: str
    command_id:
      description: ID of the command that failed on it.
      type: str
    status_details:
      description: How it ended, in the words of AWS. V(NotSent) if no command was sent to it.
      type: str
      sample: Failed
    reason:
      description: How it ended, in a sentence.
      type: str
      sample: it failed with exit code 3
    step_name:
      description: The step of the document that failed.
      type: str
      sample: aws:runShellScript
    response_code:
      description: Exit code of the step. Null if nothing ran.
      type: int
      sample: 3
    output_tail:
      description: The last 1000 characters that it wrote.
      type: str
    standard_output_url:
      description: Where its output is in S3.
      type: str
    standard_error_url:
      description: Where its errors are in S3.
      type: str
    cause:
      description: Identifier of the most likely cause.
      type: str
      sample: script_failed
    hint:
      description: How to fix it.
      type: str
ignored_nodes:
  description: IDs of nodes on whose platform the document does not run, with O(ignore_invalid_platform=true).
  returned: with O(state=sent), when the command has ended
  type: list
  elements: str
outputs:
  description: What each node wrote, of at most 500 nodes. AWS returns the first 2500 characters.
  returned: with O(return_output=true), when the command has ended
  type: list
  elements: dict
  contains:
    instance_id:
      description: ID of the node.
      type: str
    name:
      description: Name of the node, if AWS tells one. It can be the host name or the value of the tag C(Name).
      type: str
    status_details:
      description: How it ended.
      type: str
    response_code:
      description: Exit code.
      type: int
    output:
      description: Its output, followed by its errors.
      type: str
in_progress_nodes:
  description: IDs of at most 50 nodes on which the command was in progress when it was canceled, so that a script may still be running there.
  returned: with O(state=cancelled)
  type: list
  elements: str
plan:
  description: What the task would do.
  returned: in check mode, with O(state=sent)
  type: dict
  contains:
    nodes:
      description: The nodes that would be reached, each with C(instance_id), C(computer_name), C(ping_status) and its platform.
      type: list
      elements: dict
    waves:
      description: IDs of the nodes, in the waves that O(max_concurrency) makes if all nodes take equally long.
      type: list
      elements: list
    commands:
      description: Number of commands that would be sent.
      type: int
      sample: 1
    problems:
      description: What prevents the command, or parts of it.
      type: list
      elements: dict
      contains:
        cause:
          description: Identifier of the cause, such as V(nodes_missing) or V(platform_mismatch).
          type: str
          sample: nodes_missing
        message:
          description: What is wrong, with the names of what is affected.
          type: str
        remedy:
          description: How to fix the problem.
          type: str
        blocks:
          description: Whether the command is known to fail because of the problem.
          type: bool
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.slipway.aws.plugins.module_utils._core.client import ROLE_OPTIONS, connect
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import FAILURES
from ansible_collections.slipway.aws.plugins.module_utils._core.waiting import FOLLOW_OPTION, WAIT_OPTIONS
from ansible_collections.slipway.aws.plugins.module_utils._ssm.run_command.acts import Interrupted, failed, run_command
from ansible_collections.slipway.aws.plugins.module_utils._ssm.run_command.options import (
    COMMAND_OPTIONS,
    COMMAND_RULES,
)

ARGUMENT_SPEC = {**COMMAND_OPTIONS, **WAIT_OPTIONS, **FOLLOW_OPTION, **ROLE_OPTIONS}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True, **COMMAND_RULES)
    try:
        result = run_command(connect(module), module.params, module.check_mode)
    except (Interrupted, *FAILURES) as problem:
        module.fail_json(**failed(problem, module.params, module.argument_spec))
    if not module._diff:
        result.pop("diff", None)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
