# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""`aws ecs deploy`, and `aws deploy` as it shifts traffic to ECS services and Lambda functions: waits, stops, rollbacks."""

from __future__ import annotations

import io
import json
import re
import zipfile
from typing import Any

from deploying import trust
from terminal import Terminal

REGION = "eu-central-1"
ROLE = "arn:aws:iam::123456789012:role/CodeDeployServiceRole"
# `aws ecs deploy` expects an application and a group of these names.
ECS_GROUP = ("--application-name", "AppECS-shop-web", "--deployment-group-name", "DgpECS-shop-web")
LAMBDA_GROUP = ("--application-name", "greeter", "--deployment-group-name", "live")
# So fast that a deployment is over before the program looks at it for the first time; it looks again after 15 seconds.
FAST = 100_000


def scenario(at: Terminal) -> None:
    groups = balanced(at)
    service(at, groups[0])
    ecs_group(at, groups)
    deployed(at, groups)
    no_such_service(at)
    continued(at, groups)
    taken_back(at)
    function(at)
    shifted(at)
    left_weighted(at)


def weights(at: Terminal) -> dict[str, int]:
    """Of the production listener, by target group."""
    [listener] = at.json("elbv2", "describe-listeners", "--load-balancer-arn", balancer(at))["Listeners"]
    forward = listener["DefaultActions"][0]["ForwardConfig"]["TargetGroups"]
    return {group["TargetGroupArn"].split("/")[1]: group["Weight"] for group in forward}


def balancer(at: Terminal) -> str:
    return str(at.json("elbv2", "describe-load-balancers", "--names", "shop")["LoadBalancers"][0]["LoadBalancerArn"])


def subnets(at: Terminal) -> list[str]:
    return sorted(subnet["SubnetId"] for subnet in at.json("ec2", "describe-subnets")["Subnets"])[:2]


def balanced(at: Terminal) -> list[str]:
    """A load balancer whose listener forwards to the first of two target groups."""
    vpc = at.json("ec2", "describe-vpcs")["Vpcs"][0]["VpcId"]
    made = at.json("elbv2", "create-load-balancer", "--name", "shop", "--subnets", *subnets(at))
    groups = [
        at.json(
            "elbv2", "create-target-group", "--name", name, "--protocol", "HTTP", "--port", "80", "--vpc-id", vpc,
            "--target-type", "ip", "--health-check-interval-seconds", "10", "--healthy-threshold-count", "2",
        )["TargetGroups"][0]["TargetGroupArn"]
        for name in ("one", "two")
    ]  # fmt: skip
    at.json(
        "elbv2", "create-listener", "--load-balancer-arn", made["LoadBalancers"][0]["LoadBalancerArn"],
        "--protocol", "HTTP", "--port", "80", "--default-actions", f"Type=forward,TargetGroupArn={groups[0]}",
    )  # fmt: skip
    at.same("the listener forwards to the first group", weights(at), {"one": 1})
    return groups


def definition(at: Terminal, image: str) -> str:
    """A file with a task definition."""
    container = {"name": "web", "image": image, "portMappings": [{"containerPort": 80}]}
    return at.file(
        "task.json",
        {
            "family": "web", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"],
            "cpu": "256", "memory": "512", "containerDefinitions": [container],
        },
    )  # fmt: skip


def service(at: Terminal, group: str) -> None:
    at.json("ecs", "create-cluster", "--cluster-name", "shop")
    at.json("ecs", "register-task-definition", "--cli-input-json", definition(at, "nginx:1"))
    network = f"awsvpcConfiguration={{subnets=[{','.join(subnets(at))}]}}"
    at.json(
        "ecs", "create-service", "--cluster", "shop", "--service-name", "web", "--task-definition", "web",
        "--desired-count", "2", "--launch-type", "FARGATE", "--network-configuration", network,
        "--load-balancers", f"targetGroupArn={group},containerName=web,containerPort=80",
        "--deployment-controller", "type=CODE_DEPLOY",
    )  # fmt: skip
    at.advance(60)
    [seen] = at.json("ecs", "describe-services", "--cluster", "shop", "--services", "web")["services"]
    [task_set] = seen["taskSets"]
    at.same("its tasks run", (seen["runningCount"], task_set["status"]), (2, "PRIMARY"))
    at.same("and are steady", task_set["stabilityStatus"], "STEADY_STATE")
    at.refuses(
        "its task definition is CodeDeploy's", "InvalidParameterException", "CODE_DEPLOY deployment controller",
        "ecs", "update-service", "--cluster", "shop", "--service", "web", "--task-definition", "web:1",
    )  # fmt: skip


