#!/usr/bin/python
# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: codedeploy_bake_time
short_description: Wait until an AWS CodeDeploy deployment has run for a time without an alarm
version_added: 1.0.0
description:
  - Wait until the last successful deployment of a deployment group has run for some minutes, and fail as soon as a CloudWatch alarm is in
    the C(ALARM) state. In a rollout over several deployment groups, this is the time between one group and the next.
  - The time counts from the end of the deployment, as AWS tells it. A task that is run again waits for the rest, or not at all if the
    time has passed. Alarms are checked in any case.
author:
  - Slipway contributors (@slipway-aws)
options:
  application_name:
    description:
      - Name of the application.
    type: str
    required: true
  deployment_group_name:
    description:
      - Name of the deployment group.
    type: str
    required: true
  minutes:
    description:
      - For how many minutes the deployment has to run.
    type: int
    required: true
  alarms:
    description:
      - Names of the alarms to watch. If not set, those of the deployment group, if they are enabled. An empty list watches none.
      - An alarm that does not exist or may not be read fails the task.
    type: list
    elements: str
  wait_delay:
    description:
      - Maximum time between two checks, in seconds.
    type: int
    default: 15
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - slipway.aws._options.role
  - slipway.aws._options.follow
  - slipway.aws._attributes.act
notes:
  - In check mode the alarms are checked, and the task does not wait.
seealso:
  - module: slipway.aws.codedeploy_deployment
"""

EXAMPLES = r"""
- name: Let the release run for half an hour, unless an alarm of the deployment group is on
  slipway.aws.codedeploy_bake_time:
    application_name: checkout
    deployment_group_name: live
    minutes: 30
"""

RETURN = r"""
deployment:
  description: The last successful deployment.
  returned: always
  type: dict
  sample: {"deployment_id": "d-ABCDEF123", "end_time": "2026-11-23T17:00:00+00:00", "status": "Succeeded"}
remaining:
  description: How many seconds of the time are left. V(0) outside check mode, where the task waits for them.
  returned: always
  type: int
  sample: 0
problems:
  description: The alarms that are on, are missing or cannot be read, with C(cause), C(message), C(remedy) and C(blocks).
  returned: when the task failed because of alarms
  type: list
  elements: dict
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.bake_time import BakeTime, run
from ansible_collections.slipway.aws.plugins.module_utils._core.client import ROLE_OPTIONS
from ansible_collections.slipway.aws.plugins.module_utils._core.waiting import FOLLOW_OPTION

ARGUMENT_SPEC = {
    "application_name": {"type": "str", "required": True},
    "deployment_group_name": {"type": "str", "required": True},
    "minutes": {"type": "int", "required": True},
    "alarms": {"type": "list", "elements": "str"},
    "wait_delay": {"type": "int", "default": 15},
    **FOLLOW_OPTION,
    **ROLE_OPTIONS,
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    params = module.params
    run(
        module,
        BakeTime(params["application_name"], params["deployment_group_name"], params["minutes"], params["alarms"]),
    )


if __name__ == "__main__":
    main()
