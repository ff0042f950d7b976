# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a hook of an ECS or Lambda deployment reports. Knows nothing of Ansible. Private to this collection."""

from __future__ import annotations

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.calls import SERVICE
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.calls import ENDED, read_deployment
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import Refused, retried

COMPLETED = "LifecycleEventAlreadyCompletedException"
UNKNOWN = "InvalidLifecycleEventHookExecutionIdException"


def is_open(aws: Connection, deployment_id: str) -> tuple[str, bool]:
    """The status of the deployment, and whether a hook of it can still be reported."""
    found, _now = read_deployment(aws, deployment_id)
    if found.get("computePlatform") == "Server":
        raise Refused("it deploys to hosts, where scripts are the hooks and CodeDeploy reads their exit codes itself")
    return str(found["status"]), found["status"] not in ENDED


def report(aws: Connection, deployment_id: str, execution_id: str, status: str) -> bool:
    """Report an outcome; whether that made a difference. After a lost answer the repeated request finds it completed."""
    asked = {"deploymentId": deployment_id, "lifecycleEventHookExecutionId": execution_id, "status": status}
    try:
        aws.client(SERVICE).put_lifecycle_event_hook_execution_status(**asked)
    except is_boto3_error_code(COMPLETED) as problem:
        return retried(problem)
    except is_boto3_error_code(UNKNOWN) as problem:
        text = "it has no hook with this lifecycle_event_hook_execution_id"
        raise Refused(f"{text}. Take it from the payload of the hook function") from problem
    return True
