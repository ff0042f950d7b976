#!/usr/bin/python
# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: codedeploy_service_preflight
short_description: Check whether AWS CodeDeploy can deploy to an ECS service
version_added: 1.0.0
description:
  - Check an ECS service and what CodeDeploy needs around it, before a deployment or before a deployment group is created. These are the
    deployment controller, the task set that serves, the listeners and target groups, the service role and whether it may pass the
    roles of the tasks, the deployment configuration, images in Amazon ECR, and auto scaling.
  - Nothing is changed. What the caller is not allowed to read is not checked. If that is the service itself, a warning says so.
author:
  - Slipway contributors (@slipway-aws)
options:
  application_name:
    description:
      - Name of the application. With O(deployment_group_name), what no other option sets is read from the deployment group, if it
        exists.
    type: str
  deployment_group_name:
    description:
      - Name of the deployment group.
    type: str
  cluster:
    description:
      - Name or ARN of the cluster.
    type: str
  service:
    description:
      - Name of the service.
    type: str
  target_groups:
    description:
      - Names of the two target groups.
    type: list
    elements: str
  listener_arn:
    description:
      - ARN of the listener of production traffic.
    type: str
  test_listener_arn:
    description:
      - ARN of the listener of test traffic.
    type: str
  service_role_arn:
    description:
      - ARN of the service role of CodeDeploy.
    type: str
  deployment_config_name:
    description:
      - Name of the deployment configuration. A Network Load Balancer only takes one that moves all traffic at once.
    type: str
  images:
    description:
      - Images to be deployed. Those in Amazon ECR must exist.
    type: list
    elements: str
  ignore_problems:
    description:
      - Causes of problems that do not fail the task.
    type: list
    elements: str
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - slipway.aws._options.role
  - slipway.aws._attributes.act
seealso:
  - module: slipway.aws.codedeploy_deployment
  - module: slipway.aws.codedeploy_preflight
"""

EXAMPLES = r"""
- name: Check the service of a deployment group
  slipway.aws.codedeploy_service_preflight:
    application_name: storefront-ecs
    deployment_group_name: production

- name: Check a service and an image before a deployment group is created
  slipway.aws.codedeploy_service_preflight:
    cluster: shop
    service: storefront
    target_groups: [storefront-blue, storefront-green]
    images: ["123456789012.dkr.ecr.eu-west-1.amazonaws.com/storefront:1.4.2"]
"""

RETURN = r"""
verdict:
  description: V(ready), or V(not_ready) when a problem blocks.
  returned: always
  type: str
  sample: ready
problems:
  description: What was found, each with C(cause), C(message), C(remedy) and C(blocks).
  returned: always
  type: list
  elements: dict
service:
  description: The service as it is.
  returned: always
  type: dict
  contains:
    cluster_name:
      description: The cluster.
      type: str
    service_name:
      description: The service.
      type: str
    deployment_controller:
      description: What deploys to the service. Null when there is no service.
      type: str
      sample: CODE_DEPLOY
    task_definition:
      description: ARN of the task definition that serves.
      type: str
    container_name:
      description: The container that gets the traffic.
      type: str
      sample: web
    container_port:
      description: Its port.
      type: int
      sample: 80
    desired_count:
      description: How many tasks the service has to have.
      type: int
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy import causes
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.service_preflight import examine, wanted
from ansible_collections.slipway.aws.plugins.module_utils._core.client import ROLE_OPTIONS, connect
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import FAILURES, Refused, failure, warn
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import to_result

ARGUMENT_SPEC = {
    "application_name": {"type": "str"},
    "deployment_group_name": {"type": "str"},
    "cluster": {"type": "str"},
    "service": {"type": "str"},
    "target_groups": {"type": "list", "elements": "str"},
    "listener_arn": {"type": "str"},
    "test_listener_arn": {"type": "str"},
    "service_role_arn": {"type": "str"},
    "deployment_config_name": {"type": "str"},
    "images": {"type": "list", "elements": "str"},
    "ignore_problems": {"type": "list", "elements": "str"},
    **ROLE_OPTIONS,
}
RULES = {
    "required_one_of": [("service", "deployment_group_name")],
    "required_together": [("application_name", "deployment_group_name")],
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True, **RULES)
    try:
        aws = connect(module)
        told = examine(aws, wanted(aws, module.params))
        hints = [one for one in told["problems"] if not one["blocks"]]
        told["problems"] = causes.ignoring(told["problems"], module.params["ignore_problems"])
        blocking = causes.blocking(told["problems"])
        told["verdict"] = "not_ready" if blocking else "ready"
        if blocking:
            raise Refused(" ".join(causes.in_words(blocking)), **to_result(told))
        if hints:
            warn(" ".join(causes.in_words(hints)))
    except FAILURES as problem:
        name = (
            module.params["service"] or f"{module.params['application_name']}/{module.params['deployment_group_name']}"
        )
        module.fail_json(**failure(problem, f"Failed to check the service {name}", module.argument_spec))
    module.exit_json(changed=False, **to_result(told))


if __name__ == "__main__":
    main()
