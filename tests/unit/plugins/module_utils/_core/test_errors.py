# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a failure says: cause, and the next thing to do."""

from __future__ import annotations

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    ReadTimeoutError,
)

from ansible_collections.slipway.aws.plugins.module_utils._core.errors import Refused, failure, throttled


def refused(code: str, message: str = "no", operation: str = "CreateApplication", **metadata: object) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}, "ResponseMetadata": metadata}, operation)


@pytest.mark.parametrize(
    ("problem", "message"),
    [
        (
            refused("SomethingException", "It is so"),
            "Failed to create the application web: It is so (SomethingException).",
        ),
        (
            refused("AccessDeniedException", "no right"),
            "Failed to create the application web: no right (AccessDeniedException). Grant the caller this permission",
        ),
        (
            refused("SomethingException", ""),
            "Failed to create the application web: AWS gave no reason (SomethingException).",
        ),
        (
            Refused("the name is too long. Shorten it"),
            "Failed to create the application web: the name is too long. Shorten it",
        ),
        (NoCredentialsError(), "Failed to create the application web: Unable to locate credentials. Set access_key"),
        (
            EndpointConnectionError(endpoint_url="http://x"),
            "Failed to create the application web: Could not connect to the endpoint URL",
        ),
    ],
)
def test_a_failure_names_cause_and_remedy(problem: Exception, message: str) -> None:
    assert failure(problem, "Failed to create the application web")["msg"].startswith(message)


def test_the_details_of_an_aws_error_are_returned() -> None:
    details = failure(refused("SomethingException", "It is so"), "Failed")["error"]
    assert details == {"code": "SomethingException", "message": "It is so", "operation": "CreateApplication"}


def test_the_details_of_a_refusal_are_returned() -> None:
    assert failure(Refused("no", targets=["i-1"]), "Failed")["targets"] == ["i-1"]


def test_an_error_of_aws_is_shown_in_one_line() -> None:
    told = failure(refused("SomethingException", "no\x1b[2J\nok: [localhost]\u202e"), "Failed")
    assert told["msg"] == r"Failed: no\x1b[2J\nok: [localhost]\u202e (SomethingException)."
    assert told["error"]["message"] == "no\\x1b[2J\nok: [localhost]\\u202e"


def test_a_refusal_keeps_its_lines_and_its_data() -> None:
    told = failure(Refused("one\x07\ntwo", tags={"a": "\x07"}), "Failed")
    assert told == {"msg": "Failed: one\\x07\ntwo", "tags": {"a": "\x07"}}


def test_only_throttling_is_throttling() -> None:
    assert throttled(refused("CallRateLimitExceededException"))
    assert not throttled(refused("AccessDeniedException"))
    assert not throttled(NoCredentialsError())


MEMBERS = ["waitTimeInMinutes", "actionOnTimeout", "applicationName", "name", "Key", "clientToken"]


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("waitTimeInMinutes needs actionOnTimeout", "wait_time_in_minutes needs action_on_timeout"),
        ("'deploymentReadyOption.waitTimeInMinutes' is bad", "'deploymentReadyOption.wait_time_in_minutes' is bad"),
        ("The name and Key of applicationNames", "The name and Key of applicationNames"),
        (
            "no role/waitTimeInMinutes in arn:x:waitTimeInMinutes",
            "no role/waitTimeInMinutes in arn:x:waitTimeInMinutes",
        ),
        ("clientToken and applicationName", "clientToken and application_name"),
    ],
)
def test_members_of_the_request_are_named_as_options(message: str, said: str) -> None:
    spec = {
        "name": {"type": "str", "aliases": ["application_name"]},
        "ready": {"options": {"wait_time_in_minutes": {}, "action_on_timeout": {}}},
    }
    problem = refused("Bad", message, InputMembers=MEMBERS)
    told = failure(problem, "Failed", spec)
    assert told["msg"] == f"Failed: {said} (Bad)."
    assert told["error"]["message"] == message


def test_what_botocore_misses_is_named_as_an_option() -> None:
    problem = ParamValidationError(
        report='Missing required parameter in input: "deploymentStyle"; unknown "clientToken"'
    )
    said = failure(problem, "Failed", {"deployment_style": {"type": "dict"}})["msg"]
    assert '"deployment_style"' in said and '"clientToken"' in said
    assert '"deploymentStyle"' in failure(problem, "Failed")["msg"]


def test_without_an_argument_spec_every_member_counts() -> None:
    assert (
        failure(refused("Bad", "clientToken", InputMembers=MEMBERS), "Failed")["msg"] == "Failed: client_token (Bad)."
    )


@pytest.mark.parametrize(
    ("problem", "advice"),
    [
        (refused("Oops", operation="CreateApplication", HTTPStatusCode=500), "may still have been carried out."),
        (
            refused("Oops", operation="CreateApplication", HTTPStatusCode=503),
            "Run the task again: it checks the current",
        ),
        (
            refused("Oops", operation="GetApplication", HTTPStatusCode=503),
            "an outage of AWS, not a fault of the task. Run",
        ),
        (ReadTimeoutError(endpoint_url="http://x"), "No answer came, so the request may have been carried out."),
        (ConnectionClosedError(endpoint_url="http://x"), "No answer came, so the request may have been carried out."),
        (EndpointConnectionError(endpoint_url="http://x"), "Check the region, the network, the proxy and endpoint_url"),
    ],
)
def test_an_outage_is_told_and_what_to_do_then(problem: Exception, advice: str) -> None:
    assert advice in failure(problem, "Failed")["msg"]


@pytest.mark.parametrize("status", [400, 403, 501])
def test_what_is_no_outage_is_not_called_one(status: int) -> None:
    assert failure(refused("Oops", HTTPStatusCode=status), "Failed")["msg"] == "Failed: no (Oops)."
