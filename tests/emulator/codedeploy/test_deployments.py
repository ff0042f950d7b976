# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""EC2 in-place deployments: order of events, waves by the minimum of healthy hosts, how they end."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError
from support.codedeploy_shop import EVENTS, Shop

from slipway_emulator.clock import clock


def most_at_once(shop: Shop, deployment_id: str) -> int:
    """The largest number of hosts seen in progress together."""
    most, record = 0, shop.record(deployment_id)
    while not record.ended:
        clock.advance(1)
        most = max(most, (record.overview() or {}).get("InProgress", 0))
    return most


def test_a_deployment_goes_through_every_event_on_every_host(shop: Shop) -> None:
    hosts = shop.hosts(2)
    revision = shop.bundle()
    shop.group(deploymentConfigName="CodeDeployDefault.AllAtOnce")
    deployment_id = shop.deploy(revision, description="first")
    assert re.fullmatch(r"d-[A-Z0-9]{9}", deployment_id)
    assert shop.info(deployment_id)["status"] == "Created"
    info = shop.ended(deployment_id)
    assert (info["status"], info["creator"], info["description"]) == ("Succeeded", "user", "first")
    assert info["deploymentOverview"]["Succeeded"] == 2
    assert info["createTime"] < info["startTime"] < info["completeTime"]
    for host in hosts:
        events = shop.events(deployment_id, host)
        assert list(events) == EVENTS
        assert {e["status"] for e in events.values()} == {"Succeeded"}
        times = [moment for e in events.values() for moment in (e["startTime"], e["endTime"])]
        assert times == sorted(times)
        assert events["DownloadBundle"]["diagnostics"] == {
            "errorCode": "Success",
            "scriptName": "",
            "message": "Succeeded",
            "logTail": "",
        }


def test_the_group_knows_what_was_deployed(shop: Shop) -> None:
    shop.hosts(1)
    first, second = shop.bundle("app-1.zip"), shop.bundle("app-2.zip", {"appspec.yml": "version: 0.0\nos: linux\n"})
    shop.group()
    before = shop.group_info()
    assert "targetRevision" not in before
    assert "lastAttemptedDeployment" not in before
    shop.deployed(first)
    second_id = shop.deploy(second)
    running = shop.group_info()
    assert running["lastAttemptedDeployment"]["status"] == "Created"
    assert running["targetRevision"] == first
    assert shop.ended(second_id)["previousRevision"] == first
    after = shop.group_info()
    assert after["targetRevision"] == second
    assert after["lastSuccessfulDeployment"]["deploymentId"] == second_id


def test_six_hosts_half_at_a_time_take_about_a_minute(shop: Shop) -> None:
    shop.hosts(6)
    shop.group(deploymentConfigName="CodeDeployDefault.HalfAtATime")
    info = shop.deployed(shop.bundle())
    assert 50 <= (info["completeTime"] - info["createTime"]).total_seconds() <= 100


@pytest.mark.parametrize(
    ("count", "kind", "value", "together"),
    [
        pytest.param(9, "HOST_COUNT", 6, 3, id="count"),
        pytest.param(9, "FLEET_PERCENT", 40, 5, id="percent-rounded-up"),
        pytest.param(9, "FLEET_PERCENT", 50, 4, id="half"),
        pytest.param(4, "HOST_COUNT", 0, 4, id="none"),
    ],
)
def test_hosts_together(shop: Shop, count: int, kind: str, value: int, together: int) -> None:
    shop.hosts(count)
    shop.group(deploymentConfigName=shop.config("own", kind, value))
    assert most_at_once(shop, shop.deploy(shop.bundle())) == together


@pytest.mark.parametrize(("name", "together"), [("HalfAtATime", 3), ("OneAtATime", 1), ("AllAtOnce", 7)])
def test_predefined_waves(shop: Shop, name: str, together: int) -> None:
    shop.hosts(7)
    shop.group(deploymentConfigName=f"CodeDeployDefault.{name}")
    assert most_at_once(shop, shop.deploy(shop.bundle())) == together


