# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Launch deployments: what an instance gets that an Auto Scaling group holds for the group's hook."""

from __future__ import annotations

from typing import Any

import pytest
from moto.autoscaling.models import AutoScalingBackend
from support.codedeploy_shop import ACCOUNT, Shop

from slipway_emulator.clock import clock
from slipway_emulator.signals import launch_hook

Results = list[tuple[str, str]]


@pytest.fixture
def results(monkeypatch: pytest.MonkeyPatch) -> Results:
    """What CodeDeploy told the Auto Scaling group of each instance."""
    told: Results = []

    def complete(_backend: Any, _group: str, _hook: str, token: str, result: str) -> None:
        told.append((token, result))

    monkeypatch.setattr(AutoScalingBackend, "complete_lifecycle_action", complete, raising=False)
    monkeypatch.setattr(AutoScalingBackend, "create_lifecycle_hook", lambda *_a, **_k: None)
    monkeypatch.setattr(AutoScalingBackend, "delete_lifecycle_hook", lambda *_a, **_k: None)
    return told


def known_scaling_group(shop: Shop, monkeypatch: pytest.MonkeyPatch, members: list[str]) -> None:
    """An Auto Scaling group with these members in service, without its own machinery."""
    from moto.autoscaling.models import autoscaling_backends
    from moto.ec2.models import ec2_backends

    ec2 = ec2_backends[ACCOUNT][shop.region]

    class Member:
        lifecycle_state = "InService"

        def __init__(self, instance_id: str) -> None:
            self.instance = ec2.get_instance(instance_id)

    class Group:
        @property
        def instance_states(self) -> list[Member]:
            return [Member(instance_id) for instance_id in members]

    monkeypatch.setitem(autoscaling_backends[ACCOUNT][shop.region].autoscaling_groups, "web", Group())  # type: ignore[arg-type]


def launching(shop: Shop, instance_id: str) -> None:
    (hook,) = (g["hook"] for g in shop.group_info()["autoScalingGroups"])
    launch_hook.send(
        None,
        account_id=ACCOUNT,
        region=shop.region,
        group_name="web",
        hook_name=hook,
        token=instance_id,
        instance_id=instance_id,
    )


def created_by(shop: Shop, creator: str) -> list[dict[str, Any]]:
    ids = shop.codedeploy.list_deployments()["deployments"]
    infos = shop.codedeploy.batch_get_deployments(deploymentIds=ids)["deploymentsInfo"] if ids else []
    return [info for info in infos if info["creator"] == creator]


def settle(results: Results, count: int = 1) -> None:
    clock.run_until(lambda: len(results) >= count)


@pytest.fixture
def fleet(shop: Shop, monkeypatch: pytest.MonkeyPatch, results: Results) -> list[str]:
    """Instance ids in service in the group's Auto Scaling group; tests add to it what comes into service."""
    members = shop.hosts(2)
    known_scaling_group(shop, monkeypatch, members)
    shop.group(ec2TagFilters=[], autoScalingGroups=["web"])
    return members


def test_nothing_deployed_yet_lets_the_instance_in(shop: Shop, fleet: list[str], results: Results) -> None:
    (new,) = shop.hosts(1)
    launching(shop, new)
    settle(results)
    assert results == [(new, "CONTINUE")]
    assert created_by(shop, "autoscaling") == []


def test_a_new_instance_gets_the_last_successful_revision(shop: Shop, fleet: list[str], results: Results) -> None:
    revision = shop.bundle()
    last = shop.deployed(revision)["deploymentId"]
    (new,) = shop.hosts(1)
    launching(shop, new)
    settle(results)
    (launch,) = created_by(shop, "autoscaling")
    assert (launch["status"], launch["revision"]) == ("Succeeded", revision)
    assert list(shop.targets(launch["deploymentId"])) == [new]
    assert results == [(new, "CONTINUE")]
    assert shop.group_info()["lastSuccessfulDeployment"]["deploymentId"] == last


