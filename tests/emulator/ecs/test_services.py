# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Services of ECS: their tasks, deployments and task sets on the clock, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from support.ecs_shop import EcsWorld

from slipway_emulator.clock import clock
from slipway_emulator.faults import faults
from slipway_emulator.world import world


@pytest.fixture
def at() -> Iterator[EcsWorld]:
    with world():
        yield EcsWorld()


def counts(at: EcsWorld) -> tuple[int, int, int]:
    service = at.described()
    return service["desiredCount"], service["runningCount"], service["pendingCount"]


def messages(at: EcsWorld) -> str:
    return "\n".join(event["message"] for event in at.described()["events"])


def test_tasks_start_register_and_get_healthy(at: EcsWorld) -> None:
    at.service()
    seen = []
    for seconds in (0, 9, 1, 19, 1, 19, 1):
        clock.advance(seconds)
        [task_set] = at.task_sets()
        statuses = {task["lastStatus"] for task in at.tasks()}
        seen.append((statuses, counts(at)[1:], at.health(at.one), task_set["stabilityStatus"]))
    starting, initial = ((0, 2), [], "STABILIZING"), ((2, 0), ["initial"] * 2, "STABILIZING")
    assert seen == [
        ({"PROVISIONING"}, *starting),
        ({"PROVISIONING"}, *starting),
        ({"PENDING"}, *starting),
        ({"PENDING"}, *starting),
        ({"RUNNING"}, *initial),
        ({"RUNNING"}, *initial),
        ({"RUNNING"}, (2, 0), ["healthy"] * 2, "STEADY_STATE"),
    ]
    assert "has reached a steady state" in messages(at)


def test_looking_at_tasks_does_not_move_them(at: EcsWorld) -> None:
    at.service()
    for _look in range(20):
        assert {task["lastStatus"] for task in at.tasks()} == {"PROVISIONING"}
    clock.advance(3600)
    for _look in range(20):
        assert {task["lastStatus"] for task in at.tasks()} == {"RUNNING"}


def test_a_service_keeps_what_it_is_given(at: EcsWorld) -> None:
    given = {
        "deploymentConfiguration": {"maximumPercent": 150, "minimumHealthyPercent": 50},
        "healthCheckGracePeriodSeconds": 90,
        "enableExecuteCommand": True,
        "enableECSManagedTags": True,
        "platformVersion": "1.4.0",
        "propagateTags": "SERVICE",
    }
    at.service(**given)
    service = at.described()
    assert {name: service[name] for name in given} == given
    assert (service["placementConstraints"], service["placementStrategy"]) == ([], [])
    assert service["networkConfiguration"]["awsvpcConfiguration"]["assignPublicIp"] == "DISABLED"
    at.ecs.update_service(cluster="shop", service="web", desiredCount=1)
    assert {name: at.described()[name] for name in given} == given


def test_a_service_with_a_strategy_has_no_launch_type(at: EcsWorld) -> None:
    strategy = [{"capacityProvider": "FARGATE_SPOT", "weight": 1, "base": 0}]
    service = at.service(launchType=None, capacityProviderStrategy=strategy)
    assert service["capacityProviderStrategy"] == strategy and "launchType" not in service
    assert {task["capacityProviderName"] for task in at.tasks()} == {"FARGATE_SPOT"}


def test_the_task_of_a_service(at: EcsWorld) -> None:
    sidecar = {"name": "log", "image": "fluent-bit", "essential": False}
    web = {"name": "web", "image": "nginx", "portMappings": [{"containerPort": 80}], "healthCheck": {"command": ["x"]}}
    at.revision("", containerDefinitions=[web, sidecar])
    at.service(desiredCount=1)
    clock.advance(60)
    [task], [task_set] = at.tasks(), at.task_sets()
    assert (task["startedBy"], task["group"]) == (task_set["id"], "service:web")
    assert [c["name"] for c in task["containers"]] == ["web", "log"]
    assert {c["taskArn"] for c in task["containers"]} == {task["taskArn"]}
    assert [c["healthStatus"] for c in task["containers"]] == ["HEALTHY", "UNKNOWN"]
    address = task["containers"][0]["networkInterfaces"][0]["privateIpv4Address"]
    assert address.startswith("172.31.")  # of the subnet
    assert at.health(at.one) == ["healthy"]
    [found] = at.elbv2.describe_target_health(TargetGroupArn=at.one)["TargetHealthDescriptions"]
    assert found["Target"] == {"Id": address, "Port": 80}