@pytest.mark.parametrize(
    ("count", "config", "failing", "status", "overview"),
    [
        # overview: succeeded, failed, skipped
        pytest.param(9, ("HOST_COUNT", 6), slice(6, 9), "Succeeded", (6, 3, 0), id="six-of-nine-are-enough"),
        pytest.param(10, "OneAtATime", slice(1), "Failed", (0, 1, 9), id="first-failure-ends-one-at-a-time"),
        pytest.param(9, ("HOST_COUNT", 6), slice(3), "Failed", (0, 3, 6), id="not-when-they-are-the-first"),
        pytest.param(10, ("HOST_COUNT", 8), slice(2), "Failed", (0, 2, 8), id="second-failure-ends-it"),
        pytest.param(10, "AllAtOnce", slice(9), "Succeeded", (1, 9, 0), id="one-success-is-enough"),
        pytest.param(3, "AllAtOnce", slice(3), "Failed", (0, 3, 0), id="none-succeeded"),
        pytest.param(1, "OneAtATime", slice(1), "Failed", (0, 1, 0), id="the-only-host-must-succeed"),
        pytest.param(1, "OneAtATime", slice(0), "Succeeded", (1, 0, 0), id="the-only-host-succeeds"),
    ],
)
def test_how_failures_count(
    shop: Shop, count: int, config: object, failing: slice, status: str, overview: tuple
) -> None:
    hosts = shop.hosts(count)
    own = shop.config("own", *config) if isinstance(config, tuple) else f"CodeDeployDefault.{config}"
    shop.group(deploymentConfigName=own)
    for host in hosts[failing]:
        shop.fails(instance_id=host, event="ApplicationStart")
    info = shop.deployed(shop.bundle())
    counts = info["deploymentOverview"]
    assert (info["status"], counts["Succeeded"], counts["Failed"], counts["Skipped"]) == (status, *overview)
    if status == "Failed":
        assert info["errorInformation"]["code"] == "HEALTH_CONSTRAINTS"
        assert "too many individual instances failed deployment" in info["errorInformation"]["message"]


def test_failure_of_the_last_host_is_tolerated_one_at_a_time(shop: Shop) -> None:
    hosts = shop.hosts(3)
    shop.group()
    shop.fails(event="ApplicationStart", instance_id=hosts[-1])
    info = shop.deployed(shop.bundle())
    assert (info["status"], info["deploymentOverview"]["Failed"]) == ("Succeeded", 1)


@pytest.mark.parametrize(("kind", "value"), [("FLEET_PERCENT", 95), ("HOST_COUNT", 10), ("HOST_COUNT", 11)])
def test_a_minimum_that_cannot_be_met_fails_at_once(shop: Shop, kind: str, value: int) -> None:
    shop.hosts(10)
    shop.group(deploymentConfigName=shop.config("own", kind, value))
    info = shop.deployed(shop.bundle())
    assert info["errorInformation"]["code"] == "HEALTH_CONSTRAINTS_INVALID"
    assert info["deploymentOverview"]["Skipped"] == 10


def test_a_host_that_failed_comes_first_next_time_and_does_not_lower_the_count(shop: Shop) -> None:
    hosts = shop.hosts(4)
    shop.group(deploymentConfigName=shop.config("own", "HOST_COUNT", 2))
    shop.fails(instance_id=hosts[3], event="ApplicationStart", times=1)
    assert shop.deployed(shop.bundle("app-1.zip"))["status"] == "Succeeded"
    second = shop.deploy(shop.bundle("app-2.zip"))
    clock.advance(4)
    running = [host for host, target in shop.targets(second).items() if target["status"] == "InProgress"]
    # three are healthy and two must stay so: one healthy host, and the failed one beside it
    assert hosts[3] in running
    assert len(running) == 2
    assert next(iter(shop.targets(second))) == hosts[3]


def test_an_unhealthy_fleet_below_the_minimum_is_mended_first(shop: Shop) -> None:
    shop.hosts(2)
    shop.group(deploymentConfigName="CodeDeployDefault.AllAtOnce")
    shop.fails(event="ApplicationStart", times=2)
    assert shop.deployed(shop.bundle())["status"] == "Failed"
    assert shop.deployed(shop.bundle(), deploymentConfigName="CodeDeployDefault.OneAtATime")["status"] == "Succeeded"


