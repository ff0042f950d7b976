# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Revisions of task definitions: when one is registered, from what, and what is shown of it."""

from __future__ import annotations

import json
import time
import typing as t

import boto3
import botocore.session
import pytest
from support.every_fault import FAULTS, NEVER_AGAIN, PASSES, is_a_sentence
from support.modules import CONNECTION, Outcome, run_module

from ansible_collections.slipway.aws.plugins.module_utils._ecs.content import SETTABLE, normalized, same
from slipway_emulator.clock import clock
from slipway_emulator.faults import faults

MODULE = "ecs_task_definition_revision"
SECRET = "between-us-4711"
DOCKER = "application/vnd.docker.distribution.manifest.v2+json"
REGISTRY = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
WEB: dict[str, t.Any] = {
    "name": "web",
    "image": "web:1",
    "memory": 128,
    "portMappings": [{"containerPort": 80}],
    "environment": [{"name": "LEVEL", "value": "info"}, {"name": "PASSWORD", "value": SECRET}],
    "secrets": [{"name": "TOKEN", "valueFrom": "arn:aws:ssm:eu-west-1:123456789012:parameter/token"}],
}
SIDE = {"name": "side", "image": "side:1", "memory": 64, "dockerLabels": {"TheTeam": "shop"}}


def client(service: str) -> t.Any:
    keys = {"aws_access_key_id": CONNECTION["access_key"], "aws_secret_access_key": CONNECTION["secret_key"]}
    return boto3.client(service, region_name=CONNECTION["region"], **keys)


@pytest.fixture
def family(numbers: t.Iterator[int]) -> str:
    faults.remove()
    name = f"shop{next(numbers)}"
    tags = [{"key": "Team", "value": "shop"}]
    client("ecs").register_task_definition(family=name, containerDefinitions=[WEB, SIDE], tags=tags)
    return name


@pytest.fixture
def service(family: str) -> dict[str, str]:
    """A service that runs the first revision, when there is a second one."""
    ecs = client("ecs")
    ecs.create_cluster(clusterName=family)
    ecs.create_service(cluster=family, serviceName="web", taskDefinition=family, desiredCount=0)
    ecs.register_task_definition(family=family, containerDefinitions=[{**WEB, "image": "web:bad"}, SIDE])
    return {"cluster": family, "service": "web"}


def run(params: dict[str, t.Any], **options: t.Any) -> Outcome:
    return run_module(MODULE, params, **options)


def web(**changes: t.Any) -> dict[str, t.Any]:
    return {"containers": [{"name": "web", **changes}]}


def container(done: Outcome, number: int = 0) -> dict[str, t.Any]:
    return done["task_definition"]["container_definitions"][number]


def foretold_and_done(params: dict[str, t.Any]) -> Outcome:
    """In check mode, for real, and again: the same diff, no write before and none after."""
    foretold, done, again = run(params, check_mode=True), run(params), run(params)
    assert (foretold.msg, done.msg, again.msg) == ("", "", "")
    assert (foretold.changed, done.changed, again.changed) == (True, True, False)
    assert foretold["diff"] == done["diff"]
    assert foretold["registered"] == done["registered"]
    assert foretold.writes == again.writes == []
    assert again["diff"]["before"] == again["diff"]["after"]
    return done


def test_a_new_image(family: str) -> None:
    done = foretold_and_done({"family": family, **web(image="web:2")})
    assert (done["registered"], done["task_definition"]["revision"]) == (True, 2)
    assert [container(done, number)["image"] for number in (0, 1)] == ["web:2", "side:1"]
    assert done["source_arn"].endswith(f"/{family}:1")
    assert done["task_definition"]["tags"] == {"Team": "shop"}
    assert container(done, 1)["docker_labels"] == {"TheTeam": "shop"}
    assert [call.operation for call in done.calls] == ["DescribeTaskDefinition", "RegisterTaskDefinition"]


def test_the_source_is_what_the_service_runs(family: str, service: dict[str, str]) -> None:
    running = run(service)
    assert (running.changed, running["task_definition"]["revision"]) == (False, 1)
    assert [call.operation for call in running.calls] == ["DescribeServices", "DescribeTaskDefinition"]
    newest = run({**service, **web(image="web:bad")})
    assert (newest.changed, newest["task_definition"]["revision"]) == (False, 2)
    done = foretold_and_done({**service, **web(image="web:2")})
    assert (done["source_arn"], done["task_definition"]["revision"]) == (
        running["task_definition"]["task_definition_arn"], 3,
    )  # fmt: skip