def test_a_task_has_a_name_where_its_vpc_gives_names(at: EcsWorld) -> None:
    vpc = at.ec2.create_vpc(CidrBlock="10.5.0.0/16")["Vpc"]["VpcId"]
    subnet = at.ec2.create_subnet(VpcId=vpc, CidrBlock="10.5.1.0/24")["Subnet"]["SubnetId"]
    for name, network in (("named", at.network()), ("nameless", {"awsvpcConfiguration": {"subnets": [subnet]}})):
        at.service(name, "ECS", loadBalancers=[], desiredCount=1, networkConfiguration=network)
    details = [
        {one["name"]: one["value"] for one in at.tasks(n)[0]["attachments"][0]["details"]}
        for n in ("named", "nameless")
    ]
    assert (
        details[0]["privateDnsName"]
        == f"ip-{details[0]['privateIPv4Address'].replace('.', '-')}.eu-west-1.compute.internal"
    )
    assert "privateDnsName" not in details[1]
    assert details[1]["privateIPv4Address"] == "10.5.1.4"  # the first that AWS leaves to tasks


def test_tasks_are_listed_by_service_and_status(at: EcsWorld) -> None:
    at.service()
    at.service("other", "ECS", loadBalancers=[], desiredCount=3)
    assert (len(at.tasks("web")), len(at.tasks("other"))) == (2, 3)
    clock.advance(60)
    at.ecs.stop_task(cluster="shop", task=at.tasks("other")[0]["taskArn"], reason="enough")
    assert len(at.tasks("other")) == 2
    clock.advance(20)
    [stopped] = at.tasks("other", "STOPPED")
    assert (stopped["stopCode"], stopped["stoppedReason"]) == ("UserInitiated", "enough")
    clock.advance(60)  # the service replaces it
    assert len(at.tasks("other")) == 3
    clock.advance(3600)
    gone = at.ecs.describe_tasks(cluster="shop", tasks=[stopped["taskArn"]])
    assert (gone["tasks"], gone["failures"][0]["reason"]) == ([], "MISSING")


def test_scaling(at: EcsWorld) -> None:
    at.service()
    clock.advance(60)
    at.ecs.update_service(cluster="shop", service="web", desiredCount=4)
    assert counts(at) == (4, 2, 2)
    clock.advance(60)
    assert counts(at) == (4, 4, 0)
    at.ecs.update_service(cluster="shop", service="web", desiredCount=1)
    assert counts(at) == (1, 1, 0)
    assert at.health(at.one) == ["draining"] * 3 + ["healthy"]
    clock.advance(320)
    assert len(at.tasks(status="STOPPED")) == 3
    assert at.health(at.one) == ["healthy"]


@pytest.mark.parametrize(
    ("fault", "code", "reason"),
    [
        ({"kind": "task-fails-to-start"}, "TaskFailedToStart", "CannotPullContainerError: pull image manifest"),
        (
            {"kind": "task-fails-to-start", "message": "ResourceInitializationError"},
            "TaskFailedToStart",
            "ResourceInit",
        ),
        ({"kind": "task-exits", "exit_code": 3}, "EssentialContainerExited", "Essential container in task exited"),
        ({"kind": "target-unhealthy"}, "ServiceSchedulerInitiated", "Task failed ELB health checks in (target-group"),
    ],
)
def test_tasks_that_do_not_stay(at: EcsWorld, fault: dict[str, Any], code: str, reason: str) -> None:
    rule = faults.add({**fault, "image": "nginx:1", "family": "web", "service": "web"})
    at.service(desiredCount=1)
    clock.advance(600)
    stopped = at.tasks(status="STOPPED")
    assert len(stopped) > 1  # each was replaced by the next
    assert {task["stopCode"] for task in stopped} == {code}
    assert all(task["stoppedReason"].startswith(reason) for task in stopped)
    if code == "EssentialContainerExited":
        assert stopped[0]["containers"][0]["exitCode"] == 3
    faults.remove(rule["id"])
    clock.advance(400)
    assert counts(at) == (1, 1, 0)


def test_ecs_rolls_out_by_itself(at: EcsWorld) -> None:
    at.service(controller="ECS")
    assert at.described()["deployments"][0]["rolloutState"] == "IN_PROGRESS"
    clock.advance(60)
    [first] = at.described()["deployments"]
    assert (first["rolloutState"], first["runningCount"]) == ("COMPLETED", 2)
    definition = at.revision("nginx:2")
    at.ecs.update_service(cluster="shop", service="web", taskDefinition="web")
    new, old = at.described()["deployments"]
    assert (new["status"], old["status"], new["taskDefinition"]) == ("PRIMARY", "ACTIVE", definition)
    clock.advance(60)
    assert [d["desiredCount"] for d in at.described()["deployments"]] == [2, 0]
    clock.advance(400)
    [only] = at.described()["deployments"]
    assert (only["id"], only["rolloutState"]) == (new["id"], "COMPLETED")
    assert {task["taskDefinitionArn"] for task in at.tasks()} == {definition}
    at.ecs.update_service(cluster="shop", service="web", forceNewDeployment=True)
    assert len(at.described()["deployments"]) == 2