def ecs_group(at: Terminal, groups: list[str]) -> None:
    at.json(
        "iam", "create-role", "--role-name", "CodeDeployServiceRole",
        "--assume-role-policy-document", trust(at, "codedeploy.amazonaws.com"),
    )  # fmt: skip
    at.json("deploy", "create-application", "--application-name", ECS_GROUP[1], "--compute-platform", "ECS")
    [listener] = at.json("elbv2", "describe-listeners", "--load-balancer-arn", balancer(at))["Listeners"]
    pair = {
        "targetGroups": [{"name": arn.split("/")[1]} for arn in groups],
        "prodTrafficRoute": {"listenerArns": [listener["ListenerArn"]]},
    }
    at.json(
        "deploy", "create-deployment-group", *ECS_GROUP, "--service-role-arn", ROLE,
        "--deployment-config-name", "CodeDeployDefault.ECSAllAtOnce",
        "--ecs-services", "clusterName=shop,serviceName=web",
        "--load-balancer-info", json.dumps({"targetGroupPairInfoList": [pair]}),
        "--deployment-style", "deploymentType=BLUE_GREEN,deploymentOption=WITH_TRAFFIC_CONTROL",
        "--blue-green-deployment-configuration", blue_green(),
    )  # fmt: skip


def blue_green(ready: int = 0, termination: int = 0) -> str:
    action = {"actionOnTimeout": "CONTINUE_DEPLOYMENT"}
    waiting = {"actionOnTimeout": "STOP_DEPLOYMENT", "waitTimeInMinutes": ready}
    end = {"action": "TERMINATE", "terminationWaitTimeInMinutes": termination}
    option = "terminateBlueInstancesOnDeploymentSuccess"
    return json.dumps({"deploymentReadyOption": waiting if ready else action, option: end})


def appspec(task_definition: str) -> dict[str, Any]:
    properties = {"TaskDefinition": task_definition, "LoadBalancerInfo": {"ContainerName": "web", "ContainerPort": 80}}
    return {"version": 0.0, "Resources": [{"web": {"Type": "AWS::ECS::Service", "Properties": properties}}]}


def deploy(at: Terminal, name: str = "web") -> tuple[int, str, str]:
    """`aws ecs deploy`, while the clock runs."""
    at.file("appspec.json", appspec("filled in by the program"))
    definition(at, "nginx:2")
    at.control("clock", {"speed": FAST})
    ended = at.finish(
        at.start(
            "ecs", "deploy", "--cluster", "shop", "--service", name,
            "--task-definition", "task.json", "--codedeploy-appspec", "appspec.json",
        )
    )  # fmt: skip
    at.control("clock", {"speed": 0})
    return ended


def deployed(at: Terminal, groups: list[str]) -> None:
    status, said, errors = deploy(at)
    at.same("ecs deploy ends well", (status, errors), (0, ""))
    found = re.search(r"Successfully deployed \S+:task-definition/web:2 to service 'web'", said)
    at.check("it says what it deployed", found, said)
    at.same("all traffic is on the second group", weights(at), {"one": 0, "two": 100})
    [seen] = at.json("ecs", "describe-services", "--cluster", "shop", "--services", "web")["services"]
    at.check("the service has the new task definition", seen["taskDefinition"].endswith("/web:2"), seen)
    at.same("and the second target group", seen["loadBalancers"][0]["targetGroupArn"], groups[1])


def no_such_service(at: Terminal) -> None:
    status, said, errors = deploy(at, "nothing")
    at.check("a service that is not there is said", "'nothing' not found in cluster 'shop'" in said + errors, errors)
    at.check("and the program fails", status, status)


def create(at: Terminal, group: tuple[str, ...], content: dict[str, Any], *more: str) -> str:
    revision = {"revisionType": "AppSpecContent", "appSpecContent": {"content": json.dumps(content)}}
    wanted = ("deploy", "create-deployment", *group, "--revision", at.file("revision.json", revision), *more)
    return str(at.json(*wanted)["deploymentId"])


