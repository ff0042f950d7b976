# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Lifecycle policies, state updates, and their executions: what becomes of images, AMIs and snapshots."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from support.image_builder import ACCOUNT, REGION, Builder, client, refusal

from slipway_emulator.clock import clock
from slipway_emulator.faults import faults

DAY = 86_400
NAMED = {"amiDistributionConfiguration": {"name": "web {{ imagebuilder:buildDate }}"}}
WHOLE = {"amis": True, "snapshots": True}


def policy(*details: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "name": "old-images",
        "executionRole": "builder",
        "resourceType": "AMI_IMAGE",
        "policyDetails": list(details) or [rule("DELETE", count=1)],
        "resourceSelection": {"recipes": [{"name": "web", "semanticVersion": "1.x.x"}]},
        **more,
    }


def rule(action: str, count: int | None = None, days: int | None = None, **more: Any) -> dict[str, Any]:
    """A rule of a policy; its resources go with it."""
    age = {"type": "AGE", "value": days, "unit": "DAYS"}
    wanted = {"type": "COUNT", "value": count} if count else age
    include = more.pop("include", WHOLE if action == "DELETE" else {"amis": True})
    retain = {"retainAtLeast": more.pop("retain")} if "retain" in more else {}
    return {"action": {"type": action, "includeResources": include}, "filter": {**wanted, **retain}, **more}


class Retired:
    """Some images of one recipe, an hour between their builds."""

    def __init__(self, builder: Builder, number: int = 1, *entries: dict[str, Any]) -> None:
        self.builder, self.client = builder, builder.client
        recipe, given = builder.recipe(), {"infrastructureConfigurationArn": builder.infrastructure()}
        if entries:
            given["distributionConfigurationArn"] = builder.distribution(*entries)
        self.images = [self._built(recipe, given) for _turn in range(number)]

    def _built(self, recipe: str, given: dict[str, Any]) -> dict[str, Any]:
        image = self.builder.finished(self.builder.start(recipe, **given))
        clock.advance(3600)
        return image

    @property
    def states(self) -> list[str]:
        return [self.builder.status(image["arn"]) for image in self.images]

    def amis(self, number: int = 0) -> list[str]:
        return [ami["image"] for ami in self.images[number]["outputResources"]["amis"]]

    def ami(self, number: int = 0) -> dict[str, Any] | None:
        asked = [{"Name": "image-id", "Values": self.amis(number)}]
        return next(iter(self.builder.ec2.describe_images(Filters=asked)["Images"]), None)

    def update(self, status: str, **more: Any) -> str:
        answer = self.client.start_resource_state_update(
            resourceArn=self.images[0]["arn"], state={"status": status}, **more
        )
        return str(answer.get("lifecycleExecutionId", ""))

    def execution(self, execution_id: str) -> tuple[str, list[Any], list[Any]]:
        """Its status, and of its images and the first one's AMIs what became."""
        given = {"lifecycleExecutionId": execution_id}
        found = self.client.get_lifecycle_execution(**given)["lifecycleExecution"]
        listed = self.client.list_lifecycle_execution_resources
        images = listed(**given)["resources"]
        amis = listed(**given, parentResourceId=images[0]["resourceId"])["resources"] if images else []
        return found["state"]["status"], *([one["state"] for one in each] for each in (images, amis))

    def runs(self, arn: str) -> list[dict[str, Any]]:
        return list(self.client.list_lifecycle_executions(resourceArn=arn)["lifecycleExecutions"])


ROLE = {"executionRole": "builder", "includeResources": {"amis": True}}


def test_a_state_alone_changes_at_once(builder: Builder) -> None:
    there = Retired(builder)
    assert (there.update("DEPRECATED"), there.states) == ("", ["DEPRECATED"])
    assert builder.image(there.images[0]["arn"])["deprecationTime"]
    assert (there.update("AVAILABLE"), there.states) == ("", ["AVAILABLE"])
    assert "deprecationTime" not in builder.image(there.images[0]["arn"])
    assert there.ami() and "DeprecationTime" not in there.ami()