def test_a_service_on_instances_waits_for_one(at: EcsWorld) -> None:
    container = {"name": "web", "image": "nginx", "memory": 100, "portMappings": [{"containerPort": 80}]}
    at.ecs.register_task_definition(family="plain", containerDefinitions=[container])
    group = at.target_group("hosts", TargetType="instance")
    at.elbv2.modify_listener(ListenerArn=at.test, DefaultActions=[{"Type": "forward", "TargetGroupArn": group}])
    balancers = at.behind(group)
    at.service(taskDefinition="plain", launchType="EC2", networkConfiguration=None, loadBalancers=balancers)
    clock.advance(120)
    assert counts(at) == (2, 0, 0) and "unable to place a task" in messages(at)
    ami = at.ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    [host] = at.ec2.run_instances(ImageId=ami, MinCount=1, MaxCount=1)["Instances"]
    document = json.dumps({"instanceId": host["InstanceId"]})
    at.ecs.register_container_instance(cluster="shop", instanceIdentityDocument=document)
    clock.advance(180)
    assert counts(at) == (2, 2, 0)
    targets = at.elbv2.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
    assert {one["Target"]["Id"] for one in targets} == {host["InstanceId"]}
    assert len({one["Target"]["Port"] for one in targets}) == 2


# --- refusals

WRONG: list[tuple[dict[str, Any], str]] = [
    (
        {"loadBalancers": [{"targetGroupArn": "arn:gone", "containerName": "web", "containerPort": 80}]},
        "does not exist",
    ),
    ({"loadBalancers": [{"containerName": "app", "containerPort": 80}]}, "The container app does not exist"),
    ({"loadBalancers": [{"containerName": "web", "containerPort": 81}]}, "did not have a container port 81"),
    ({"loadBalancers": []}, "load balancer is required"),
    ({"networkConfiguration": None}, "Network Configuration must be provided"),
    ({"networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-0"]}}}, "subnet-0"),
    ({"taskDefinition": "other"}, "Unable to describe task definition"),
    ({"launchType": "Fargate"}, "launch type should be one of"),
    ({"capacityProviderStrategy": [{"capacityProvider": "FARGATE"}]}, "Specifying both a launch type"),
    ({"schedulingStrategy": "DAEMON"}, "DAEMON"),
    ({"deploymentController": {"type": "NOPE"}}, "NOPE"),
]


@pytest.mark.parametrize(("given", "said"), WRONG)
def test_services_that_are_refused(at: EcsWorld, given: dict[str, Any], said: str) -> None:
    with pytest.raises(ClientError, match=said):
        at.service(**given)
    assert at.ecs.list_services(cluster="shop")["serviceArns"] == []


def test_target_groups_that_do_not_fit(at: EcsWorld) -> None:
    with pytest.raises(ClientError, match="does not have an associated load balancer"):
        at.service(loadBalancers=at.behind(at.two))
    hosts = at.target_group("hosts", TargetType="instance")
    with pytest.raises(ClientError, match="incompatible with the awsvpc network mode"):
        at.service(loadBalancers=at.behind(hosts))


def test_a_name_is_taken_until_its_service_is_gone(at: EcsWorld) -> None:
    at.service()
    with pytest.raises(ClientError, match="Creation of service was not idempotent"):
        at.service()
    with pytest.raises(ClientError, match="scaled above 0"):
        at.ecs.delete_service(cluster="shop", service="web")
    with pytest.raises(ClientError, match="ClusterContainsServices"):
        at.ecs.delete_cluster(cluster="shop")
    clock.advance(60)
    at.ecs.delete_service(cluster="shop", service="web", force=True)
    assert at.described()["status"] == "DRAINING"
    with pytest.raises(ClientError, match="still Draining"):
        at.service()
    with pytest.raises(ClientError, match="ServiceNotActive"):
        at.ecs.update_service(cluster="shop", service="web", desiredCount=1)
    clock.advance(320)
    assert at.described()["status"] == "INACTIVE"
    assert at.ecs.list_services(cluster="shop")["serviceArns"] == []
    assert at.service()["status"] == "ACTIVE"


def test_a_request_that_is_sent_again_makes_one_service(at: EcsWorld) -> None:
    first = at.service(clientToken="one")
    assert at.service(clientToken="one")["createdAt"] == first["createdAt"]
    assert len(at.tasks()) == 2
    with pytest.raises(ClientError, match="Creation of service was not idempotent"):
        at.service(clientToken="two")