def test_a_failed_hook_is_told_with_script_exit_code_and_log(shop: Shop) -> None:
    hosts = shop.hosts(2)
    shop.group(deploymentConfigName="CodeDeployDefault.AllAtOnce")
    shop.fails(instance_id=hosts[0], event="AfterInstall", exit_code=3, log="cannot bind port 80\nbye")
    deployment_id = shop.deploy(shop.bundle())
    shop.ended(deployment_id)
    event = shop.events(deployment_id, hosts[0])["AfterInstall"]
    assert event["diagnostics"] == {
        "errorCode": "ScriptFailed",
        "scriptName": "scripts/configure.sh",
        "message": "Script at specified location: scripts/configure.sh run as user root failed with exit code 3",
        "logTail": "LifecycleEvent - AfterInstall\nScript - scripts/configure.sh\n"
        "[stderr]cannot bind port 80\n[stderr]bye\n",
    }
    assert shop.statuses(deployment_id, hosts[0]) == ["Succeeded"] * 4 + ["Failed"] + ["Skipped"] * 2
    assert shop.targets(deployment_id)[hosts[1]]["status"] == "Succeeded"


def test_a_fault_for_one_revision_and_group_leaves_the_others_alone(shop: Shop) -> None:
    shop.hosts(1)
    shop.group()
    shop.fails(revision_key="app-2.*", deployment_group_name="prod", script="scripts/start.sh")
    assert shop.deployed(shop.bundle("app-1.zip"))["status"] == "Succeeded"
    assert shop.deployed(shop.bundle("app-2.zip"))["status"] == "Failed"
    assert shop.deployed(shop.bundle("app-3.zip"))["status"] == "Succeeded"


def test_no_host_selected(shop: Shop) -> None:
    shop.group()
    info = shop.deployed(shop.bundle())
    assert (info["status"], info["errorInformation"]["code"]) == ("Failed", "NO_INSTANCES")


def test_a_second_deployment_is_refused_while_one_runs(shop: Shop) -> None:
    shop.hosts(1)
    shop.group()
    running = shop.deploy(shop.bundle())
    with pytest.raises(ClientError, match=f"'prod' already has an active Deployment '{running}'") as refused:
        shop.deploy(shop.bundle())
    assert refused.value.response["Error"]["Code"] == "DeploymentLimitExceededException"
    shop.ended(running)
    assert shop.deploy(shop.bundle()) != running


def test_targets_are_not_told_before_the_start(shop: Shop) -> None:
    hosts = shop.hosts(1)
    shop.group()
    deployment_id = shop.deploy(shop.bundle())
    with pytest.raises(shop.codedeploy.exceptions.DeploymentNotStartedException):
        shop.codedeploy.list_deployment_targets(deploymentId=deployment_id)
    clock.advance(5)
    assert list(shop.targets(deployment_id)) == hosts


@pytest.mark.parametrize(
    ("settings", "selected"),
    [
        ({"ec2TagFilters": [{"Key": "role", "Type": "KEY_ONLY"}]}, {"web", "db"}),
        ({"ec2TagFilters": [{"Value": "web", "Type": "VALUE_ONLY"}]}, {"web"}),
        ({"ec2TagFilters": [{"Key": "role", "Value": "db", "Type": "KEY_AND_VALUE"}, {"Key": "zone"}]}, {"db", "lone"}),
        (
            {
                "ec2TagFilters": [],
                "ec2TagSet": {
                    "ec2TagSetList": [[{"Key": "role"}, {"Key": "zone"}], [{"Key": "stage", "Value": "prod"}]]
                },
            },
            {"web", "lone"},
        ),
    ],
)
def test_selection_by_tags(shop: Shop, settings: dict, selected: set) -> None:
    named = {
        "web": shop.hosts(1, role="web", stage="prod")[0],
        "db": shop.hosts(1, role="db", stage="test")[0],
        "lone": shop.hosts(1, zone="a", stage="prod")[0],
    }
    shop.group(deploymentConfigName="CodeDeployDefault.AllAtOnce", **settings)
    deployment_id = shop.deploy(shop.bundle())
    shop.ended(deployment_id)
    assert set(shop.targets(deployment_id)) == {named[name] for name in selected}


