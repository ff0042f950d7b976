# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Starting and stopping a deployment, each at most once. Private to this collection.

CreateDeployment has no token that would make a repeated call harmless. So it is sent once, and when its answer is lost
the deployment is looked for instead.
"""

from __future__ import annotations

import datetime
import re

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments import calls, revisions
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.planning import Wish
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import (
    FAILURES,
    Refused,
    code,
    may_have_happened,
    retried,
)
from ansible_collections.slipway.aws.plugins.module_utils._core.waiting import look_until

REMEDIES = {
    "DeploymentConfigDoesNotExistException": "Correct deployment_config_name, or create it with "
    "slipway.aws.codedeploy_deployment_config.",
    "RevisionDoesNotExistException": "Push the revision with slipway.aws.codedeploy_revision.",
    "InvalidRevisionException": "Set revision to what slipway.aws.codedeploy_revision returns.",
    "InvalidAlarmConfigException": "Correct override_alarm_configuration.",
    "InvalidAutoRollbackConfigException": "Correct auto_rollback_configuration; enabled needs events.",
    "InvalidAutoScalingGroupProcessToSuspendException": "Correct ec2_deployment_options.",
    "InvalidGitHubAccountTokenException": "Connect the application with GitHub in the CodeDeploy console.",
}
DEPLOYMENT_ID = re.compile(r"d-[A-Z0-9]{9}")


class Busy(Exception):
    """Another deployment of the group came first. `deployment` is that one."""

    def __init__(self, deployment: calls.Shape) -> None:
        super().__init__(deployment["deploymentId"])
        self.deployment = deployment


def start(aws: Connection, wish: Wish, since: datetime.datetime) -> str:
    """Create the deployment and return its id; `since` is a time of AWS before it. Raises Busy."""
    asked = {"applicationName": wish.application, "deploymentGroupName": wish.group, **wish.asked}
    try:
        return aws.client(calls.SERVICE, once=True).create_deployment(**asked)["deploymentId"]
    except is_boto3_error_code("DeploymentLimitExceededException") as problem:
        other = _blocking(aws, wish, str(problem))
        if other is None:
            raise
        raise Busy(other) from problem
    except FAILURES as problem:
        remedy = REMEDIES.get(code(problem))
        if remedy:
            said = getattr(problem, "response", {})["Error"].get("Message") or code(problem)
            raise Refused(f"{said.rstrip('.')}. {remedy}") from problem
        if not may_have_happened(problem):
            raise
        return _look_for(aws, wish, since, problem)


def stop(aws: Connection, deployment_id: str, roll_back: bool | None = None) -> bool:
    """Ask AWS to schedule nothing more for a deployment; False when it was over already. Harmless to repeat.

    When an answer was lost, it may be the first request that ended it.
    """
    asked = {} if roll_back is None else {"autoRollbackEnabled": roll_back}
    try:
        aws.client(calls.SERVICE).stop_deployment(deploymentId=deployment_id, **asked)
    except is_boto3_error_code("DeploymentAlreadyCompletedException") as problem:
        return retried(problem) and calls.read_deployment(aws, deployment_id)[0]["status"] == "Stopped"
    except is_boto3_error_code("DeploymentDoesNotExistException") as problem:
        raise Refused(
            f"there is no deployment {deployment_id} in {aws.region}. Correct deployment_id or region."
        ) from problem
    return True


def _blocking(aws: Connection, wish: Wish, text: str) -> calls.Shape | None:
    """The deployment that is in the way: AWS names it in the text only, whose wording has changed before."""
    active = calls.active_deployments(aws, wish.application, wish.group)
    named = DEPLOYMENT_ID.search(text)
    return active[0] if active else calls.read_deployment(aws, named.group())[0] if named else None


def _look_for(aws: Connection, wish: Wish, since: datetime.datetime, problem: BaseException) -> str:
    """The deployment that the lost call created. A list may lag behind, so it is asked some times before giving up."""
    if found := look_until(lambda: _created_since(aws, wish, since)):
        return found
    text = "the response to the request was lost, and no such deployment has appeared. Run the task again: it joins the"
    raise Refused(f"{text} deployment if it exists after all, and otherwise starts it. ({problem})") from problem


def _created_since(aws: Connection, wish: Wish, since: datetime.datetime) -> str | None:
    window = {"start": since - datetime.timedelta(seconds=1)}  # the Date of an answer has no fractions
    ids = calls.list_deployments(aws, wish.application, wish.group, createTimeRange=window)
    mine = (one for one in calls.read_deployments(aws, ids) if _is_mine(one, wish))
    return next((one["deploymentId"] for one in mine), None)


def _is_mine(one: calls.Shape, wish: Wish) -> bool:
    like = wish.revision is None or revisions.same_revision(one.get("revision"), wish.revision)
    described = (one.get("description") or None) == (wish.asked.get("description") or None)
    return one.get("creator", "user") == "user" and like and described
