# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Aliases of Lambda functions: weights, guards, and which version an invocation takes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from support.codedeploy_shop import REGION
from support.lambda_shop import LambdaShop

from slipway_emulator.clock import clock
from slipway_emulator.faults import faults
from slipway_emulator.world import reset, world


@pytest.fixture
def shop() -> Iterator[LambdaShop]:
    with world():
        yield LambdaShop()


def weights(**shares: float) -> dict[str, Any]:
    return {"RoutingConfig": {"AdditionalVersionWeights": {name.strip("v"): share for name, share in shares.items()}}}


def update(shop: LambdaShop, **change: Any) -> dict[str, Any]:
    answer = shop.functions.update_alias(FunctionName="fn", Name="live", **change)
    assert shop.functions.get_alias(FunctionName="fn", Name="live")["RevisionId"] == answer["RevisionId"]
    return answer


def test_weights_are_kept_until_they_are_cleared(shop: LambdaShop) -> None:
    assert "RoutingConfig" not in shop.functions.get_alias(FunctionName="fn", Name="live")
    assert update(shop, **weights(v2=0.25))["RoutingConfig"] == {"AdditionalVersionWeights": {"2": 0.25}}
    kept = update(shop, Description="shifting")
    assert (kept["Description"], kept["RoutingConfig"]) == ("shifting", {"AdditionalVersionWeights": {"2": 0.25}})
    for cleared in ({"RoutingConfig": {}}, weights()):
        update(shop, **weights(v2=0.25))
        assert "RoutingConfig" not in update(shop, **cleared)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (weights(v2=0.1, v3=0.1), "InvalidParameterValueException"),
        (weights(v2=1.1), "ValidationException"),
        (weights(v1=0.1), "InvalidParameterValueException"),
        (weights(v9=0.1), "ResourceNotFoundException"),
        ({"FunctionVersion": "$LATEST", **weights(v2=0.1)}, "InvalidParameterValueException"),
        ({"RoutingConfig": {"AdditionalVersionWeights": {"$LATEST": 0.1}}}, "InvalidParameterValueException"),
        ({"FunctionVersion": "9"}, "ResourceNotFoundException"),
        ({"FunctionVersion": "live"}, "ValidationException"),
    ],
)
def test_refused_routings(shop: LambdaShop, change: dict[str, Any], code: str) -> None:
    shop.release("3")
    before = shop.functions.get_alias(FunctionName="fn", Name="live")["RevisionId"]
    made: dict[str, Any] = {"FunctionName": "fn", "Name": "new", "FunctionVersion": "1", **change}
    for call in (lambda: update(shop, **change), lambda: shop.functions.create_alias(**made)):
        with pytest.raises(ClientError) as refused:
            call()
        assert refused.value.response["Error"]["Code"] == code
    assert shop.functions.get_alias(FunctionName="fn", Name="live")["RevisionId"] == before


def test_the_weighted_version_cannot_become_the_alias_own(shop: LambdaShop) -> None:
    update(shop, **weights(v2=0.5))
    with pytest.raises(shop.functions.exceptions.InvalidParameterValueException):
        update(shop, FunctionVersion="2")
    assert update(shop, FunctionVersion="2", RoutingConfig={})["FunctionVersion"] == "2"


def test_a_stale_revision_id_is_refused(shop: LambdaShop) -> None:
    old = shop.functions.get_alias(FunctionName="fn", Name="live")["RevisionId"]
    assert update(shop, Description="x", RevisionId=old)["RevisionId"] != old
    with pytest.raises(shop.functions.exceptions.PreconditionFailedException):
        update(shop, FunctionVersion="2", RevisionId=old)
    assert shop.routing() == {"1": 1.0}


def test_aliases_of_a_version(shop: LambdaShop) -> None:
    shop.functions.create_alias(FunctionName="fn", Name="next", FunctionVersion="2")

    def names(**wanted: str) -> list[str]:
        return [alias["Name"] for alias in shop.functions.list_aliases(FunctionName="fn", **wanted)["Aliases"]]

    assert (names(), names(FunctionVersion="1"), names(FunctionVersion="2")) == (["live", "next"], ["live"], ["next"])
    update(shop, **weights(v2=0.1))
    assert names(FunctionVersion="2") == ["live", "next"]