def test_with_codedeploy_the_primary_task_set_tells(family: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The service itself names what it was created with."""
    answer = {"services": [{"serviceName": "web", "taskDefinition": "old:1", "status": "ACTIVE", "taskSets": [
        {"status": "ACTIVE", "taskDefinition": "old:1"}, {"status": "PRIMARY", "taskDefinition": f"{family}:1"},
    ]}]}  # fmt: skip
    call = botocore.client.BaseClient._make_api_call
    monkeypatch.setattr(
        botocore.client.BaseClient, "_make_api_call",
        lambda self, name, asked: answer if name == "DescribeServices" else call(self, name, asked),
    )  # fmt: skip
    assert run({"service": "web"})["task_definition"]["family"] == family


def test_variables_are_merged_and_removed(family: str) -> None:
    changes = {
        "environment": {"LEVEL": "debug", "PORT": 80, "FAST": True, "TOKEN": "plain"},
        "remove_variables": ["PASSWORD"],
    }
    done = foretold_and_done({"family": family, **web(**changes)})
    assert [one["name"] for one in container(done)["environment"]] == ["LEVEL", "PORT", "FAST", "TOKEN"]
    live = client("ecs").describe_task_definition(taskDefinition=family)["taskDefinition"]["containerDefinitions"][0]
    assert [one["value"] for one in live["environment"]] == ["debug", "80", "true", "plain"]
    assert live.get("secrets") in (None, [])


def test_a_variable_becomes_a_secret(family: str) -> None:
    done = foretold_and_done({"family": family, **web(secrets={"PASSWORD": "arn:aws:ssm:eu-west-1:1:parameter/p"})})
    assert [one["name"] for one in container(done)["environment"]] == ["LEVEL"]
    assert [one["name"] for one in container(done)["secrets"]] == ["TOKEN", "PASSWORD"]


def test_sizes_roles_and_commands(family: str) -> None:
    role = "arn:aws:iam::123456789012:role/task"
    changes = web(command=["run"], entry_point=["sh", "-c"], cpu=10, memory=256, memory_reservation=64)
    done = foretold_and_done({"family": family, "cpu": "512", "memory": "1024", "task_role_arn": role, **changes})
    assert (done["task_definition"]["cpu"], done["task_definition"]["task_role_arn"]) == ("512", role)
    assert {key: container(done)[key] for key in ("command", "entry_point", "cpu", "memory", "memory_reservation")} == {
        "command": ["run"], "entry_point": ["sh", "-c"], "cpu": 10, "memory": 256, "memory_reservation": 64,
    }  # fmt: skip


def test_values_of_variables_are_shown_nowhere(family: str) -> None:
    params = {"family": family, **web(image="web:2", environment={"OTHER": f"{SECRET}-2"})}
    for outcome in (run(params, check_mode=True), run(params), run(params)):
        told = json.dumps(outcome.result)
        assert SECRET not in told
        assert "hidden, sha256:" in told


def written_out(family: str, *containers: dict[str, t.Any], **more: t.Any) -> dict[str, t.Any]:
    return {"task_definition": {"family": family, "containerDefinitions": list(containers or [WEB, SIDE]), **more}}


def test_a_task_definition_that_is_written_out(family: str) -> None:
    first = foretold_and_done(written_out(f"{family}-new", tags=[{"key": "Team", "value": "shop"}]))
    assert (first["task_definition"]["revision"], first["task_definition"]["tags"]) == (1, {"Team": "shop"})
    assert "source_arn" not in first.result
    done = foretold_and_done({**written_out(f"{family}-new"), **web(image="web:2")})
    assert done["task_definition"]["revision"] == 2
    assert run({**written_out("ignored"), "family": family})["task_definition"]["revision"] == 1


def test_what_ecs_returns_can_be_registered(family: str) -> None:
    live = client("ecs").describe_task_definition(taskDefinition=family)["taskDefinition"]
    assert run({"task_definition": json.loads(json.dumps(live, default=str))}).changed is False


def test_tags_are_added_to_the_revision_that_is_there(family: str) -> None:
    done = foretold_and_done({"family": family, "tags": {"Release": 2, "Team": "shop"}})
    assert done["registered"] is False
    assert [call.operation for call in done.writes] == ["TagResource"]
    assert done["task_definition"]["tags"] == {"Team": "shop", "Release": "2"}
    assert run({"family": family})["task_definition"]["tags"] == done["task_definition"]["tags"]


@pytest.fixture
def image(family: str) -> str:
    """An image in ECR with the tag 1."""
    ecr = client("ecr")
    ecr.create_repository(repositoryName=family)
    push(family, "1")
    return f"{REGISTRY}/{family}"


def push(repository: str, tag: str, content: str = "a") -> str:
    part = {"digest": f"sha256:{content * 64}", "size": 1}
    manifest = {"schemaVersion": 2, "mediaType": DOCKER, "config": part, "layers": [part]}
    found = client("ecr").put_image(repositoryName=repository, imageManifest=json.dumps(manifest), imageTag=tag)
    return found["image"]["imageId"]["imageDigest"]


def test_an_image_is_pinned_to_its_digest(family: str, image: str) -> None:
    params = {"family": family, "pin_digest": True, **web(image=f"{image}:1")}
    done = foretold_and_done(params)
    first = container(done)["image"]
    assert first.startswith(f"{image}@sha256:")
    assert container(done, 1)["image"] == "side:1"
    moved = push(family, "1", "b")
    assert container(foretold_and_done(params))["image"] == f"{image}@{moved}"
    pinned = run({"family": family, "pin_digest": True, **web(image=first)})
    assert [call.operation for call in pinned.calls if call.service == "ecr"] == []


def test_images_that_cannot_be_pinned(family: str, image: str) -> None:
    missing = run({"family": family, "pin_digest": True, **web(image=f"{image}:2")})
    assert missing.msg == (
        f"Failed to read the task definition {family}: there is no image {image}:2 in ECR. Push it first, or correct its tag"
    )
    elsewhere = run({"family": family, "pin_digest": True, **web(image="docker.io/web:2")})
    assert "pin_digest cannot be used with docker.io/web:2, which is not an image in ECR" in elsewhere.msg
    assert missing.writes == elsewhere.writes == []
    inline = run({**written_out(f"{family}-p", {**WEB, "image": f"{image}:1"}, SIDE), "pin_digest": True})
    assert [container(inline, number)["image"].partition("@")[1] for number in (0, 1)] == ["@", ""]


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"family": "none"}, "the family none has no active revision. Set task_definition to register the first one"),
        ({"service": "none"}, "the service none does not exist in the cluster default. Correct service and cluster"),
        ({"task_definition": {"containerDefinitions": [WEB]}}, "task_definition has no family. Set family"),
        ({"task_definition": {"family": "x", "container_definitions": []}}, "no containerDefinitions with names"),
        (web(name="wbe"), "containers has wbe, but the task definition has only web, side. Correct the name"),
        (web(environment={"A": None}), "environment of web has no value for A. Set one"),
        (web(environment={"A": "1"}, secrets={"A": "b"}), "containers sets A of web in two ways. Keep one of them"),
        (web(environment={"A": "1"}, remove_variables=["A"]), "containers sets A of web in two ways"),
        ({}, "one of the following is required: family, service, task_definition"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(family: str, params: dict[str, t.Any], said: str) -> None:
    outcome = run({"family": family, **params} if "containers" in params else params)
    assert outcome.failed
    assert said in outcome.msg
    assert outcome.writes == []


def test_a_revision_that_was_deregistered_is_not_returned(family: str, service: dict[str, str]) -> None:
    client("ecs").deregister_task_definition(taskDefinition=f"{family}:1")
    done = foretold_and_done(service)
    assert done["task_definition"]["revision"] == 3


@pytest.mark.parametrize("operation", ["DescribeTaskDefinition", "RegisterTaskDefinition"])
@pytest.mark.parametrize("fault", FAULTS)
def test_every_call_in_every_fault(family: str, operation: str, fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", clock.advance)
    params = {"family": family, **web(image="web:2")}
    faults.add({"service": "ecs", "operation": operation, **FAULTS[fault]})
    outcome = run(params)
    faults.remove()
    writes = operation == "RegisterTaskDefinition"
    assert outcome.failed is (fault not in PASSES - (NEVER_AGAIN if writes else set()))
    if outcome.failed:
        is_a_sentence(outcome.msg, f"Failed to {'register' if writes else 'read'} the task definition {family}: ")
    done = run(params)
    assert (done.failed, done["task_definition"]["revision"]) == (False, 2)


def test_the_first_revision_is_registered_once_where_its_answer_is_lost(numbers: t.Iterator[int]) -> None:
    params = written_out(f"new{next(numbers)}")
    faults.add({"service": "ecs", "operation": "RegisterTaskDefinition", **FAULTS["lost reply"]})
    assert run(params)["task_definition"]["revision"] == 1
    faults.remove()
    assert not run(params).changed


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ({"cpu": "1 vCPU", "memory": "2GB"}, {"cpu": "1024", "memory": "2048"}, True),
        ({"cpu": ".5 vcpu"}, {"cpu": "512"}, True),
        ({"cpu": "256"}, {"cpu": "512"}, False),
        ({"networkMode": "bridge", "volumes": [], "placementConstraints": []}, {}, True),
        ({"requiresCompatibilities": ["EC2", "FARGATE"]}, {"requiresCompatibilities": ["FARGATE", "EC2"]}, True),
        ({"taskDefinitionArn": "a", "revision": 7, "registeredBy": "me"}, {}, True),
        (
            {"volumes": [{"name": "a", "efsVolumeConfiguration": {"fileSystemId": "fs-1"}}]},
            {"volumes": [{"name": "a", "efsVolumeConfiguration": {"fileSystemId": "fs-1", "rootDirectory": "/"}}]},
            True,
        ),
    ],
)
def test_task_definitions_that_say_the_same(one: dict[str, t.Any], other: dict[str, t.Any], equal: bool) -> None:
    assert same(one, other) is equal


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ({"essential": True, "cpu": 0, "systemControls": [], "mountPoints": []}, {}, True),
        ({"essential": False}, {}, False),
        ({"portMappings": [{"containerPort": 80, "hostPort": 0, "protocol": "tcp"}]}, {"portMappings": [{"containerPort": 80}]}, True),
        ({"portMappings": [{"containerPort": 80, "protocol": "udp"}]}, {"portMappings": [{"containerPort": 80}]}, False),
        (
            {"environment": [{"name": "a", "value": "1"}, {"name": "b", "value": "2"}]},
            {"environment": [{"name": "b", "value": "2"}, {"name": "a", "value": "1"}]},
            True,
        ),
        ({"environment": [{"name": "a", "value": "1"}]}, {"environment": [{"name": "a", "value": "2"}]}, False),
        ({"environment": [{"name": "a", "value": ""}]}, {}, False),
        ({"command": ["a", "b"]}, {"command": ["b", "a"]}, False),
        (
            {"healthCheck": {"command": ["true"]}},
            {"healthCheck": {"command": ["true"], "interval": 30, "timeout": 5, "retries": 3}},
            True,
        ),
        ({"readonlyRootFilesystem": False, "logConfiguration": {"logDriver": "awslogs", "options": {}}}, {"logConfiguration": {"logDriver": "awslogs"}}, True),
    ],
)  # fmt: skip
def test_containers_that_say_the_same(one: dict[str, t.Any], other: dict[str, t.Any], equal: bool) -> None:
    assert same({"containerDefinitions": [one]}, {"containerDefinitions": [other]}) is equal


def test_ports_of_a_task_with_an_address_of_its_own() -> None:
    said = [{"containerPort": 80}], [{"containerPort": 80, "hostPort": 80, "protocol": "tcp"}]
    first, second = (
        normalized({"networkMode": "awsvpc", "containerDefinitions": [{"portMappings": ports}]}) for ports in said
    )
    assert first == second


def test_what_can_be_registered_is_what_the_model_takes() -> None:
    model = botocore.session.get_session().get_service_model("ecs").operation_model("RegisterTaskDefinition")
    assert set(SETTABLE) == set(model.input_shape.members) - {"tags"}
