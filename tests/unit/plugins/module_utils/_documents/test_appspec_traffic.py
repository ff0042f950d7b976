# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The validator of AppSpec files for ECS and Lambda."""

from __future__ import annotations

import json
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.slipway.aws.plugins.module_utils._documents.appspec.spec import AppSpecError
from ansible_collections.slipway.aws.plugins.module_utils._documents.appspec.traffic import is_traffic, traffic_problems
from ansible_collections.slipway.aws.plugins.module_utils._documents.appspec.traffic_spec import parse_traffic
from ansible_collections.slipway.aws.plugins.module_utils._documents.problems import errors, sentence, warnings
from ansible_collections.slipway.aws.plugins.module_utils._documents.rules import last

ARN = "arn:aws:ecs:eu-west-1:123456789012:task-definition/web:7"
HOOK = "arn:aws:lambda:eu-west-1:123456789012:function:check"
NETWORK: dict[str, t.Any] = {
    "Subnets": ["subnet-1", "subnet-2"],
    "SecurityGroups": ["sg-1"],
    "AssignPublicIp": "DISABLED",
}


def ecs(hooks: t.Any = None, **properties: t.Any) -> dict[str, t.Any]:
    """A good AppSpec for ECS with these properties instead of its own; without those that are ...."""
    own = {"TaskDefinition": ARN, "LoadBalancerInfo": {"ContainerName": "web", "ContainerPort": 80}}
    return document("AWS::ECS::Service", {**own, **properties}, hooks)


def function(hooks: t.Any = None, **properties: t.Any) -> dict[str, t.Any]:
    own = {"Name": "shop", "Alias": "live", "CurrentVersion": "6", "TargetVersion": "7"}
    return document("AWS::Lambda::Function", {**own, **properties}, hooks)


def document(kind: str, properties: dict[str, t.Any], hooks: t.Any) -> dict[str, t.Any]:
    content = {"Type": kind, "Properties": {key: value for key, value in properties.items() if value is not ...}}
    made: dict[str, t.Any] = {"version": 0.0, "Resources": [{"shop": content}]}
    return made if hooks is None else {**made, "Hooks": hooks}


def awsvpc(**block: t.Any) -> dict[str, t.Any]:
    kept = {key: value for key, value in {**NETWORK, **block}.items() if value is not ...}
    return ecs(NetworkConfiguration={"AwsvpcConfiguration": kept})


HEAD = "version: 0.0\nResources:\n"
SERVICE = HEAD + "  - shop:\n      Type: AWS::ECS::Service\n      Properties:\n"
TEMPLATE = (
    SERVICE + "        TaskDefinition: <TASK_DEFINITION>\n        LoadBalancerInfo:\n          ContainerName: web\n"
)
GOOD: dict[str, dict[str, t.Any] | str] = {
    "the least": ecs(),
    "everything": ecs(
        [
            {"BeforeInstall": "check"},
            {"AfterInstall": HOOK},
            {"AfterAllowTestTraffic": "check:live"},
            {"BeforeAllowTraffic": "123456789012:function:check"},
            {"AfterAllowTraffic": HOOK + ":7"},
        ],
        PlatformVersion="1.4.0",
        NetworkConfiguration={"AwsvpcConfiguration": NETWORK},
        CapacityProviderStrategy=[
            {"CapacityProvider": "FARGATE", "Base": 1, "Weight": 1},
            {"CapacityProvider": "FARGATE_SPOT", "Base": 0, "Weight": 3},
        ],
    ),
    "options that are empty": ecs([], PlatformVersion=None, NetworkConfiguration=None, CapacityProviderStrategy=None),
    "a version in quotes": {**ecs(), "version": "0.0"},
    "another partition": ecs(TaskDefinition=ARN.replace("arn:aws", "arn:aws-cn")),
    "comments, hooks without events, blanks at the end": TEMPLATE.replace("<TASK_DEFINITION>", f"{ARN}  ")
    + "          ContainerPort: 80 # web\nHooks:\n  # - BeforeInstall: check\n",
    "an anchor and a merge": HEAD
    + "  - shop: &shop\n      Type: AWS::Lambda::Function\n      Properties:\n        <<: {Name: shop, Alias: live}\n"
    + "        CurrentVersion: &old 6\n        TargetVersion: 7\nHooks:\n  - BeforeAllowTraffic: &hook check\n"
    + "  - AfterAllowTraffic: *hook\n",
    "Lambda": function(),
    "Lambda with numbers and hooks": function(
        [{"BeforeAllowTraffic": "check"}, {"AfterAllowTraffic": HOOK}], CurrentVersion=6, TargetVersion=7
    ),
    "Lambda going back": function(CurrentVersion="7", TargetVersion="6"),
    "Lambda in lower case": "version: 0.0\nresources:\n  - shop:\n      type: AWS::Lambda::Function\n      properties:\n"
    "        name: shop\n        alias: live\n        currentversion: 6\n        targetversion: 7\nhooks:\n"
    "  - BeforeAllowTraffic: check\n",
    "ECS in camelCase": json.dumps(ecs()).replace("Resources", "resources").replace("TaskDef", "taskDef"),
}