OWNED: dict[str, Any] = {
    "task definition": {"taskDefinition": "web"},
    "load balancers": {"loadBalancers": [{"containerName": "web", "containerPort": 80}]},
    "network configuration": {"networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-0"]}}},
    "platform version": {"platformVersion": "1.4.0"},
    "force": {"forceNewDeployment": True},
}


@pytest.mark.parametrize("what", OWNED)
def test_what_belongs_to_codedeploy_is_not_updated(at: EcsWorld, what: str) -> None:
    at.service()
    said = f"{what} .*on services with a CODE_DEPLOY deployment controller. Use AWS CodeDeploy to trigger a new deployment."
    with pytest.raises(ClientError, match=said):
        at.ecs.update_service(cluster="shop", service="web", **OWNED[what])


def test_an_empty_task_definition_is_none(at: EcsWorld) -> None:
    at.service()
    at.ecs.update_service(cluster="shop", service="web", taskDefinition="", desiredCount=1)
    assert at.described()["desiredCount"] == 1


def test_at_most_ten_services_are_described(at: EcsWorld) -> None:
    with pytest.raises(ClientError, match="at most 10"):
        at.ecs.describe_services(cluster="shop", services=[f"s{n}" for n in range(11)])


# --- clusters and task definitions


def test_a_cluster_is_made_once_and_told_whole(at: EcsWorld) -> None:
    at.service()
    clock.advance(60)
    [cluster] = at.ecs.describe_clusters(clusters=["shop"])["clusters"]
    assert (cluster["capacityProviders"], cluster["defaultCapacityProviderStrategy"]) == ([], [])
    assert (cluster["runningTasksCount"], cluster["pendingTasksCount"], cluster["activeServicesCount"]) == (2, 0, 1)
    again = at.ecs.create_cluster(clusterName="shop")["cluster"]
    assert again["activeServicesCount"] == 1
    at.ecs.create_cluster(clusterName="other")
    at.ecs.delete_cluster(cluster="other")
    assert at.ecs.describe_clusters(clusters=["other"])["clusters"][0]["status"] == "INACTIVE"
    with pytest.raises(ClientError, match="The referenced cluster was inactive"):
        at.ecs.create_service(cluster="other", serviceName="web", taskDefinition="web")


def test_a_family_is_its_newest_active_revision(at: EcsWorld) -> None:
    newest = at.revision("nginx:2")
    at.ecs.deregister_task_definition(taskDefinition=newest)
    found = at.ecs.describe_task_definition(taskDefinition="web")["taskDefinition"]
    assert found["revision"] == 1
    assert at.revision("nginx:3").endswith(":3")
    arns = at.ecs.list_task_definitions(familyPrefix="web", sort="DESC")["taskDefinitionArns"]
    assert [arn.rpartition(":")[2] for arn in arns] == ["3", "1"]


def test_what_is_filled_into_a_task_definition(at: EcsWorld) -> None:
    made = at.ecs.describe_task_definition(taskDefinition="web")["taskDefinition"]
    [container] = made["containerDefinitions"]
    assert container["portMappings"] == [{"containerPort": 80, "hostPort": 80, "protocol": "tcp"}]
    assert container["systemControls"] == []
    assert {"name": "ecs.capability.task-eni"} in made["requiresAttributes"]
    assert made["registeredAt"].timestamp() == pytest.approx(clock.now(), abs=1)
    assert made["registeredBy"].startswith("arn:aws:iam::123456789012:")


@pytest.mark.parametrize(("network", "fits"), [("awsvpc", True), ("bridge", False)])
def test_a_task_definition_that_names_no_launch_type(at: EcsWorld, network: str, fits: bool) -> None:
    at.revision("nginx", "free", requiresCompatibilities=[], networkMode=network)
    made = at.ecs.describe_task_definition(taskDefinition="free")["taskDefinition"]
    assert ("FARGATE" in made["compatibilities"]) is fits
    if not fits:
        with pytest.raises(ClientError, match="does not support launch_type FARGATE"):
            at.service(taskDefinition="free")


def test_running_a_task_by_itself(at: EcsWorld) -> None:
    asked = {"cluster": "shop", "taskDefinition": "web", "networkConfiguration": at.network()}
    with pytest.raises(ClientError, match="No Container Instances were found in your cluster"):
        at.ecs.run_task(**asked)
    [task] = at.ecs.run_task(**asked, launchType="FARGATE")["tasks"]
    assert (task["lastStatus"], task["group"]) == ("PROVISIONING", "family:web")
    clock.advance(30)
    [task] = at.ecs.describe_tasks(cluster="shop", tasks=[task["taskArn"]])["tasks"]
    assert task["lastStatus"] == "RUNNING"
    with pytest.raises(ClientError, match="The referenced task was not found"):
        at.ecs.stop_task(cluster="shop", task="0" * 32)
