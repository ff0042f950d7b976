# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""EC2: launches, instance profiles, launch templates, user data."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError
from support import compute

from slipway_emulator.faults import faults
from slipway_emulator.hosts import registry
from slipway_emulator.machine import Machine

pytestmark = pytest.mark.usefixtures("world")


@pytest.fixture
def scripts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The scripts that ran on any host."""
    ran: list[str] = []
    original = Machine.run_script

    def spy(self: Machine, script: str) -> str | None:
        ran.append(script)
        return original(self, script)

    monkeypatch.setattr(Machine, "run_script", spy)
    return ran


def test_as_many_as_max_count_are_launched_each_with_the_profile() -> None:
    compute.profile()
    ec2 = compute.client("ec2")
    answer = ec2.run_instances(
        ImageId=compute.image(), MinCount=1, MaxCount=3, IamInstanceProfile={"Name": compute.PROFILE}
    )
    ids = [i["InstanceId"] for i in answer["Instances"]]
    assert len(ids) == 3
    assert [compute.host(i).instance_profile for i in ids] == [compute.host(ids[0]).instance_profile] * 3
    described = ec2.describe_instances(InstanceIds=ids)["Reservations"][0]["Instances"]
    assert all(i["IamInstanceProfile"]["Arn"].endswith("instance-profile/hosts") for i in described)


def test_a_profile_can_be_given_changed_and_taken_away() -> None:
    [instance] = compute.run(compute.image(), with_profile=False)
    ec2 = compute.client("ec2")
    compute.boot()
    assert not compute.host(instance).managed()
    made = ec2.associate_iam_instance_profile(InstanceId=instance, IamInstanceProfile={"Name": compute.profile()})
    assert compute.host(instance).managed()
    compute.client("iam").create_instance_profile(InstanceProfileName="other")
    association = made["IamInstanceProfileAssociation"]["AssociationId"]
    ec2.replace_iam_instance_profile_association(AssociationId=association, IamInstanceProfile={"Name": "other"})
    shown = ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]
    assert shown["IamInstanceProfile"]["Arn"].endswith("/other")
    assert compute.host(instance).managed()
    ec2.disassociate_iam_instance_profile(AssociationId=association)
    assert not compute.host(instance).managed()


def test_an_unknown_profile_is_refused_before_anything_is_launched() -> None:
    with pytest.raises(ClientError, match="iamInstanceProfile.name is invalid"):
        compute.client("ec2").run_instances(
            ImageId=compute.image(), MinCount=1, MaxCount=1, IamInstanceProfile={"Name": "nobody"}
        )
    assert registry.all() == []


def test_a_launch_template_gives_profile_metadata_options_and_tags() -> None:
    compute.template(
        compute.image(),
        MetadataOptions={"HttpTokens": "required", "HttpPutResponseHopLimit": 2},
        TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "role", "Value": "web"}]}],
    )
    ec2 = compute.client("ec2")
    launched = ec2.run_instances(LaunchTemplate={"LaunchTemplateName": "fleet"}, MinCount=2, MaxCount=2)["Instances"]
    ids = [i["InstanceId"] for i in launched]
    for shown in ec2.describe_instances(InstanceIds=ids)["Reservations"][0]["Instances"]:
        assert shown["IamInstanceProfile"]["Arn"].endswith("/hosts")
        assert shown["MetadataOptions"]["HttpTokens"] == "required"
        assert shown["MetadataOptions"]["HttpPutResponseHopLimit"] == 2
        assert {"Key": "role", "Value": "web"} in shown["Tags"]


def test_a_version_of_a_template_builds_on_another_and_its_user_data_runs(scripts: list[str]) -> None:
    compute.template(compute.image(), UserData=compute.encoded("#!/bin/sh\necho one\n"))
    ec2 = compute.client("ec2")
    ec2.create_launch_template_version(
        LaunchTemplateName="fleet",
        SourceVersion="1",
        LaunchTemplateData={"UserData": compute.encoded("#!/bin/sh\necho two\n")},
    )
    for version in ("1", "2"):
        ec2.run_instances(LaunchTemplate={"LaunchTemplateName": "fleet", "Version": version}, MinCount=1, MaxCount=1)
    compute.boot()
    assert scripts == ["#!/bin/sh\necho one\n", "#!/bin/sh\necho two\n"]
    assert all(host.instance_profile for host in registry.all())


def test_the_templates_own_tags_stay_out_of_what_it_launches() -> None:
    ec2 = compute.client("ec2")
    ec2.create_launch_template(
        LaunchTemplateName="fleet",
        LaunchTemplateData={"ImageId": compute.image(), "InstanceType": "t3.micro"},
        TagSpecifications=[{"ResourceType": "launch-template", "Tags": [{"Key": "team", "Value": "a"}]}],
    )
    [version] = ec2.describe_launch_template_versions(LaunchTemplateName="fleet")["LaunchTemplateVersions"]
    assert "TagSpecifications" not in version["LaunchTemplateData"]
    [template] = ec2.describe_launch_templates(LaunchTemplateNames=["fleet"])["LaunchTemplates"]
    assert template["Tags"] == [{"Key": "team", "Value": "a"}]


def test_deleted_versions_are_gone_and_the_default_stays() -> None:
    compute.template(compute.image())
    ec2 = compute.client("ec2")
    ec2.create_launch_template_version(LaunchTemplateName="fleet", SourceVersion="1", LaunchTemplateData={})
    answer = ec2.delete_launch_template_versions(LaunchTemplateName="fleet", Versions=["1", "2", "7"])
    assert [v["VersionNumber"] for v in answer["SuccessfullyDeletedLaunchTemplateVersions"]] == [2]
    assert [v["VersionNumber"] for v in answer["UnsuccessfullyDeletedLaunchTemplateVersions"]] == [1, 7]
    left = ec2.describe_launch_template_versions(LaunchTemplateName="fleet")["LaunchTemplateVersions"]
    assert [v["VersionNumber"] for v in left] == [1]
    with pytest.raises(ClientError, match="Could not find the specified version 2"):
        ec2.describe_launch_template_versions(LaunchTemplateName="fleet", Versions=["2"])


@pytest.mark.parametrize(
    ("user_data", "expected"),
    [
        ("#!/bin/bash\necho hi\n", ["#!/bin/bash\necho hi\n"]),
        ("#cloud-config\npackages: [ruby, [jq, 1.6]]\nruncmd:\n  - [systemctl, start, 'a b']\n  - echo x\n",
         ["install-packages ruby jq\nsystemctl start 'a b'\necho x"]),
        ("MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=B\n\n--B\nContent-Type: text/x-shellscript\n\n"
         "#!/bin/sh\necho mime\n--B--\n", ["#!/bin/sh\necho mime"]),
        ("just text", []),
        ("#cloud-config\n{unparsable", [""]),
    ],
)  # fmt: skip
def test_user_data_runs_once_at_the_first_boot(user_data: str, expected: list[str], scripts: list[str]) -> None:
    [instance] = compute.run(compute.image(), UserData=user_data)
    assert scripts == []
    compute.boot()
    compute.client("ec2").reboot_instances(InstanceIds=[instance])
    compute.boot()
    assert scripts == expected


def test_user_data_may_install_and_start_the_agent() -> None:
    installer = "https://aws-codedeploy-eu-west-1.s3.eu-west-1.amazonaws.com/latest/install"
    script = f"#!/bin/bash\nset -e\ncurl -fsSL -o /tmp/install {installer}\nchmod +x /tmp/install\n/tmp/install auto\n"
    healed, stopped, broken = (
        compute.run(compute.image(), UserData=text)[0]
        for text in (
            script,
            f"{script}systemctl stop codedeploy-agent\n",
            "#!/bin/bash\nsystemctl start codedeploy-agent\n",
        )
    )
    compute.boot()
    assert [compute.host(i).agent for i in (healed, stopped, broken)] == ["running", "stopped", "absent"]
    assert compute.host(healed).contents.agent_version == "1.8.1"
    assert "could not be found" in str(compute.host(broken).boot_problem)


def test_user_data_of_a_host_that_is_stopped_while_booting_does_not_run(scripts: list[str]) -> None:
    [instance] = compute.run(compute.image(), UserData="#!/bin/sh\necho hi\n")
    compute.client("ec2").stop_instances(InstanceIds=[instance])
    compute.boot()
    assert scripts == []


def test_an_image_may_be_named_by_a_parameter() -> None:
    image_id = compute.image("1.8.1")
    compute.client("ssm").put_parameter(Name="/golden", Value=image_id, Type="String")
    [instance] = compute.run("resolve:ssm:/golden")
    assert compute.host(instance).image_id == image_id
    compute.boot()
    assert compute.host(instance).agent == "running"
    with pytest.raises(ClientError, match="/missing"):
        compute.run("resolve:ssm:/missing")


def test_without_a_default_vpc_a_launch_needs_a_subnet() -> None:
    ec2 = compute.client("ec2")
    for subnet in ec2.describe_subnets()["Subnets"]:
        ec2.delete_subnet(SubnetId=subnet["SubnetId"])
    ec2.delete_vpc(VpcId=ec2.describe_vpcs()["Vpcs"][0]["VpcId"])
    assert ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"] == []
    with pytest.raises(ClientError, match="VPCIdNotSpecified"):
        compute.run(compute.image())
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet_id = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    assert compute.run(compute.image(), SubnetId=subnet_id)


def test_a_launch_may_find_no_capacity() -> None:
    faults.add({"kind": "launch-fails", "availability_zone": "eu-west-1a", "times": 1})
    with pytest.raises(ClientError, match="InsufficientInstanceCapacity.*eu-west-1a"):
        compute.run(compute.image(), InstanceType="t3.micro")
    assert compute.run(compute.image(), InstanceType="t3.micro")