def text_of(name: str) -> str:
    found = GOOD[name]
    return found if isinstance(found, str) else json.dumps(found, indent=2)


@pytest.mark.parametrize("name", GOOD)
def test_a_good_file_has_no_problems(name: str) -> None:
    assert traffic_problems(text_of(name), final=True) == []
    assert is_traffic(text_of(name))


INFO = "Resources[0].shop.Properties"
AWSVPC = f"{INFO}.NetworkConfiguration.AwsvpcConfiguration"
SPOT = {"CapacityProvider": "SPOT", "Base": 1, "Weight": 1}
BAD: dict[str, tuple[dict[str, t.Any], str, str, str]] = {  # the document, a part of the line, the path, a part of what is said
    "no version": ({"Resources": ecs()["Resources"]}, "{", "version", "version is missing. Add version"),
    "no resources": ({"version": 0.0}, "{", "Resources", "Resources is missing"),
    "an empty list": ({"version": 0.0, "Resources": []}, "Resources", "Resources", "is empty, but must be a list"),
    "resources as a map": ({"version": 0.0, "Resources": {"shop": {}}}, "Resources", "Resources", 'Begin each of its items with "- "'),
    "two resources": (
        {"version": 0.0, "Resources": ecs()["Resources"] * 2}, "    {", "Resources", "has 2 resources, but a deployment has exactly one",
    ),
    "two names": ({"version": 0.0, "Resources": [{"a": {}, "b": {}}]}, "    {", "Resources[0]", "has 2 names"),
    "not indented": (
        {"version": 0.0, "Resources": [{"shop": None, "Type": "AWS::Lambda::Function", "Properties": {}}]},
        "    {", "Resources[0]", "Indent them below the name",
    ),
    "no type": ({"version": 0.0, "Resources": [{"shop": {"Properties": {}}}]}, "shop", "Resources[0].shop.Type", "Type is missing"),
    "another type": (document("AWS::EC2::Instance", {}, None), "Type", "Resources[0].shop.Type", "AWS::ECS::Service, AWS::Lambda::Function"),
    "no task definition": (ecs(TaskDefinition=...), "Properties", f"{INFO}.TaskDefinition", "Add TaskDefinition"),
    "an empty task definition": (ecs(TaskDefinition=""), "TaskDef", f"{INFO}.TaskDefinition", "TaskDefinition is empty"),
    "a family": (ecs(TaskDefinition="web:7"), "TaskDef", f"{INFO}.TaskDefinition", "must be the ARN of a task definition"),
    "no Region": (ecs(TaskDefinition=ARN.replace("eu-west-1", "")), "TaskDef", f"{INFO}.TaskDefinition", "must be the ARN"),
    "a star": (ecs(TaskDefinition=ARN.replace(":7", ":*")), "TaskDef", f"{INFO}.TaskDefinition", "must be the ARN"),
    "a word as revision": (ecs(TaskDefinition=ARN.replace(":7", ":latest")), "TaskDef", f"{INFO}.TaskDefinition", "must be the ARN"),
    "no load balancer": (ecs(LoadBalancerInfo=...), "Properties", f"{INFO}.LoadBalancerInfo", "Add LoadBalancerInfo"),
    "a list as load balancer": (ecs(LoadBalancerInfo=[1]), "LoadB", f"{INFO}.LoadBalancerInfo", "is a list, but must be a map"),
    "no port": (ecs(LoadBalancerInfo={"ContainerName": "web"}), "LoadB", f"{INFO}.LoadBalancerInfo.ContainerPort", "Add ContainerPort"),
    "a word as port": (
        ecs(LoadBalancerInfo={"ContainerName": "web", "ContainerPort": "http"}), "ContainerPort",
        f"{INFO}.LoadBalancerInfo.ContainerPort", "must be a number from 1 to 65535",
    ),
    "a port that is too high": (
        ecs(LoadBalancerInfo={"ContainerName": "web", "ContainerPort": 65_536}), "ContainerPort",
        f"{INFO}.LoadBalancerInfo.ContainerPort", "must be a number from 1 to 65535",
    ),
    "no groups": (awsvpc(SecurityGroups=...), "AwsvpcC", f"{AWSVPC}.SecurityGroups", "Add SecurityGroups"),
    "no subnet": (awsvpc(Subnets=[]), "Subnets", f"{AWSVPC}.Subnets", "must be a list"),
    "a public address": (awsvpc(AssignPublicIp=True), "AssignPublicIp", f"{AWSVPC}.AssignPublicIp", "ENABLED, DISABLED"),
    "an empty network": (ecs(NetworkConfiguration={}), "Network", f"{INFO}.NetworkConfiguration.AwsvpcConfiguration", "is missing"),
    "two bases": (ecs(CapacityProviderStrategy=[SPOT, {**SPOT, "Base": 2}]), '"Base": 2', f"{INFO}.CapacityProviderStrategy", "2 capacity providers"),
    "no weight": (ecs(CapacityProviderStrategy=[{**SPOT, "Weight": 0}]), "Strategy", f"{INFO}.CapacityProviderStrategy", "a Weight above 0"),
    "a heavy provider": (
        ecs(CapacityProviderStrategy=[{**SPOT, "Weight": 1001}]), "Weight", f"{INFO}.CapacityProviderStrategy[0].Weight", "from 0 to 1000",
    ),
    "no provider": (ecs(CapacityProviderStrategy=[{"Weight": 1}]), "      {", f"{INFO}.CapacityProviderStrategy[0].CapacityProvider", "is missing"),
    "no alias": (function(Alias=...), "Properties", f"{INFO}.Alias", "Add Alias"),
    "$LATEST as alias": (function(Alias="$LATEST"), "Alias", f"{INFO}.Alias", "is not the name of an alias"),
    "a number as alias": (function(Alias=7), "Alias", f"{INFO}.Alias", "not digits alone"),
    "no current version": (function(CurrentVersion=...), "Properties", f"{INFO}.CurrentVersion", "Add CurrentVersion"),
    "$LATEST": (function(TargetVersion="$LATEST"), "TargetV", f"{INFO}.TargetVersion", "Publish a version first"),
    "version 0": (function(CurrentVersion=0), "CurrentV", f"{INFO}.CurrentVersion", "the number of a published version"),
    "a version of software": (function(TargetVersion="0.0.10"), "TargetV", f"{INFO}.TargetVersion", "the number of a published version"),
    "a word as version": (function(TargetVersion="the-new-one"), "TargetV", f"{INFO}.TargetVersion", "the number of a published version"),
    "the same version": (function(CurrentVersion=7), "TargetV", f"{INFO}.TargetVersion", "are both 7, so there is nothing to deploy"),
    "hooks as a map": (ecs({"BeforeInstall": "check"}), "Hooks", "Hooks", 'Put "- " before each event.'),
    "scripts as hooks": (ecs([{"BeforeInstall": "scripts/stop.sh"}]), "BeforeI", "Hooks[0].BeforeInstall", "the name or ARN of a Lambda function"),
    "a hook of servers": (ecs([{"ValidateService": "check"}]), "Validate", "Hooks[0].ValidateService", "is not a lifecycle event of ECS deployments"),
    "a hook of ECS": (function([{"BeforeInstall": "check"}]), "BeforeI", "Hooks[0].BeforeInstall", "Use one of BeforeAllowTraffic, AfterAllowTraffic."),
    "a reserved event": (ecs([{"AllowTraffic": "check"}]), "AllowT", "Hooks[0].AllowTraffic", "is run by CodeDeploy itself"),
    "an event in lower case": (ecs([{"beforeInstall": "check"}]), "beforeI", "Hooks[0].beforeInstall", "Write BeforeInstall."),
    "an event without a function": (ecs([{"BeforeInstall": None}]), "BeforeI", "Hooks[0].BeforeInstall", "or remove the event"),
    "an event alone": (ecs(["BeforeInstall"]), '    "BeforeI', "Hooks[0]", "an event with its function"),
    "a template of CloudFormation": ({"AWSTemplateFormatVersion": "2010-09-09", **ecs()}, "AWST", "", "a template of CloudFormation"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_what_fails_is_an_error_with_its_line(name: str) -> None:
    content, part, path, said = BAD[name]
    text = json.dumps(content, indent=2)
    (problem,) = errors(traffic_problems(text))
    lines = [number for number, line in enumerate(text.split("\n"), 1) if part in line]
    assert (problem.line in lines, problem.path) == (True, path)
    assert said in f"{problem.what} {problem.remedy}"


SURPRISING: dict[str, tuple[dict[str, t.Any], str, str]] = {
    "the version of the console": ({**ecs(), "version": 1}, "version", "0.0 is the only version that AWS documents"),
    "a port in quotes": (
        ecs(LoadBalancerInfo={"ContainerName": "web", "ContainerPort": "80"}), f"{INFO}.LoadBalancerInfo.ContainerPort", "Remove the quotes",
    ),
    "no revision": (ecs(TaskDefinition=ARN[:-2]), f"{INFO}.TaskDefinition", "Add the number of the revision"),
    "a key of servers": ({**ecs(), "files": []}, "files", "is not a known key"),
    "a number as platform": (ecs(PlatformVersion=1.4), f"{INFO}.PlatformVersion", "Put it in quotes"),
    "two functions for one event": (ecs([{"AfterInstall": "a"}, {"AfterInstall": "b"}]), "Hooks[1]", "AfterInstall has a function on line"),
}  # fmt: skip


@pytest.mark.parametrize("name", SURPRISING)
def test_what_may_surprise_is_a_warning(name: str) -> None:
    content, path, said = SURPRISING[name]
    found = traffic_problems(json.dumps(content, indent=2), final=True)
    assert [(problem.path, problem.level) for problem in found] == [(path, "warning")]
    assert said in f"{found[0].what} {found[0].remedy}"


@pytest.mark.parametrize(
    "content",
    [
        *(
            ecs(TaskDefinition=text)
            for text in (
                "<TASK_DEFINITION>",
                "$TASK_DEFINITION",
                "${arn}",
                "{{ arn }}",
                "TASK_DEFINITION",
                "[Your ARN]",
                "Placeholder: the pipeline",
                "{arn}",
                "$(cat arn)",
                "arn-of-the-task-definition",
            )
        ),
        ecs(TaskDefinition="arn:aws:ecs:REGION:ACCOUNT_ID:task-definition/web:7"),
        ecs(TaskDefinition="arn:aws:ecs:...:task-definition/web:7"),
        ecs(LoadBalancerInfo={"ContainerName": "web", "ContainerPort": "${port}"}),
        ecs(LoadBalancerInfo={"ContainerName": "<CONTAINER>", "ContainerPort": 80}),
        ecs([{"BeforeInstall": "arn:aws:lambda:...:function:check"}]),
        function(TargetVersion="TARGET_VERSION"),
        function(TargetVersion="number-of-the-new-version"),
        awsvpc(Subnets="%SUBNETS%"),
        awsvpc(Subnets=["<SUBNET>"]),
    ],
)
def test_a_placeholder_is_a_warning_until_it_is_deployed(content: dict[str, t.Any]) -> None:
    text = json.dumps(content, indent=2)
    (told,) = traffic_problems(text)
    assert (told.level, told.remedy) == ("warning", "Replace it with the real value.")
    (refused,) = traffic_problems(text, final=True)
    assert refused == told._replace(level="error")


WHOLE = (
    SERVICE
    + "        TaskDefinition: arn:aws:ecs:eu-west-1:123456789012:task-definition/web:7\n"
    + ("        LoadBalancerInfo: {ContainerName: web, ContainerPort: 80}\n")
)


def test_no_port_beside_a_placeholder_is_one_itself() -> None:
    text = json.dumps(ecs(LoadBalancerInfo={"ContainerName": "placeholder", "ContainerPort": 0}))
    assert [(last(one.path), one.level) for one in traffic_problems(text)] == [
        ("ContainerName", "warning"),
        ("ContainerPort", "warning"),
    ]
    named = text.replace('"placeholder"', '"web"')
    assert [(last(one.path), one.level) for one in traffic_problems(named)] == [("ContainerPort", "error")]


@pytest.mark.parametrize("text", [json.dumps(ecs(), indent=2), WHOLE])
def test_a_byte_order_mark_is_all_that_is_said_of_it(text: str) -> None:
    (told,) = traffic_problems("\ufeff" + text, final=True)
    assert (told.line, told.level) == (1, "warning") and "byte order mark" in told.what


def test_braces_of_a_template_are_read() -> None:
    text = (
        SERVICE
        + "        TaskDefinition: {{ arn }}\n        LoadBalancerInfo: {ContainerName: ${name}, ContainerPort: ${port}}\n"
    )
    found = traffic_problems(text)
    assert [(problem.line, problem.level) for problem in found] == [
        (6, "warning"),
        *[(7, "warning")] * 3,
    ]
    assert "a template, which cannot be read as YAML before its braces are replaced" in found[1].what
    assert {problem.level for problem in traffic_problems(text, final=True)} == {"error"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "line 1: The AppSpec is empty. Give at least version and Resources."),
        ("just text", "line 1: The AppSpec is the text \"just text\", but must be a map"),
        ("[]", "line 1: The AppSpec is a list, but must be a map"),
        (HEAD + "\t- shop:\n", "line 3: The AppSpec cannot be read as YAML: found character"),
        (HEAD + '  - shop: "open\n', "line 3: The AppSpec cannot be read as YAML: found unexpected end of stream"),
        (HEAD + "  - shop: *missing\n", "line 3: The AppSpec cannot be read as YAML: the alias *missing"),
        ('{"version": 0.0,\n"Resources": [\n', "line 3: The AppSpec cannot be read as JSON: "),
        (TEMPLATE.replace("<TASK_DEFINITION>", "!Ref Arn"), "line 6: The YAML tag !Ref has no meaning in an AppSpec."),
    ],
)  # fmt: skip
def test_what_cannot_be_read(text: str, said: str) -> None:
    assert sentence(errors(traffic_problems(text))[0]).startswith(said)


