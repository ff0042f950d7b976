# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What went wrong, in words: cause, and the next thing to do. Private to this collection."""

from __future__ import annotations

import re
import typing as t

from ansible.module_utils.common import warnings

from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import option_name
from ansible_collections.slipway.aws.plugins.module_utils._text import all_shown, shown, shown_line

try:
    from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, ParamValidationError

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

T = t.TypeVar("T")
Other = t.TypeVar("Other")
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
INPUT_MEMBERS = "InputMembers"  # in the metadata of a failed answer: what its request can have in it
# How the codes end with which AWS says that a name is taken.
TAKEN = ("AlreadyExistsException", "AlreadyRegisteredException")
READS = ("Get", "List", "Describe", "BatchGet", "Head")
UNREACHED = ("EndpointConnectionError", "ConnectTimeoutError", "ProxyConnectionError", "SSLError")
UNANSWERED = ("ReadTimeoutError", "ConnectionClosedError", "ResponseStreamingError", "HTTPClientError")
AGAIN = "Run the task again: it checks the current state first, and does nothing twice."
IDENTIFIER = re.compile(r"(?<![\w/:@-])[A-Za-z][A-Za-z0-9]*(?![\w/@-])")
HINTS = {
    **dict.fromkeys(DENIED, "Grant the caller this permission in an IAM policy, or use other credentials."),
    **dict.fromkeys(THROTTLED, "AWS is throttling this account; run the task again later."),
    "ExpiredToken": "The credentials have expired. Get new ones and run the task again: it continues from the current state in AWS.",
    "ExpiredTokenException": "The credentials have expired. Get new ones and run the task again: it continues from the current state in AWS.",
    "InvalidRoleException": "Check that the role exists and that its trust policy names codedeploy.amazonaws.com.",
    "ResourceDependencyException": "First delete the resources that use it, or change them to use another one.",
    "DeploymentConfigInUseException": "First set another configuration in the deployment groups that use it.",
    "ServiceQuotaExceededException": "Remove what is no longer used, or ask AWS to raise the quota.",
    "ApplicationDoesNotExistException": "Create it first with slipway.aws.codedeploy_application, or check the name and region.",
    "DeploymentGroupDoesNotExistException": "Create it first with slipway.aws.codedeploy_deployment_group, or check the name.",
    "InvalidAssociationVersion": "Someone changed the association while the task ran. Run the task again: it keeps what they changed.",
    "DeploymentConfigDoesNotExistException": "Check the name, or create it first with slipway.aws.codedeploy_deployment_config.",
}


def refuse(found: t.Iterable[str]) -> None:
    """Raise Refused for the problems found, if there are any."""
    texts = list(dict.fromkeys(found))
    if texts:
        raise Refused(". ".join(_capitalized(text) if number else text for number, text in enumerate(texts)))


def _capitalized(text: str) -> str:
    """An option at the beginning of a sentence keeps its case: it is what the reader has to look for."""
    return text if "_" in text.partition(" ")[0] else text[:1].upper() + text[1:]


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


def if_allowed(read: t.Callable[[], T], otherwise: Other) -> T | Other:
    """What is read, or something that stands against nothing where the caller may not read it or nobody answers."""
    try:
        return read()
    except FAILURES as problem:
        if not is_unreadable(problem):
            raise
        return otherwise


def if_readable(read: t.Callable[[], T]) -> T | None:
    """What is told beside a cause is not worth losing the cause: None when it cannot be read."""
    try:
        return read()
    except FAILURES:
        return None


def throttled(problem: BaseException) -> bool:
    """Whether AWS only asked to come back later."""
    return code(problem) in THROTTLED


def may_have_happened(problem: BaseException) -> bool:
    """Whether a write that failed may have been carried out: no answer came, or the service failed after it took it."""
    response = getattr(problem, "response", None)
    if isinstance(problem, Refused):
        return False
    return response is None or response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= 500


def taken(problem: BaseException) -> bool:
    """Whether AWS refused to create something because its name is taken."""
    return code(problem).endswith(TAKEN)


def retried(problem: BaseException) -> bool:
    """Whether AWS was asked more than once: then an attempt before may have been carried out, its answer lost."""
    response = getattr(problem, "response", None) or {}
    return bool(response.get("ResponseMetadata", {}).get("RetryAttempts"))


def failure(problem: BaseException, what: str, spec: t.Mapping[str, t.Any] | None = None) -> dict[str, t.Any]:
    """Arguments for fail_json: `Failed to <verb> the <noun> <name>: <cause>. <next step>`.

    With the argument spec of the module only members that are options of it are named as options.
    """
    if isinstance(problem, Refused):
        return {"msg": shown(f"{what}: {problem}"), **problem.details}
    if isinstance(problem, ClientError):
        error = problem.response.get("Error", {})
        metadata: t.Any = problem.response.get("ResponseMetadata") or {}
        said = _by_options(error.get("Message") or "AWS gave no reason", spec, metadata.get(INPUT_MEMBERS, ()))
        cause = f"{said} ({error.get('Code')})"
        details = {"code": error.get("Code"), "message": error.get("Message"), "operation": problem.operation_name}
    else:
        cause = _by_options(str(problem), spec or {}) if isinstance(problem, ParamValidationError) else str(problem)
        details = {"code": type(problem).__name__, "message": str(problem)}
    msg = " ".join(filter(None, (f"{what}: {_sentence(shown_line(cause))}", _hint(problem))))
    return all_shown({"msg": msg, "error": details})


def warn(text: str) -> None:
    """Warn the user, in one line whatever the text holds."""
    warnings.warn(shown_line(text))


def _hint(problem: BaseException) -> str:
    if isinstance(problem, NoCredentialsError):
        return "Set access_key and secret_key, a profile, or the AWS_* environment variables."
    return HINTS.get(code(problem), "") or _after_outage(problem)


def _after_outage(problem: BaseException) -> str:
    """What to do when AWS failed, or was not there, and the request is not to blame."""
    kinds = {kind.__name__ for kind in type(problem).__mro__}
    if kinds & set(UNREACHED):
        return "Check the region, the network, the proxy and endpoint_url, and run the task again."
    if kinds & set(UNANSWERED):
        return f"No answer came, so the request may have been carried out. {AGAIN}"
    metadata = (getattr(problem, "response", None) or {}).get("ResponseMetadata", {})
    if metadata.get("HTTPStatusCode", 0) not in (500, 502, 503, 504):
        return ""
    if getattr(problem, "operation_name", "").startswith(READS):
        return "This is an outage of AWS, not a fault of the task. Run it again later."
    return f"This is an outage of AWS, not a fault of the task. The request may still have been carried out. {AGAIN}"


def _by_options(text: str, spec: t.Mapping[str, t.Any] | None, members: t.Container[str] | None = None) -> str:
    """What AWS or botocore says, with options in place of members: of these members, and of this argument spec, if given."""
    options = None if spec is None else set(_options(spec))

    def named(found: re.Match[str]) -> str:
        member, option = found.group(), option_name(found.group())
        known = (members is None or member in members) and (options is None or option in options)
        return option if known and "_" in option else member

    return IDENTIFIER.sub(named, text)


def _options(spec: t.Mapping[str, t.Any]) -> t.Iterator[str]:
    """Names and aliases of options, at any depth."""
    for name, option in spec.items():
        yield from (name, *(option.get("aliases") or ()))
        yield from _options(option.get("options") or {})


def _sentence(text: str) -> str:
    return text if text.endswith(".") else f"{text}."