def test_amis_are_deprecated_disabled_and_brought_back(builder: Builder) -> None:
    there = Retired(builder)
    started = there.update("DEPRECATED", **ROLE)
    assert there.states == ["AVAILABLE"]
    clock.advance(60)
    assert there.execution(started)[0] == "SUCCESS"
    assert there.states == ["DEPRECATED"] and there.ami()["DeprecationTime"]
    there.update("DISABLED", **ROLE)
    clock.advance(60)
    assert there.states == ["DISABLED"] and there.ami()["State"] == "disabled"
    launch = {"ImageId": there.amis()[0], "MinCount": 1, "MaxCount": 1}
    assert refusal(builder.ec2.run_instances, **launch)[0] == "InvalidAMIID.Unavailable"
    there.update("AVAILABLE", **ROLE)
    clock.advance(60)
    assert there.states == ["AVAILABLE"] and there.ami()["State"] == "available"
    assert "DeprecationTime" not in there.ami()
    assert [run["state"]["status"] for run in there.runs(there.images[0]["arn"])] == ["SUCCESS"] * 3


def test_deletion_takes_amis_and_snapshots_in_every_region(builder: Builder) -> None:
    there = Retired(builder, 1, {"region": REGION, **NAMED}, {"region": "us-east-1", **NAMED})
    snapshot = there.ami()["BlockDeviceMappings"][0]["Ebs"]["SnapshotId"]
    started = there.update("DELETED", executionRole="builder", includeResources=WHOLE)
    clock.advance(60)
    assert there.execution(started) == ("SUCCESS", [{"status": "SUCCESS"}], [{"status": "SUCCESS"}] * 2)
    assert there.states == ["DELETED"] and there.ami() is None
    code, _text = refusal(builder.ec2.describe_snapshots, SnapshotIds=[snapshot])
    assert code == "InvalidSnapshot.NotFound"
    left = client("ec2", "us-east-1").describe_images(Owners=["self"])["Images"]
    assert left == []


def test_a_deprecation_can_be_scheduled(builder: Builder) -> None:
    there = Retired(builder)
    # EC2 keeps whole minutes: a moment within one could be read back as the next hour.
    moment = (clock.datetime() + timedelta(days=7)).replace(second=0, microsecond=0)
    there.update("DEPRECATED", updateAt=moment, **ROLE)
    clock.advance(60)
    assert there.states == ["AVAILABLE"]
    assert there.ami()["DeprecationTime"] == moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    assert builder.image(there.images[0]["arn"])["deprecationTime"] == moment
    clock.advance(7 * DAY)
    assert there.states == ["DEPRECATED"]


WRONG_UPDATES: list[tuple[str, dict[str, Any], str]] = [
    ("DELETED", {}, "'includeResources' must be specified for the state DELETED"),
    ("DEPRECATED", {"executionRole": "builder"}, "must be specified together"),
    ("DISABLED", {"executionRole": "builder", "includeResources": WHOLE}, "only for the state DELETED"),
    ("DELETED", {"executionRole": "builder", "includeResources": {"snapshots": True}}, "together with 'amis'"),
    ("DISABLED", {"updateAt": 4102444800}, "only for the state DEPRECATED"),
    ("DEPRECATED", {"updateAt": 0}, "must be in the future"),
]


def test_wrong_updates_are_named(builder: Builder) -> None:
    arn = builder.built()["arn"]
    for status, more, text in WRONG_UPDATES:
        code, message = refusal(
            builder.client.start_resource_state_update, resourceArn=arn, state={"status": status}, **more
        )
        assert (code, text in message) == ("InvalidRequestException", True), message


def test_what_is_not_finished_or_is_busy_is_refused(builder: Builder) -> None:
    there = Retired(builder)
    there.update("DISABLED", **ROLE)
    update = {"resourceArn": there.images[0]["arn"], "state": {"status": "DEPRECATED"}}
    assert refusal(builder.client.start_resource_state_update, **update)[0] == "ResourceInUseException"
    building = builder.start(
        builder.arn("image-recipe", "web", "1.0.0"),
        infrastructureConfigurationArn=builder.arn("infrastructure-configuration", "small"),
    )
    assert "is PENDING" in refusal(builder.client.start_resource_state_update, **{**update, "resourceArn": building})[1]


def test_excluded_amis_keep_an_image_from_being_deleted(builder: Builder) -> None:
    there = Retired(builder, 1, {"region": REGION, **NAMED}, {"region": "us-east-1", **NAMED})
    rules = {"amis": {"regions": ["us-east-1"]}}
    started = there.update("DELETED", executionRole="builder", includeResources=WHOLE, exclusionRules=rules)
    clock.advance(60)
    status, images, amis = there.execution(started)
    assert (status, [one["status"] for one in images]) == ("SUCCESS", ["SKIPPED"])
    assert amis == [{"status": "SUCCESS"}, {"status": "SKIPPED", "reason": "The Region us-east-1 is excluded."}]
    assert there.states == ["AVAILABLE"] and there.ami() is None