def test_json_that_only_yaml_reads_is_a_warning() -> None:
    text = json.dumps(ecs(), indent=2).replace('"version"', "version")
    (problem,) = traffic_problems(text)
    assert (problem.line, problem.level) == (2, "warning")
    assert "cannot be read as JSON" in problem.what


def test_a_key_in_two_spellings_and_a_second_document_are_warned_of() -> None:
    text = json.dumps(ecs()) + "\n---\na: 1\n"
    assert [problem.what for problem in traffic_problems("#\n" + text)] == ["Another YAML document begins here."]
    twice = json.dumps({"Version": 0.0, **ecs()})
    assert [problem.what for problem in traffic_problems(twice)] == [
        "version appears twice in one map. Only this last one is used."
    ]


def test_the_platform_is_held_against_the_resource() -> None:
    (problem,) = errors(traffic_problems(json.dumps(function()), "ECS"))
    assert problem.path == "Resources[0].shop.Type"
    assert problem.remedy == "Use AWS::ECS::Service."


def test_what_an_appspec_says() -> None:
    text = json.dumps(ecs([{"BeforeInstall": "check"}], PlatformVersion=None, CapacityProviderStrategy=[SPOT]))
    spec = parse_traffic(text.replace("80}", '"80"}'))
    assert (spec.platform, spec.name, spec.hooks) == ("ECS", "shop", {"BeforeInstall": "check"})
    assert spec.properties == {
        "TaskDefinition": ARN,
        "LoadBalancerInfo": {"ContainerName": "web", "ContainerPort": 80},
        "CapacityProviderStrategy": [SPOT],
    }
    lambdas = parse_traffic(text_of("Lambda in lower case"), "Lambda")
    assert lambdas.properties == {"Name": "shop", "Alias": "live", "CurrentVersion": "6", "TargetVersion": "7"}