def test_a_failing_launch_abandons_the_instance(shop: Shop, fleet: list[str], results: Results) -> None:
    shop.deployed(shop.bundle())
    (new,) = shop.hosts(1)
    shop.fails(instance_id=new)
    launching(shop, new)
    settle(results)
    assert results == [(new, "ABANDON")]
    (launch,) = created_by(shop, "autoscaling")
    assert launch["errorInformation"]["code"] == "HEALTH_CONSTRAINTS"


def test_a_slow_boot_has_an_hour(shop: Shop, fleet: list[str], results: Results) -> None:
    shop.deployed(shop.bundle())
    (slow, dead) = shop.hosts(2, agent=False)
    begin = clock.now()
    clock.after(1500, lambda: shop.put_host(slow) and None)
    launching(shop, slow)
    launching(shop, dead)
    settle(results)
    assert results == [(slow, "CONTINUE")]
    settle(results, 2)
    assert results[1] == (dead, "ABANDON")
    assert 3600 <= clock.now() - begin <= 3620


@pytest.mark.parametrize(("strategy", "updates"), [("UPDATE", 1), ("IGNORE", 0)])
def test_a_launch_during_a_deployment_gets_the_old_revision_and_is_updated_after(
    shop: Shop, fleet: list[str], results: Results, strategy: str, updates: int
) -> None:
    shop.codedeploy.update_deployment_group(
        applicationName="app",
        currentDeploymentGroupName="prod",
        outdatedInstancesStrategy=strategy,
        autoScalingGroups=["web"],
    )
    old, new = shop.bundle("app-1.zip"), shop.bundle("app-2.zip")
    shop.deployed(old)
    running = shop.deploy(new)
    clock.advance(10)
    (late,) = shop.hosts(1)
    launching(shop, late)
    clock.advance(10)
    assert [d["revision"] for d in created_by(shop, "autoscaling")] == [old]
    settle(results)
    fleet.append(late)
    assert shop.ended(running)["status"] == "Succeeded"
    clock.advance(300)
    made = created_by(shop, "CodeDeployAutoUpdate")
    assert len(made) == updates
    for update in made:
        assert (update["status"], update["revision"]) == ("Succeeded", new)
        assert list(shop.targets(update["deploymentId"])) == [late]
        assert update["relatedDeployments"]["autoUpdateOutdatedInstancesRootDeploymentId"] == running
        related = shop.info(running)["relatedDeployments"]["autoUpdateOutdatedInstancesDeploymentIds"]
        assert related == [update["deploymentId"]]


def test_a_deployment_may_run_beside_a_launch(shop: Shop, fleet: list[str], results: Results) -> None:
    shop.deployed(shop.bundle())
    (new,) = shop.hosts(1)
    launching(shop, new)
    clock.advance(5)
    assert shop.deployed(shop.bundle("app-2.zip"))["status"] == "Succeeded"
    assert results == [(new, "CONTINUE")]


def test_a_hook_of_nobody_is_ignored(shop: Shop, results: Results) -> None:
    launch_hook.send(
        None, account_id=ACCOUNT, region=shop.region, group_name="x", hook_name="y", token="t", instance_id="i-0"
    )
    clock.advance(10)
    assert results == []


def test_processes_are_suspended_meanwhile(
    shop: Shop, fleet: list[str], results: Results, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, str, list[str]]] = []
    for verb in ("suspend", "resume"):

        def note(_backend: Any, name: str, processes: list[str], what: str = verb) -> None:
            asked.append((what, name, processes))

        monkeypatch.setattr(AutoScalingBackend, f"{verb}_processes", note)
    options = {"autoScalingGroupProcessesToSuspend": ["InstanceRefresh"]}
    deployment_id = shop.deploy(shop.bundle(), ec2DeploymentOptions=options)
    clock.advance(10)
    assert asked == [("suspend", "web", ["InstanceRefresh"])]
    assert shop.ended(deployment_id)["ec2DeploymentOptions"] == options
    assert asked[1:] == [("resume", "web", ["InstanceRefresh"])]