def test_terminated_hosts_do_not_count(shop: Shop) -> None:
    hosts = shop.hosts(2)
    shop.ec2.terminate_instances(InstanceIds=hosts[:1])
    shop.group()
    deployment_id = shop.deploy(shop.bundle())
    shop.ended(deployment_id)
    assert list(shop.targets(deployment_id)) == hosts[1:]


def test_only_outdated_hosts_when_asked(shop: Shop) -> None:
    shop.hosts(1)
    revision = shop.bundle()
    shop.group()
    shop.deployed(revision)
    late = shop.hosts(1)
    deployment_id = shop.deploy(revision, updateOutdatedInstancesOnly=True)
    shop.ended(deployment_id)
    assert list(shop.targets(deployment_id)) == late


def test_deprecated_instance_calls(shop: Shop) -> None:
    (host,) = shop.hosts(1)
    shop.group()
    deployment_id = shop.deploy(shop.bundle())
    shop.ended(deployment_id)
    listed = shop.codedeploy.list_deployment_instances(deploymentId=deployment_id, instanceStatusFilter=["Succeeded"])
    assert listed["instancesList"] == [host]
    one = shop.codedeploy.get_deployment_instance(deploymentId=deployment_id, instanceId=host)["instanceSummary"]
    assert one["instanceId"] == f"arn:aws:ec2:{shop.region}:123456789012:instance/{host}"
    many = shop.codedeploy.batch_get_deployment_instances(deploymentId=deployment_id, instanceIds=[host, "i-0"])
    assert [s["status"] for s in many["instancesSummary"]] == ["Succeeded"]
    assert "i-0" in many["errorMessage"]


def test_target_filters_and_pages(shop: Shop) -> None:
    shop.hosts(105)
    shop.group(deploymentConfigName="CodeDeployDefault.AllAtOnce")
    deployment_id = shop.deploy(shop.bundle())
    clock.advance(3)
    pages = list(shop.codedeploy.get_paginator("list_deployment_targets").paginate(deploymentId=deployment_id))
    assert [len(page["targetIds"]) for page in pages] == [100, 5]
    ask = shop.codedeploy.list_deployment_targets
    assert ask(deploymentId=deployment_id, targetFilters={"TargetStatus": ["Succeeded"]})["targetIds"] == []
    assert ask(deploymentId=deployment_id, targetFilters={"ServerInstanceLabel": ["Blue"]})["targetIds"] == []
    with pytest.raises(shop.codedeploy.exceptions.InvalidTargetFilterNameException):
        ask(deploymentId=deployment_id, targetFilters={"Color": ["Blue"]})
    with pytest.raises(shop.codedeploy.exceptions.DeploymentTargetListSizeExceededException):
        shop.codedeploy.batch_get_deployment_targets(deploymentId=deployment_id, targetIds=pages[0]["targetIds"][:26])