def test_what_cannot_be_deployed_is_refused() -> None:
    with pytest.raises(AppSpecError) as refused:
        parse_traffic(TEMPLATE + "          ContainerPort: 80\n")
    assert [problem.line for problem in refused.value.problems] == [6]


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
)
pieces = st.sampled_from(
    [*"{}[]:,\"\\\n-&*!<$ ", "Resources", "Hooks", "Type", "AWS::ECS::Service", "  - ", "<<: ", "{{", "${x}", "\ufeff", "\ud800"]
)  # fmt: skip
keys = st.sampled_from(
    [*GOOD["the least"], "Hooks", "Type", "Properties", "TaskDefinition", "LoadBalancerInfo", "Name"]
)  # type: ignore[misc]


@given(st.lists(pieces).map("".join) | st.text() | st.binary() | values.map(json.dumps))
def test_no_text_raises(text: str | bytes) -> None:
    assert traffic_problems(text)
    is_traffic(text)
    with pytest.raises(AppSpecError):
        parse_traffic(text)


@given(keys, values, st.sampled_from([ecs, function]))
def test_no_value_raises(key: str, value: t.Any, made: t.Callable[..., dict[str, t.Any]]) -> None:
    for content in (
        {**made(), key: value},
        made([value], **{key: value}),
        document("AWS::ECS::Service", {key: value}, value),
    ):
        found = traffic_problems(json.dumps(content))
        assert set(found) == {*errors(found), *warnings(found)}
        assert all(problem.line for problem in found)
        if not errors(traffic_problems(json.dumps(content), final=True)):
            assert parse_traffic(json.dumps(content)).platform in ("ECS", "Lambda")
