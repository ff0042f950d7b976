# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What went wrong, in words: cause, and the next thing to do. Private to this collection."""

from __future__ import annotations

import typing as t

from ansible.module_utils.common import warnings

from ansible_collections.slipway.aws.plugins.module_utils._text import all_shown, shown, shown_line

try:
    from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

    AWS_FAILURES: t.Tuple[t.Type[Exception], ...] = (ClientError, BotoCoreError)
except ImportError:
    AWS_FAILURES = ()  # AnsibleAWSModule says what is missing before anything of this is used


class Refused(Exception):
    """The request makes no sense or cannot be carried out; the text says what and how to mend it."""

    def __init__(self, message: str, **details: t.Any) -> None:
        super().__init__(message)
        self.details = details


class CannotChange(Refused):
    """No call leads from the live state to the wanted one."""


FAILURES: t.Tuple[t.Type[Exception], ...] = (Refused, *AWS_FAILURES)

DENIED = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "ForbiddenException")
THROTTLED = (
    "ThrottlingException",
    "Throttling",
    "ThrottledException",
    "RequestLimitExceeded",
    "TooManyRequestsException",
    "CallRateLimitExceededException",
    "TooManyUpdates",
    "SlowDown",
)
HINTS = {
    **dict.fromkeys(DENIED, "Give the caller this right in its IAM policy, or use other credentials."),
    **dict.fromkeys(THROTTLED, "AWS is throttling this account; run the task again later."),
    "ExpiredToken": "The credentials have run out; get new ones and run the task again: it goes on from where AWS is.",
    "ExpiredTokenException": "The credentials have run out; get new ones and run the task again: it goes on from where AWS is.",
    "InvalidRoleException": "Check that the role exists and that its trust policy names codedeploy.amazonaws.com.",
    "ResourceDependencyException": "Repoint or remove what uses it first.",
    "DeploymentConfigInUseException": "Give the deployment groups that use it another configuration first.",
    "ServiceQuotaExceededException": "Remove what is no longer used, or ask AWS to raise the quota.",
    "ApplicationDoesNotExistException": "Create it first with slipway.aws.codedeploy_application, or check the name and region.",
    "DeploymentGroupDoesNotExistException": "Create it first with slipway.aws.codedeploy_deployment_group, or check the name.",
    "DeploymentConfigDoesNotExistException": "Create it first with slipway.aws.codedeploy_deployment_config, or check the name.",
}


def code(problem: BaseException) -> str:
    """The AWS error code of an exception, or an empty text."""
    response = getattr(problem, "response", None) or {}
    return str(response.get("Error", {}).get("Code", ""))


def is_unreadable(problem: BaseException) -> bool:
    """Whether a read told nothing because the caller may not ask, or because the service is out of reach.

    Without credentials nothing at all can be asked, which is no matter of one service. By name: botocore may be missing.
    """
    if isinstance(problem, Refused) or "Credential" in type(problem).__name__:
        return False
    return getattr(problem, "response", None) is None or code(problem) in DENIED


def throttled(problem: BaseException) -> bool:
    """Whether AWS only asked to come back later."""
    return code(problem) in THROTTLED


def may_have_happened(problem: BaseException) -> bool:
    """Whether a write that failed may have been carried out: no answer came, or the service failed after it took it."""
    response = getattr(problem, "response", None)
    if isinstance(problem, Refused):
        return False
    return response is None or response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= 500


def failure(problem: BaseException, what: str) -> dict[str, t.Any]:
    """Arguments for fail_json: `Failed to <verb> the <noun> <name>: <cause>. <next step>`."""
    if isinstance(problem, Refused):
        return {"msg": shown(f"{what}: {problem}"), **problem.details}
    if isinstance(problem, ClientError):
        error = problem.response.get("Error", {})
        cause = f"{error.get('Message') or 'AWS gave no reason'} ({error.get('Code')})"
        details = {"code": error.get("Code"), "message": error.get("Message"), "operation": problem.operation_name}
    else:
        cause, details = str(problem), {"code": type(problem).__name__, "message": str(problem)}
    msg = " ".join(filter(None, (f"{what}: {_sentence(shown_line(cause))}", _hint(problem))))
    return all_shown({"msg": msg, "error": details})


def warn(text: str) -> None:
    """Warn the user, in one line whatever the text holds."""
    warnings.warn(shown_line(text))


def _hint(problem: BaseException) -> str:
    if isinstance(problem, NoCredentialsError):
        return "Set access_key and secret_key, a profile, or the AWS_* environment variables."
    return HINTS.get(code(problem), "")


def _sentence(text: str) -> str:
    return text if text.endswith(".") else f"{text}."