def test_list_deployments(shop: Shop) -> None:
    shop.hosts(1)
    shop.group()
    first, second = shop.deployed(shop.bundle())["deploymentId"], shop.deploy(shop.bundle())
    ask = shop.codedeploy.list_deployments
    assert ask()["deployments"] == [second, first]
    assert ask(applicationName="app", deploymentGroupName="prod", includeOnlyStatuses=["Created"])["deployments"] == [
        second
    ]
    created = shop.info(second)["createTime"]
    between = {"start": created - timedelta(seconds=1), "end": created + timedelta(seconds=1)}
    assert ask(createTimeRange=between)["deployments"] == [second]
    with pytest.raises(shop.codedeploy.exceptions.InvalidDeploymentStatusException):
        ask(includeOnlyStatuses=["Gone"])
    found = shop.codedeploy.batch_get_deployments(deploymentIds=[first, "d-AAAAAAAAA"])["deploymentsInfo"]
    assert [info["deploymentId"] for info in found] == [first]


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"loadBalancerInfo": {}}, "MISSING_ELB_INFORMATION"),
        ({"loadBalancerInfo": {"targetGroupInfoList": [{"name": "web"}]}}, "ELASTIC_LOAD_BALANCING_INVALID"),
    ],
)
def test_a_second_fleet_needs_a_load_balancer(shop: Shop, settings: dict, code: str) -> None:
    shop.hosts(1)
    shop.group(deploymentStyle={"deploymentType": "BLUE_GREEN"}, **settings)
    traffic = {"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"}
    if settings["loadBalancerInfo"]:
        shop.codedeploy.update_deployment_group(
            applicationName="app", currentDeploymentGroupName="prod", deploymentStyle=traffic
        )
    info = shop.deployed(shop.bundle())
    assert (info["status"], info["errorInformation"]["code"]) == ("Failed", code)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"revision": {}}, "RevisionRequiredException"),
        ({"revision": {"revisionType": "S3"}}, "InvalidRevisionException"),
        ({"revision": {"revisionType": "Git"}}, "InvalidRevisionException"),
        ({"description": "x" * 257}, "DescriptionTooLongException"),
        ({"deploymentConfigName": "unknown"}, "DeploymentConfigDoesNotExistException"),
        ({"fileExistsBehavior": "KEEP"}, "InvalidFileExistsBehaviorException"),
        ({"targetInstances": {"autoScalingGroups": ["x"]}}, "InvalidTargetInstancesException"),
        ({"overrideAlarmConfiguration": {"enabled": True, "alarms": []}}, "InvalidAlarmConfigException"),
        ({"autoRollbackConfiguration": {"enabled": True}}, "InvalidAutoRollbackConfigException"),
        ({"deploymentGroupName": "none"}, "DeploymentGroupDoesNotExistException"),
        ({"applicationName": "none"}, "ApplicationDoesNotExistException"),
        ({"deploymentMode": "RESTART"}, "UnsupportedOperation"),
        ({"deploymentConfigName": "CodeDeployDefault.ECSAllAtOnce"}, "InvalidDeploymentConfigNameException"),
    ],
)
def test_refused_deployments(shop: Shop, options: dict, code: str) -> None:
    shop.group()
    wish = {"applicationName": "app", "deploymentGroupName": "prod", "revision": shop.at("a.zip"), **options}
    with pytest.raises(ClientError) as refused:
        shop.codedeploy.create_deployment(**wish)
    assert refused.value.response["Error"]["Code"] == code
    assert shop.codedeploy.list_deployments()["deployments"] == []


def test_deleted_application_ends_its_deployment(shop: Shop) -> None:
    shop.hosts(1)
    shop.group()
    deployment_id = shop.deploy(shop.bundle())
    shop.codedeploy.delete_application(applicationName="app")
    clock.advance(600)
    with pytest.raises(shop.codedeploy.exceptions.DeploymentDoesNotExistException):
        shop.info(deployment_id)


def test_zones_of_a_second_fleet_are_stored_and_refused(shop: Shop) -> None:
    minimum = {"type": "HOST_COUNT", "value": 0}
    zonal = {"monitorDurationInSeconds": 60}
    shop.codedeploy.create_deployment_config(
        deploymentConfigName="zones", minimumHealthyHosts=minimum, zonalConfig=zonal
    )
    shop.group(deploymentConfigName="zones", deploymentStyle={"deploymentType": "BLUE_GREEN"})
    with pytest.raises(ClientError, match="Availability Zone at a time are not built"):
        shop.deploy(shop.bundle())


def test_a_thousand_hosts_are_one_deployment(shop: Shop) -> None:
    shop.hosts(1000)
    shop.group(deploymentConfigName="CodeDeployDefault.AllAtOnce")
    info = shop.deployed(shop.bundle())
    assert (info["status"], info["deploymentOverview"]["Succeeded"]) == ("Succeeded", 1000)
    shop.hosts(1)
    assert shop.deployed(shop.bundle())["errorInformation"]["code"] == "OVER_MAX_INSTANCES"