def test_an_invocation_takes_the_versions_by_their_weights(shop: LambdaShop) -> None:
    def executed(**of: str) -> str:
        answer = shop.functions.invoke(FunctionName="fn", Payload=b'{"a": 1}', **of)
        assert json.loads(answer["Payload"].read()) == {"a": 1}
        return str(answer["ExecutedVersion"])

    assert (executed(), executed(Qualifier="2"), executed(Qualifier="live")) == ("$LATEST", "2", "1")
    update(shop, **weights(v2=1.0))
    assert executed(Qualifier="live") == "2"
    update(shop, **weights(v2=0.0))
    assert executed(Qualifier="live") == "1"
    update(shop, **weights(v2=0.5))
    assert {executed(Qualifier="live") for _turn in range(60)} == {"1", "2"}


@pytest.mark.parametrize("of", [{"FunctionName": "none"}, {"Qualifier": "none"}, {"Qualifier": "9"}])
def test_an_invocation_of_what_is_not_there(shop: LambdaShop, of: dict[str, str]) -> None:
    with pytest.raises(shop.functions.exceptions.ResourceNotFoundException):
        shop.functions.invoke(**{"FunctionName": "fn", **of})


def test_a_fault_says_what_a_function_does(shop: LambdaShop) -> None:
    faults.add({"kind": "function-returns", "function_name": "fn", "value": {"status": "ok"}, "times": 1})
    assert json.loads(shop.functions.invoke(FunctionName="fn")["Payload"].read()) == {"status": "ok"}
    faults.add({"kind": "function-raises", "version": "2", "message": "no such table"})
    failed = shop.functions.invoke(FunctionName="fn", Qualifier="2")
    assert (failed["StatusCode"], failed["FunctionError"]) == (200, "Unhandled")
    assert json.loads(failed["Payload"].read())["errorMessage"] == "no such table"
    assert "FunctionError" not in shop.functions.invoke(FunctionName="fn", Qualifier="1")
    logged = boto3.client("logs", REGION).filter_log_events(logGroupName="/aws/lambda/fn")["events"]
    assert [event["message"] for event in logged] == ["[ERROR] Exception: no such table"]


def test_invocations_without_an_answer(shop: LambdaShop) -> None:
    for kind, status in (("Event", 202), ("DryRun", 204)):
        assert shop.functions.invoke(FunctionName="fn", InvocationType=kind)["StatusCode"] == status


def test_a_reset_forgets_functions(shop: LambdaShop) -> None:
    reset()
    assert shop.functions.list_functions()["Functions"] == []


def test_provisioned_concurrency_belongs_to_an_alias_or_a_version(shop: LambdaShop) -> None:
    functions = shop.functions
    for qualifier, executions in (("live", 3), ("1", 2)):
        asked = {"FunctionName": "fn", "Qualifier": qualifier}
        with pytest.raises(functions.exceptions.ProvisionedConcurrencyConfigNotFoundException):
            functions.get_provisioned_concurrency_config(**asked)
        begun = functions.put_provisioned_concurrency_config(**asked, ProvisionedConcurrentExecutions=executions)
        assert begun["Status"] == "IN_PROGRESS"
        clock.advance(60)
        found = functions.get_provisioned_concurrency_config(**asked)
        assert (found["Status"], found["AllocatedProvisionedConcurrentExecutions"]) == ("READY", executions)
    [listed] = functions.list_provisioned_concurrency_configs(FunctionName="fn")["ProvisionedConcurrencyConfigs"]
    assert listed["FunctionArn"].endswith(":fn:live")
    with pytest.raises(ClientError, match="unpublished function versions"):
        functions.put_provisioned_concurrency_config(
            FunctionName="fn", Qualifier="$LATEST", ProvisionedConcurrentExecutions=1
        )
    update(shop, **weights(v2=0.5))
    with pytest.raises(ClientError, match="Alias with weights"):
        functions.put_provisioned_concurrency_config(
            FunctionName="fn", Qualifier="live", ProvisionedConcurrentExecutions=1
        )
    functions.delete_provisioned_concurrency_config(FunctionName="fn", Qualifier="live")
    with pytest.raises(functions.exceptions.ProvisionedConcurrencyConfigNotFoundException):
        functions.delete_provisioned_concurrency_config(FunctionName="fn", Qualifier="live")
