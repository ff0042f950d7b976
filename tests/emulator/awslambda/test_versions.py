# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Versions of Lambda functions: numbers, equal content, guards, deletion."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError
from support.codedeploy_shop import zipped
from support.lambda_shop import LambdaShop

from slipway_emulator.world import world


@pytest.fixture
def shop() -> Iterator[LambdaShop]:
    with world():
        yield LambdaShop()


def code_of(refused: pytest.ExceptionInfo[ClientError]) -> str:
    return str(refused.value.response["Error"]["Code"])


def test_equal_code_and_configuration_are_published_once(shop: LambdaShop) -> None:
    publish = shop.functions.publish_version
    assert publish(FunctionName="fn")["Version"] == "2"
    shop.functions.update_function_code(FunctionName="fn", ZipFile=zipped({"main.py": "2"}))
    shop.functions.update_function_configuration(FunctionName="fn", Timeout=3)
    assert publish(FunctionName="fn", Description="the same")["Version"] == "2"
    shop.functions.update_function_configuration(FunctionName="fn", Timeout=9)
    third = publish(FunctionName="fn", Description="more time")
    assert (third["Version"], third["Description"], third["Timeout"]) == ("3", "more time", 9)
    assert shop.release("4") == "4"
    assert shop.release("2") == "5"


def test_numbers_never_come_back(shop: LambdaShop) -> None:
    shop.functions.delete_function(FunctionName="fn", Qualifier="2")
    assert shop.functions.publish_version(FunctionName="fn")["Version"] == "3"
    shop.functions.delete_function(FunctionName="fn")
    assert shop.function("fn")["Version"] == "4"


def test_a_code_sum_guards_the_publication(shop: LambdaShop) -> None:
    shop.functions.update_function_code(FunctionName="fn", ZipFile=zipped({"main.py": "3"}))
    latest = shop.functions.get_function_configuration(FunctionName="fn")
    with pytest.raises(ClientError) as refused:
        shop.functions.publish_version(FunctionName="fn", CodeSha256="other")
    assert code_of(refused) == "InvalidParameterValueException"
    assert shop.functions.publish_version(FunctionName="fn", CodeSha256=latest["CodeSha256"])["Version"] == "3"


def test_a_revision_id_guards_every_change(shop: LambdaShop) -> None:
    lambdas = shop.functions
    old = lambdas.get_function_configuration(FunctionName="fn")["RevisionId"]
    assert lambdas.get_function(FunctionName="fn")["Configuration"]["RevisionId"] == old
    new = lambdas.update_function_configuration(FunctionName="fn", Timeout=9, RevisionId=old)["RevisionId"]
    assert new != old
    for change in (
        lambda: lambdas.update_function_configuration(FunctionName="fn", Timeout=8, RevisionId=old),
        lambda: lambdas.update_function_code(FunctionName="fn", ZipFile=b"x", RevisionId=old),
        lambda: lambdas.publish_version(FunctionName="fn", RevisionId=old),
    ):
        with pytest.raises(lambdas.exceptions.PreconditionFailedException):
            change()
    assert lambdas.get_function_configuration(FunctionName="fn")["Timeout"] == 9
    assert lambdas.publish_version(FunctionName="fn", RevisionId=new)["RevisionId"] != new


def test_a_dry_run_changes_nothing(shop: LambdaShop) -> None:
    before = shop.functions.get_function_configuration(FunctionName="fn")
    shop.functions.update_function_code(FunctionName="fn", ZipFile=zipped({"main.py": "9"}), DryRun=True)
    after = shop.functions.get_function_configuration(FunctionName="fn")
    assert (before["CodeSha256"], before["RevisionId"]) == (after["CodeSha256"], after["RevisionId"])


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        ({"EphemeralStorage": {"Size": 1024}}, {"EphemeralStorage": {"Size": 1024}}),
        ({"TracingConfig": {"Mode": "Active"}}, {"TracingConfig": {"Mode": "Active"}}),
        (
            {"KMSKeyArn": "arn:aws:kms:eu-west-1:123456789012:key/k"},
            {"KMSKeyArn": "arn:aws:kms:eu-west-1:123456789012:key/k"},
        ),
        ({"MemorySize": 256, "Description": "more"}, {"MemorySize": 256, "Description": "more"}),
        ({"Environment": {"Variables": {"A": "1"}}}, {"Environment": {"Variables": {"A": "1"}}}),
    ],
)
def test_a_changed_configuration_is_shown_and_makes_a_version(shop: LambdaShop, change: dict, shown: dict) -> None:
    got = shop.functions.update_function_configuration(FunctionName="fn", **change)
    assert {name: got[name] for name in shown} == shown
    assert shop.functions.publish_version(FunctionName="fn")["Version"] == "3"
    old = shop.functions.get_function_configuration(FunctionName="fn", Qualifier="2")
    assert {name: old.get(name) for name in shown} != shown


def test_variables_are_cleared(shop: LambdaShop) -> None:
    shop.functions.update_function_configuration(FunctionName="fn", Environment={"Variables": {"A": "1"}})
    assert "Environment" not in shop.functions.update_function_configuration(FunctionName="fn", Environment={})


def test_a_version_in_use_is_not_deleted(shop: LambdaShop) -> None:
    shop.release("3")
    shop.functions.update_alias(FunctionName="fn", Name="live", RoutingConfig={"AdditionalVersionWeights": {"2": 0.1}})
    for version in ("1", "2"):
        with pytest.raises(shop.functions.exceptions.ResourceConflictException, match="live"):
            shop.functions.delete_function(FunctionName="fn", Qualifier=version)
    shop.functions.delete_function(FunctionName="fn", Qualifier="3")
    listed = shop.functions.list_versions_by_function(FunctionName="fn")["Versions"]
    assert [each["Version"] for each in listed] == ["$LATEST", "1", "2"]
    shop.functions.delete_function(FunctionName="fn")


def test_publishing_with_the_code(shop: LambdaShop) -> None:
    answer = shop.functions.update_function_code(FunctionName="fn", ZipFile=zipped({"main.py": "3"}), Publish=True)
    assert answer["Version"] == "3"
    again = shop.functions.update_function_code(FunctionName="fn", ZipFile=zipped({"main.py": "3"}), Publish=True)
    assert again["Version"] == "3"


def test_what_moto_has_no_address_for_is_not_built(shop: LambdaShop) -> None:
    with pytest.raises(ClientError, match="not built in this emulator") as refused:
        shop.functions.put_function_recursion_config(FunctionName="fn", RecursiveLoop="Allow")
    assert code_of(refused) == "UnsupportedOperation"