def test_a_role_that_is_not_there_and_foreign_amis_fail_it(builder: Builder) -> None:
    there = Retired(builder)
    nobody = there.update("DISABLED", executionRole="nobody", includeResources={"amis": True})
    clock.advance(60)
    status, _images, (ami,) = there.execution(nobody)
    assert (status, ami["reason"], there.states) == (
        "FAILED",
        "Failed to assume the execution role nobody.",
        ["AVAILABLE"],
    )
    builder.ec2.delete_tags(Resources=there.amis(), Tags=[{"Key": "CreatedBy"}])
    foreign = there.update("DISABLED", **ROLE)
    clock.advance(60)
    assert "is not authorized to change the AMI" in there.execution(foreign)[2][0]["reason"]


EXCLUSIONS: list[tuple[dict[str, Any], bool]] = [
    ({"isPublic": True}, True),
    ({"isPublic": False}, False),
    ({"sharedAccounts": ["210987654321"]}, True),
    ({"sharedAccounts": ["111111111111"]}, False),
    ({"tagMap": {"Keep": "yes"}}, True),
    ({"tagMap": {"Keep": "no"}}, False),
    ({"lastLaunched": {"value": 1, "unit": "DAYS"}}, True),
]


def test_exclusion_rules_look_at_the_ami(builder: Builder) -> None:
    there = Retired(builder)
    (ami,) = there.amis()
    builder.ec2.create_tags(Resources=[ami], Tags=[{"Key": "Keep", "Value": "yes"}])
    builder.ec2.run_instances(ImageId=ami, MinCount=1, MaxCount=1)
    shared = {"Add": [{"Group": "all"}, {"UserId": "210987654321"}]}
    for rules, kept in EXCLUSIONS:
        builder.ec2.modify_image_attribute(ImageId=ami, LaunchPermission=shared)
        there.update("DISABLED", **ROLE, exclusionRules={"amis": rules})
        clock.advance(60)
        assert there.ami()["State"] == ("available" if kept else "disabled"), rules
        assert there.states == ["DISABLED"]  # whatever was excluded
        there.update("AVAILABLE", **ROLE)
        clock.advance(60)


def test_a_policy_keeps_the_newest_and_runs_once_a_day(builder: Builder) -> None:
    there = Retired(builder, 3)
    arn = there.client.create_lifecycle_policy(**policy())["lifecyclePolicyArn"]
    assert there.runs(arn) == []
    clock.advance(DAY + 120)
    assert there.states == ["DELETED", "DELETED", "AVAILABLE"]
    assert (there.ami(0), there.ami(1)) == (None, None) and there.ami(2)
    (run,) = there.runs(arn)
    assert run["lifecyclePolicyArn"] == arn and run["resourcesImpactedSummary"]["hasImpactedResources"]
    found = there.client.get_lifecycle_policy(lifecyclePolicyArn=arn)["lifecyclePolicy"]
    assert found["dateLastRun"] == run["startTime"]
    clock.advance(DAY)
    assert [one["resourcesImpactedSummary"]["hasImpactedResources"] for one in there.runs(arn)] == [True, False]
    there.client.update_lifecycle_policy(lifecyclePolicyArn=arn, status="DISABLED", **_whole(policy()))
    clock.advance(2 * DAY)
    assert len(there.runs(arn)) == 2


def _whole(given: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in given.items() if key != "name"}


def test_ages_decide_and_some_are_kept(builder: Builder) -> None:
    there = Retired(builder, 3)
    clock.advance(10 * DAY)
    details = [rule("DEPRECATE", days=2), rule("DISABLE", days=3), rule("DELETE", days=4, retain=2)]
    there.client.create_lifecycle_policy(**policy(*details))
    clock.advance(DAY + 300)
    assert there.states == ["DELETED", "DISABLED", "DISABLED"]
    assert there.ami(2)["State"] == "disabled"


def test_what_is_selected(builder: Builder) -> None:
    there = Retired(builder, 2)
    first, second = (image["arn"] for image in there.images)
    builder.client.tag_resource(resourceArn=second, tags={"Keep": "no", "Team": "shop"})
    disable = rule("DISABLE", days=1, include={})
    other = {"recipes": [{"name": "Web", "semanticVersion": "2.x.x"}]}
    there.client.create_lifecycle_policy(**policy(disable, resourceSelection=other))
    there.client.create_lifecycle_policy(
        **policy(disable, name="by-tag", resourceSelection={"tagMap": {"Keep": "no", "Team": "shop"}})
    )
    clock.advance(DAY + 120)
    assert there.states == ["AVAILABLE", "DISABLED"]
    spared = {**rule("DELETE", days=1, include={}), "exclusionRules": {"tagMap": {"Team": "shop"}}}
    there.client.create_lifecycle_policy(**policy(spared, name="all"))
    clock.advance(DAY + 120)
    assert [builder.status(arn) for arn in (first, second)] == ["DELETED", "DISABLED"]
    assert there.ami(0)  # the record alone was deleted


