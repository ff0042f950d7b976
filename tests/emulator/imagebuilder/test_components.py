# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Components: names, versions, builds, documents."""

from __future__ import annotations

import pytest
from support.image_builder import ACCOUNT, REGION, Builder, client, document, refusal

PARAMETERS = "parameters:\n  - Greeting:\n      type: string\n      default: hi\n  - Target:\n      type: string\n"


def test_names_become_arn_names_and_keep_their_spelling(builder: Builder) -> None:
    arn = builder.component("My_App Two")
    assert arn == builder.arn("component", "my-app-two", "1.0.0", "1")
    component = builder.client.get_component(componentBuildVersionArn=arn)["component"]
    assert (component["name"], component["version"], component["owner"]) == ("My_App Two", "1.0.0", ACCOUNT)
    filtered = builder.client.list_components(filters=[{"name": "name", "values": ["My_App*"]}])
    assert [each["arn"] for each in filtered["componentVersionList"]] == [
        builder.arn("component", "my-app-two", "1.0.0")
    ]
    assert (
        builder.client.list_components(filters=[{"name": "name", "values": ["my-app*"]}])["componentVersionList"] == []
    )


def test_changed_content_is_the_next_build_and_the_same_is_refused(builder: Builder) -> None:
    first = builder.component()
    code, message = refusal(builder.component, name="App")
    assert code == "ResourceAlreadyExistsException"
    assert message == f"The following resource 'Component' already exists: '{first}'."
    second = builder.component(data=document("echo changed"))
    assert second == builder.arn("component", "app", "1.0.0", "2")
    newest = builder.client.get_component(componentBuildVersionArn=builder.arn("component", "app", "1.0.0"))
    assert newest["component"]["arn"] == second
    listed = builder.client.list_component_build_versions(componentVersionArn=builder.arn("component", "app", "1.0.0"))
    assert [each["arn"] for each in listed["componentSummaryList"]] == [first, second]


@pytest.mark.parametrize(
    ("wildcard", "version"), [("x.x.x", "2.2.4"), ("1.x.x", "1.7.8"), ("1.6.x", "1.6.8"), ("1.7.8", "1.7.8")]
)
def test_wildcards_find_the_highest_match(builder: Builder, wildcard: str, version: str) -> None:
    for each in ("1.6.8", "2.2.4", "1.7.8", "1.6.7"):
        builder.component(version=each)
    found = builder.client.get_component(componentBuildVersionArn=builder.arn("component", "app", wildcard))
    assert found["component"]["version"] == version
    assert found["latestVersionReferences"]["latestVersionArn"] == builder.arn("component", "app", "x.x.x")


@pytest.mark.parametrize("wildcard", ["x.2.x", "1.x.8"])
def test_wildcards_stand_at_the_end(builder: Builder, wildcard: str) -> None:
    arn = builder.arn("component", "app", wildcard)
    assert refusal(builder.client.get_component, componentBuildVersionArn=arn)[0] == "InvalidVersionNumberException"


@pytest.mark.parametrize(
    ("change", "code", "text"),
    [
        (
            {"version": "1.0.x"},
            "InvalidParameterValueException",
            "The value supplied for parameter 'semanticVersion' is not valid. "
            r"semanticVersion must match pattern ^[0-9]+\.[0-9]+\.[0-9]+$",
        ),
        ({"version": "1.0.1073741824"}, "InvalidVersionNumberException", "between 0 and 1073741823"),
        ({"platform": "BeOS"}, "InvalidParameterValueException", "platform must be one of Windows, Linux, macOS"),
        ({"name": "ab"}, "InvalidParameterValueException", "parameter 'name' is not valid"),
        ({"data": "x" * 16_001}, "InvalidParameterValueException", "data must have at most 16000 characters"),
        ({"tags": {"aws:own": "x"}}, "InvalidParameterValueException", "tags.key"),
        ({"uri": "s3://bucket/key"}, "InvalidParameterCombinationException", "Exactly one of 'data' and 'uri'"),
    ],
)
def test_wrong_input_is_named(builder: Builder, change: dict[str, object], code: str, text: str) -> None:
    found, message = refusal(builder.component, **change)
    assert found == code
    assert text in message


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("a: [", "it is not YAML (line 1, column"),
        ("- a", "it is not a mapping"),
        (document("true").replace("1.0", "2.0"), "'schemaVersion' must be 1.0"),
        (
            document("true").replace("ExecuteBash", "ExecuteBasic"),
            "phases[0].steps[0]: 'ExecuteBasic' is not an action",
        ),
        (document("true").replace("ExecuteBash", "ExecutePowerShell"), "is not available on Linux"),
        (document("true", phase="deploy"), "at least one of the phases build, validate and test"),
        (document("true").replace("commands", "command"), "the input 'commands' is missing"),
        (document("true").replace("name: Run", "name: Run it"), "phases[0].steps[0]: the name 'Run it' may have only"),
        (document("true", phase="build it"), "phases[0]: the name 'build it' may have only letters"),
        (
            document("true") + "        loop: {name: each one, forEach: [a]}\n",
            "phases[0].steps[0].loop: the name 'each one' may have only",
        ),
        (document("true") + "        timeoutSeconds: 0\n", "timeoutSeconds must be -1 or a positive number"),
        (document("true") + "        onFailure: Retry\n", "onFailure must be one of Abort, Continue, Ignore"),
        (document("true") + "      - {name: Run, action: Reboot}\n", "'Run' appears more than once"),
        (document("true", head="parameters:\n  - Size: {type: number}\n"), "'Size' must be of type string"),
    ],
)
def test_a_document_that_does_not_hold_is_refused_with_the_place(builder: Builder, data: str, text: str) -> None:
    code, message = refusal(builder.component, data=data)
    assert code == "InvalidParameterValueException"
    assert text in message


