#!/usr/bin/python
# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ecs_task_definition_revision
short_description: Register a new revision of an Amazon ECS task definition
version_added: 1.0.0
description:
  - Register a revision of a task definition, made from the one that a service runs, from the newest one of a family, or from a task
    definition that the task writes out. The changes of the task are applied to it, such as a new image.
  - If the revision that it was made from, or the newest active revision of the family, says the same already, nothing is registered and
    this revision is returned. Values that ECS fills in, and the order of variables and secrets, make no difference. Older revisions are
    not compared.
  - The service is not updated. M(slipway.aws.codedeploy_deployment) deploys the revision.
author:
  - Slipway contributors (@slipway-aws)
options:
  family:
    description:
      - Family of the task definition. The new revision is made from its newest active revision.
      - With O(task_definition), the family to register it in. If not set, the family in O(task_definition) is used.
      - Mutually exclusive with O(service).
    type: str
  service:
    description:
      - Name or ARN of an ECS service. The new revision is made from the task definition that the service runs. If CodeDeploy deploys to
        the service, this is the task definition of its primary task set.
    type: str
  cluster:
    description:
      - Name or ARN of the cluster of O(service).
    type: str
    default: default
  task_definition:
    description:
      - The whole task definition, with the names of the API (C(containerDefinitions), C(networkMode)), as in the file that C(aws ecs
        register-task-definition) takes. Members that ECS only returns, such as C(revision), are ignored.
      - To register a file, read it with the P(ansible.builtin.file#lookup) lookup and the P(ansible.builtin.from_json#filter) filter.
      - Mutually exclusive with O(service).
    type: dict
  containers:
    description:
      - Changes of containers. What is not set stays as it is.
    type: list
    elements: dict
    suboptions:
      name:
        description: Name of a container of the task definition.
        type: str
        required: true
      image:
        description: The image to run.
        type: str
      environment:
        description:
          - Environment variables to set. Other variables stay. Numbers become text, and truth values V(true) or V(false).
          - Do not put passwords here, because everyone who may read the task definition sees them. Use O(containers[].secrets).
        type: dict
      secrets:
        description:
          - Environment variables whose values ECS reads from AWS Secrets Manager or the SSM Parameter Store. The value is the ARN of the
            secret, or the ARN or name of the parameter. A variable of this name in the C(environment) of the container is removed.
        type: dict
      remove_variables:
        description: Names of environment variables and secrets to remove.
        type: list
        elements: str
      command:
        description: The command of the container.
        type: list
        elements: str
      entry_point:
        description: The entry point of the container.
        type: list
        elements: str
      cpu:
        description: CPU units that are reserved for the container.
        type: int
      memory:
        description: The amount of memory in MiB at which the container is stopped.
        type: int
      memory_reservation:
        description: The amount of memory in MiB that is reserved for the container.
        type: int
  pin_digest:
    description:
      - Whether to replace the tags of images by their digests, so that all tasks of the revision run the same image even if the tag is
        moved. This applies to the images in Amazon ECR that O(containers) or O(task_definition) sets.
      - If a tag was moved to another image, a new revision is registered.
      - Requires the permission C(ecr:DescribeImages).
    type: bool
    default: false
  cpu:
    description:
      - CPU of the whole task, for example V(512) or V(.5 vCPU).
    type: str
  memory:
    description:
      - Memory of the whole task, for example V(1024) or V(1 GB).
    type: str
  execution_role_arn:
    description:
      - ARN of the role with which ECS pulls images, reads secrets and writes logs.
    type: str
  task_role_arn:
    description:
      - ARN of the role that the containers use.
    type: str
  tags:
    description:
      - Tags to set, besides those of the revision that the new one is made from. No tag is removed.
      - If an existing revision is returned, missing tags are added to it.
    type: dict
    aliases: [resource_tags]
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - slipway.aws._options.role
  - slipway.aws._attributes.act
notes:
  - Values of environment variables are shown neither in the result nor in the diff. A digest tells whether two of them are the same.
  - ECS has no way to recognize a repeated registration. If an answer is lost, the newest revision is read and compared, so that none is
    registered twice. Two runs at the same time can register the same content twice.
  - Passing a role requires the permission C(iam:PassRole).
seealso:
  - module: slipway.aws.codedeploy_deployment
  - module: community.aws.ecs_taskdefinition_info
  - name: Task definitions in Amazon ECS
    description: The AWS documentation about task definitions.
    link: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definitions.html
"""

EXAMPLES = r"""
- name: Register a revision with a new image for what the service runs
  slipway.aws.ecs_task_definition_revision:
    cluster: shop
    service: storefront
    containers:
      - name: web
        image: 123456789012.dkr.ecr.eu-west-1.amazonaws.com/storefront:1.4.2
    pin_digest: true
  register: revision

- name: Change variables and memory of the newest revision of a family
  slipway.aws.ecs_task_definition_revision:
    family: storefront
    memory: 1 GB
    containers:
      - name: web
        environment:
          LOG_LEVEL: debug
        secrets:
          DB_PASSWORD: arn:aws:secretsmanager:eu-west-1:123456789012:secret:storefront-db
        remove_variables: [FEATURE_X]

- name: Register the task definition that is kept in a file
  slipway.aws.ecs_task_definition_revision:
    task_definition: "{{ lookup('ansible.builtin.file', 'taskdef.json') | ansible.builtin.from_json }}"
    tags:
      Release: 1.4.2
"""

RETURN = r"""
task_definition:
  description:
    - The revision, as DescribeTaskDefinition returns it. In check mode, its expected content if it would be registered.
  returned: always
  type: dict
  contains:
    task_definition_arn:
      description: ARN of the revision.
      type: str
      returned: when the revision exists
      sample: arn:aws:ecs:eu-west-1:123456789012:task-definition/storefront:8
    family:
      description: Family of the task definition.
      type: str
      returned: always
      sample: storefront
    revision:
      description: Number of the revision.
      type: int
      returned: when the revision exists
      sample: 8
    status:
      description: V(ACTIVE).
      type: str
      returned: when the revision exists
      sample: ACTIVE
    container_definitions:
      description: The containers, with digests in the place of the values of environment variables.
      type: list
      elements: dict
      returned: always
    tags:
      description: Tags of the revision.
      type: dict
      returned: always
      sample: {"Release": "1.4.2"}
registered:
  description: Whether the revision was registered by this run, or would be registered in check mode.
  returned: always
  type: bool
source_arn:
  description: ARN of the revision that it was made from.
  returned: when O(task_definition) is not set
  type: str
  sample: arn:aws:ecs:eu-west-1:123456789012:task-definition/storefront:7
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.slipway.aws.plugins.module_utils._core.client import ROLE_OPTIONS, connect
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import FAILURES, failure
from ansible_collections.slipway.aws.plugins.module_utils._ecs.changes import CONTAINER_OPTIONS
from ansible_collections.slipway.aws.plugins.module_utils._ecs.revisions import (
    apply_revision,
    describe_revision,
    diff_revision,
    plan_revision,
)

ARGUMENT_SPEC = {
    "family": {"type": "str"},
    "service": {"type": "str"},
    "cluster": {"type": "str", "default": "default"},
    "task_definition": {"type": "dict"},
    "containers": {"type": "list", "elements": "dict", "options": CONTAINER_OPTIONS},
    "pin_digest": {"type": "bool", "default": False},
    "cpu": {"type": "str"},
    "memory": {"type": "str"},
    "execution_role_arn": {"type": "str"},
    "task_role_arn": {"type": "str"},
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    **ROLE_OPTIONS,
}
RULES = {
    "required_one_of": [("family", "service", "task_definition")],
    "mutually_exclusive": [("family", "service"), ("service", "task_definition")],
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True, **RULES)
    params, doing = module.params, "read"
    name = params["family"] or params["service"] or params["task_definition"].get("family") or ""
    try:
        aws = connect(module)
        todo = done = plan_revision(aws, params)
        if todo.changed and not module.check_mode:
            doing = "register"
            done = apply_revision(aws, todo)
    except FAILURES as problem:
        what = f"Failed to {doing} the task definition {name}".rstrip()
        module.fail_json(**failure(problem, what, module.argument_spec))
    result = {"changed": todo.changed, **describe_revision(done, todo.found is None)}
    if module._diff:
        result["diff"] = diff_revision(todo)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