def test_a_run_can_be_cancelled(builder: Builder) -> None:
    there = Retired(builder, 3)
    arn = there.client.create_lifecycle_policy(**policy())["lifecyclePolicyArn"]
    clock.advance(DAY + 40)
    (run,) = there.runs(arn)
    assert run["state"]["status"] == "IN_PROGRESS"
    cancel = {"lifecycleExecutionId": run["lifecycleExecutionId"]}
    there.client.cancel_lifecycle_execution(**cancel)
    assert there.execution(run["lifecycleExecutionId"])[0] == "CANCELLING"
    clock.advance(60)
    assert there.execution(run["lifecycleExecutionId"])[0] == "CANCELLED"
    assert sorted(there.states) == ["AVAILABLE", "AVAILABLE", "DELETED"]
    assert refusal(there.client.cancel_lifecycle_execution, **cancel)[0] == "InvalidRequestException"


def test_a_fault_fails_one_ami(builder: Builder) -> None:
    there = Retired(builder, 2)
    faults.add({"kind": "retiring-fails", "account": ACCOUNT, "action": "DELETE", "times": 1})
    arn = there.client.create_lifecycle_policy(**policy())["lifecyclePolicyArn"]
    clock.advance(DAY + 60)
    (run,) = there.runs(arn)
    assert run["state"]["status"] == "FAILED" and there.ami(0)
    clock.advance(DAY)
    assert there.states == ["DELETED", "AVAILABLE"]  # the next run does it


def test_policies_are_replaced_as_a_whole_and_listed_in_short(builder: Builder) -> None:
    arn = builder.client.create_lifecycle_policy(**policy(status="DISABLED", description="a"), tags={"a": "b"})
    arn = arn["lifecyclePolicyArn"]
    builder.client.update_lifecycle_policy(lifecyclePolicyArn=arn, **_whole(policy()))
    found = builder.client.get_lifecycle_policy(lifecyclePolicyArn=arn)["lifecyclePolicy"]
    assert (found["name"], found["status"], found["tags"]) == ("old-images", "ENABLED", {"a": "b"})
    assert "description" not in found and found["dateUpdated"]
    asked = [{"name": "resourceType", "values": ["AMI_IMAGE"]}]
    (listed,) = builder.client.list_lifecycle_policies(filters=asked)["lifecyclePolicySummaryList"]
    assert listed["arn"] == arn and "policyDetails" not in listed
    assert refusal(builder.client.create_lifecycle_policy, **policy())[0] == "ResourceAlreadyExistsException"
    builder.client.delete_lifecycle_policy(lifecyclePolicyArn=arn)
    assert builder.client.list_lifecycle_policies()["lifecyclePolicySummaryList"] == []
    clock.advance(2 * DAY)  # nothing runs any more


WRONG_POLICIES = [
    (policy(rule("DELETE", days=1), rule("DELETE", count=2)), "only once"),
    (policy(rule("DISABLE", count=2)), "only with the action DELETE"),
    (policy(rule("DISABLE", days=2, include=WHOLE)), "'snapshots'"),
    (policy(rule("DELETE", count=2, retain=1)), "'retainAtLeast'"),
    (policy({"action": {"type": "DELETE"}, "filter": {"type": "AGE", "value": 1}}), "'unit' is required"),
    (policy(rule("DELETE", count=1, include={"containers": True})), "only for container images"),
    (policy(resourceType="CONTAINER_IMAGE"), "only for AMIs"),
    (policy(rule("DISABLE", days=1), resourceType="CONTAINER_IMAGE"), "can only be deleted"),
    (policy(resourceSelection={}), "Exactly one of 'recipes' and 'tagMap'"),
]


def test_wrong_policies_are_named(builder: Builder) -> None:
    for wrong, text in WRONG_POLICIES:
        code, message = refusal(builder.client.create_lifecycle_policy, **wrong)
        assert (code, text in message) == ("InvalidRequestException", True), message


def test_executions_are_listed_of_policies_and_images_only(builder: Builder) -> None:
    code, _text = refusal(builder.client.list_lifecycle_executions, resourceArn=builder.infrastructure())
    assert code == "InvalidRequestException"