def info(at: Terminal, deployment: str) -> dict[str, Any]:
    found: dict[str, Any] = at.json("deploy", "get-deployment", "--deployment-id", deployment)["deploymentInfo"]
    return found


def ended(at: Terminal, deployment: str, status: str) -> dict[str, Any]:
    """Let it run to its end."""
    at.advance(7200)
    found = info(at, deployment)
    at.same(f"the deployment has {status}", found["status"], status)
    return found


def released(at: Terminal, image: str) -> str:
    made = at.json("ecs", "register-task-definition", "--cli-input-json", definition(at, image))
    return str(made["taskDefinition"]["taskDefinitionArn"])


def continued(at: Terminal, groups: list[str]) -> None:
    """The two waits, each ended by continue-deployment."""
    at.json(
        "deploy", "update-deployment-group", "--application-name", ECS_GROUP[1],
        "--current-deployment-group-name", ECS_GROUP[3],
        "--blue-green-deployment-configuration", blue_green(ready=60, termination=60),
    )  # fmt: skip
    deployment = create(at, ECS_GROUP, appspec(released(at, "nginx:3")))
    which = ("--deployment-id", deployment)
    at.advance(300)
    at.same("it is ready and waits", info(at, deployment)["status"], "Ready")
    at.same("and no traffic was moved", weights(at), {"two": 100, "one": 0})
    at.refuses(
        "it is not in the other wait", "DeploymentIsNotInReadyStateException", "",
        "deploy", "continue-deployment", *which, "--deployment-wait-type", "TERMINATION_WAIT",
    )  # fmt: skip
    at.text("deploy", "continue-deployment", *which, "--deployment-wait-type", "READY_WAIT")
    at.advance(60)
    at.same("then traffic is moved", weights(at), {"two": 0, "one": 100})
    seen = info(at, deployment)
    waits = (seen["status"], seen["instanceTerminationWaitTimeStarted"])
    at.same("and the old task set stays for a while", waits, ("InProgress", True))
    target = at.json("deploy", "list-deployment-targets", *which)["targetIds"]
    at.same("the target is the service", target, ["shop:web"])
    got = at.json("deploy", "get-deployment-target", *which, "--target-id", target[0])["deploymentTarget"]
    sets = [(one["status"], one["trafficWeight"]) for one in got["ecsTarget"]["taskSetsInfo"]]
    at.same("with both task sets", sets, [("ACTIVE", 0.0), ("PRIMARY", 100.0)])
    at.text("deploy", "continue-deployment", *which, "--deployment-wait-type", "TERMINATION_WAIT")
    at.same("until it is continued again", info(at, deployment)["status"], "Succeeded")
    at.text("deploy", "wait", "deployment-successful", *which)


def taken_back(at: Terminal) -> None:
    """A stop while traffic is shifted, with a rollback."""
    at.json(
        "deploy", "update-deployment-group", "--application-name", ECS_GROUP[1],
        "--current-deployment-group-name", ECS_GROUP[3], "--blue-green-deployment-configuration", blue_green(),
    )  # fmt: skip
    canary = ("--deployment-config-name", "CodeDeployDefault.ECSCanary10Percent15Minutes")
    deployment = create(at, ECS_GROUP, appspec(released(at, "nginx:4")), *canary)
    at.advance(300)
    at.same("a tenth of the traffic is moved", weights(at), {"one": 90, "two": 10})
    answer = at.json("deploy", "stop-deployment", "--deployment-id", deployment, "--auto-rollback-enabled")
    at.check("stop-deployment is taken", answer["status"] in ("Pending", "Succeeded"), answer)
    seen = ended(at, deployment, "Stopped")
    rollback = ended(at, seen["rollbackInfo"]["rollbackDeploymentId"], "Succeeded")
    at.same("the rollback is a deployment of its own", rollback["creator"], "codeDeployRollback")
    at.same("all traffic is back", weights(at), {"one": 100, "two": 0})
    [service] = at.json("ecs", "describe-services", "--cluster", "shop", "--services", "web")["services"]
    at.check("and so is the task definition", service["taskDefinition"].endswith("/web:3"), service)