def test_parameters_and_type_come_from_the_document(builder: Builder) -> None:
    arn = builder.component(data=document("true", phase="test", head=PARAMETERS))
    component = builder.client.get_component(componentBuildVersionArn=arn)["component"]
    assert component["type"] == "TEST"
    assert component["parameters"] == [
        {"name": "Greeting", "type": "String", "defaultValue": ["hi"]},
        {"name": "Target", "type": "String"},
    ]
    assert component["encrypted"] is True


def test_a_document_can_come_from_s3(builder: Builder) -> None:
    s3 = client("s3", REGION)
    s3.create_bucket(Bucket="documents", CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket="documents", Key="app.yml", Body=document("echo s3").encode())
    given = {"name": "app", "semanticVersion": "1.0.0", "platform": "Linux"}
    arn = builder.client.create_component(uri="s3://documents/app.yml", **given)["componentBuildVersionArn"]
    component = builder.client.get_component(componentBuildVersionArn=arn)["component"]
    assert component["data"] == document("echo s3")
    assert "uri" not in component
    code, message = refusal(builder.client.create_component, uri="s3://documents/none.yml", **given)
    assert (code, "'s3://documents/none.yml' does not exist" in message) == ("InvalidParameterValueException", True)


def test_the_same_token_gets_the_same_answer(builder: Builder) -> None:
    token = {"clientToken": "once"}
    first = builder.component(**token)
    assert builder.component(**token) == first
    assert len(builder.client.list_components()["componentVersionList"]) == 1
    assert refusal(builder.component, name="other", **token)[0] == "IdempotentParameterMismatchException"


def test_a_dry_run_checks_and_makes_nothing(builder: Builder) -> None:
    assert refusal(builder.component, dryRun=True)[0] == "DryRunOperationException"
    assert refusal(builder.component, dryRun=True, data="no document")[0] == "InvalidParameterValueException"
    assert builder.client.list_components()["componentVersionList"] == []


def test_a_used_component_cannot_be_deleted(builder: Builder) -> None:
    arn = builder.component()
    recipe = builder.recipe(builder.arn("component", "app", "1.0.0"))
    code, message = refusal(builder.client.delete_component, componentBuildVersionArn=arn)
    assert code == "ResourceDependencyException"
    assert message == f"Resource dependency error: The resource ARN '{arn}' has other resources depended on it."
    builder.client.delete_image_recipe(imageRecipeArn=recipe)
    builder.client.delete_component(componentBuildVersionArn=arn)
    code, message = refusal(builder.client.get_component, componentBuildVersionArn=arn)
    assert (code, arn in message) == ("ResourceNotFoundException", True)


def test_an_older_version_behind_a_wildcard_can_be_deleted(builder: Builder) -> None:
    old, new = builder.component(), builder.component(version="1.0.1")
    builder.recipe(builder.arn("component", "app", "x.x.x"))
    builder.client.delete_component(componentBuildVersionArn=old)
    assert refusal(builder.client.delete_component, componentBuildVersionArn=new)[0] == "ResourceDependencyException"


def test_pages_are_bound_to_their_operation(builder: Builder) -> None:
    for number in range(5):
        builder.component(f"app-{number}")
    pages = list(builder.client.get_paginator("list_components").paginate(PaginationConfig={"PageSize": 2}))
    assert [len(page["componentVersionList"]) for page in pages] == [2, 2, 1]
    token = builder.client.list_components(maxResults=2)["nextToken"]
    for call, given in ((builder.client.list_images, token), (builder.client.list_components, "nonsense")):
        assert refusal(call, nextToken=given)[0] == "InvalidPaginationTokenException"
    assert refusal(builder.client.list_components, maxResults=101)[0] == "InvalidParameterValueException"


def test_amazon_provides_two_versions_of_each_component(builder: Builder) -> None:
    filters = [{"name": "name", "values": ["aws-codedeploy-agent-linux"]}]
    listed = builder.client.list_components(owner="Amazon", filters=filters)["componentVersionList"]
    assert [each["version"] for each in listed] == ["1.1.0", "1.1.1"]
    assert listed[0]["owner"] == "Amazon"
    by_name = builder.client.list_components(owner="Amazon", filters=filters, byName=True)["componentVersionList"]
    assert [each["arn"] for each in by_name] == [builder.managed("component", "aws-codedeploy-agent-linux")]


def test_tags_change_in_place_on_any_resource(builder: Builder) -> None:
    for arn in (
        builder.component(tags={"team": "a", "old": "x"}),
        builder.infrastructure(tags={"team": "a", "old": "x"}),
    ):
        builder.client.tag_resource(resourceArn=arn, tags={"team": "b"})
        builder.client.untag_resource(resourceArn=arn, tagKeys=["old", "never there"])
        assert builder.client.list_tags_for_resource(resourceArn=arn)["tags"] == {"team": "b"}
    missing = builder.arn("component", "none", "1.0.0", "1")
    assert refusal(builder.client.list_tags_for_resource, resourceArn=missing)[0] == "ResourceNotFoundException"


def test_a_shell_script_is_imported_as_a_document(builder: Builder) -> None:
    arn = builder.client.import_component(
        name="script", semanticVersion="1.0.0", type="TEST", format="SHELL", platform="Linux", data="echo hi"
    )["componentBuildVersionArn"]
    component = builder.client.get_component(componentBuildVersionArn=arn)["component"]
    assert component["type"] == "TEST"
    assert "echo hi" in component["data"]