def zipped(at: Terminal, text: str) -> str:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("main.py", text)
    (at.folder / "code.zip").write_bytes(held.getvalue())
    return "fileb://code.zip"


def function(at: Terminal) -> None:
    """A function with two versions, whose alias points at the first."""
    role = at.json(
        "iam", "create-role", "--role-name", "greeter",
        "--assume-role-policy-document", trust(at, "lambda.amazonaws.com"),
    )  # fmt: skip
    at.json(
        "lambda", "create-function", "--function-name", "greeter", "--runtime", "python3.13", "--handler", "main.run",
        "--role", role["Role"]["Arn"], "--zip-file", zipped(at, "one = 1"), "--publish",
    )  # fmt: skip
    at.json("lambda", "update-function-code", "--function-name", "greeter", "--zip-file", zipped(at, "two = 2"))
    made = at.json("lambda", "publish-version", "--function-name", "greeter")
    at.same("other code is another version", made["Version"], "2")
    at.json("lambda", "create-alias", "--function-name", "greeter", "--name", "live", "--function-version", "1")
    at.json("deploy", "create-application", "--application-name", "greeter", "--compute-platform", "Lambda")
    at.json(
        "deploy", "create-deployment-group", *LAMBDA_GROUP, "--service-role-arn", ROLE,
        "--deployment-config-name", "CodeDeployDefault.LambdaLinear10PercentEvery1Minute",
        "--deployment-style", "deploymentType=BLUE_GREEN,deploymentOption=WITH_TRAFFIC_CONTROL",
    )  # fmt: skip


def alias(at: Terminal) -> tuple[str, dict[str, float]]:
    """Its version, and the weights of another."""
    found = at.json("lambda", "get-alias", "--function-name", "greeter", "--name", "live")
    return found["FunctionVersion"], (found.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}


def to_version(current: str, target: str) -> dict[str, Any]:
    properties = {"Name": "greeter", "Alias": "live", "CurrentVersion": current, "TargetVersion": target}
    return {"version": 0.0, "Resources": [{"greeter": {"Type": "AWS::Lambda::Function", "Properties": properties}}]}


def shifted(at: Terminal) -> None:
    deployment = create(at, LAMBDA_GROUP, to_version("1", "2"))
    at.advance(100)
    at.same("two steps are taken", alias(at), ("1", {"2": 0.2}))
    at.refuses(
        "there is nothing to continue", "UnsupportedActionForDeploymentTypeException", "",
        "deploy", "continue-deployment", "--deployment-id", deployment, "--deployment-wait-type", "READY_WAIT",
    )  # fmt: skip
    ended(at, deployment, "Succeeded")
    at.same("all traffic is on the second version", alias(at), ("2", {}))
    back = create(at, LAMBDA_GROUP, to_version("2", "1"))
    at.advance(100)
    at.json("deploy", "stop-deployment", "--deployment-id", back, "--auto-rollback-enabled")
    seen = ended(at, back, "Stopped")
    ended(at, seen["rollbackInfo"]["rollbackDeploymentId"], "Succeeded")
    at.same("a stop with a rollback takes it back", alias(at), ("2", {}))


def left_weighted(at: Terminal) -> None:
    """A stop without a rollback leaves the alias on two versions, which no deployment starts from."""
    deployment = create(at, LAMBDA_GROUP, to_version("2", "1"))
    at.advance(100)
    at.json("deploy", "stop-deployment", "--deployment-id", deployment, "--no-auto-rollback-enabled")
    ended(at, deployment, "Stopped")
    at.same("a stop without leaves the weights", alias(at), ("2", {"1": 0.2}))
    failed = ended(at, create(at, LAMBDA_GROUP, to_version("2", "1")), "Failed")
    at.same("and the next one fails", failed["errorInformation"]["code"], "INVALID_LAMBDA_CONFIGURATION")
    at.json("lambda", "update-alias", "--function-name", "greeter", "--name", "live", "--routing-config", "{}")
    at.same("until the weights are taken away", alias(at), ("2", {}))
    ended(at, create(at, LAMBDA_GROUP, to_version("2", "1")), "Succeeded")
    at.same("then all traffic is on the first version", alias(at), ("1", {}))
