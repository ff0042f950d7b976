# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The story of an agent on one host: each check goes on where the one before stopped."""

from __future__ import annotations

import re
from collections.abc import Callable

from playbook import Playbooks, Told

Check = Callable[[Playbooks], None]

CONFIGURATION = "/etc/codedeploy-agent/conf/codedeployagent.yml"
IN_USE = "/run/codedeploy-agent.configuration"
VERSION = "/opt/codedeploy-agent/.version"
DEPLOYMENTS = "/opt/codedeploy-agent/deployment-root"


def words(told: Told) -> str:
    """Ansible wraps and indents; sentences are compared without that."""
    return re.sub(r"\s+", " ", told.text)


def service(playbooks: Playbooks) -> tuple[str, str]:
    """Whether the service runs, and whether it starts at boot."""
    told = playbooks.host.run("systemctl is-active codedeploy-agent; systemctl is-enabled codedeploy-agent 2>/dev/null")
    active, _mark, enabled = told.partition("\n")
    return active, enabled


def invocation(playbooks: Playbooks) -> str:
    """Another value after every start."""
    return playbooks.host.run("systemctl show --property=InvocationID codedeploy-agent")


def version(playbooks: Playbooks) -> str:
    return playbooks.host.run(f"cat {VERSION}")


def check_mode_foretells_the_installation(playbooks: Playbooks) -> None:
    told = playbooks.install("--check", "--diff")
    assert told.status == 0
    assert told.changed > 0
    assert "The CodeDeploy agent 1.8.x would be installed, configured and enabled, and started." in words(told)
    assert playbooks.bucket.asked == []
    assert playbooks.host.status("test -e /opt/codedeploy-agent || test -e /etc/codedeploy-agent")[0] == 1


def wrong_values_are_refused_before_anything_is_done(playbooks: Playbooks) -> None:
    for options, sentence in (
        ({"region": "eu-central-1; reboot"}, "codedeploy_agent_region must be a Region like eu-central-1"),
        ({"release": "codedeploy-agent-1.8.1-26.noarch.rpm"}, "is not a package for Debian 12"),
    ):
        told = playbooks.install(**options)
        assert (told.status, sentence in words(told), told.changed) == (2, True, 0)
    assert playbooks.bucket.asked == []


def installs_starts_and_verifies(playbooks: Playbooks) -> None:
    told = playbooks.install()
    assert (told.status, told.changed > 0) == (0, True)
    assert service(playbooks) == ("active", "enabled")
    assert version(playbooks) == "agent_version: OFFICIAL_1.8.1-26_deb"
    assert playbooks.bucket.asked == ["/latest/install"]
    in_use = playbooks.host.run(f"cat {IN_USE}")
    assert ":max_revisions: 5" in in_use and ":enable_auth_policy: false" in in_use


def a_second_run_changes_nothing(playbooks: Playbooks) -> None:
    before = invocation(playbooks)
    told = playbooks.install()
    assert (told.status, told.changed) == (0, 0)
    assert playbooks.bucket.asked == []
    assert invocation(playbooks) == before


def check_mode_shows_the_difference_of_the_configuration(playbooks: Playbooks) -> None:
    before = invocation(playbooks)
    told = playbooks.install("--check", "--diff", max_revisions=9)
    assert (told.status, told.changed > 0) == (0, True)
    assert "-:max_revisions: 5" in told.text and "+:max_revisions: 9" in told.text
    assert ":max_revisions: 5" in playbooks.host.run(f"cat {CONFIGURATION}")
    assert invocation(playbooks) == before


def a_changed_configuration_restarts_the_agent(playbooks: Playbooks) -> None:
    before = invocation(playbooks)
    settings = {"max_revisions": 9, "private_network": True, "configuration": {"log_aws_wire": True}}
    told = playbooks.install(**settings)
    assert (told.status, told.changed > 0) == (0, True)
    assert invocation(playbooks) != before
    in_use = playbooks.host.run(f"cat {IN_USE}")
    assert all(line in in_use for line in (":max_revisions: 9", ":enable_auth_policy: true", ":log_aws_wire: true"))
    assert playbooks.install().changed == 0  # what is not spoken of stays


def a_password_of_a_proxy_is_not_shown(playbooks: Playbooks) -> None:
    told = playbooks.install("--diff", "-vv", proxy_uri="http://agent:hunter2@127.0.0.1:3128")
    assert (told.status, told.changed > 0) == (0, True)
    assert "hunter2" in playbooks.host.run(f"cat {IN_USE}")
    assert playbooks.host.run(f"stat -c %a {CONFIGURATION}") == "600"
    # The options given on the command line are not repeated, and neither is the file.
    assert "hunter2" not in told.text


def a_password_of_a_proxy_is_on_no_command_line(playbooks: Playbooks) -> None:
    playbooks.host.run("apt-get remove -y codedeploy-agent")
    proxy = playbooks.bucket.address.replace("http://", "http://agent:hunter2@")
    told = playbooks.install(proxy_uri=proxy)
    assert (told.status, told.changed > 0) == (0, True)
    assert playbooks.bucket.asked == ["/latest/install"]
    seen = playbooks.host.run("cat /run/codedeploy-agent.command-lines")
    assert "./install auto" in seen and "hunter2" not in seen


def an_installer_that_is_not_the_one_named_is_not_run(playbooks: Playbooks) -> None:
    playbooks.host.run("apt-get remove -y codedeploy-agent")
    told = playbooks.install(installer_checksum=f"sha256:{'0' * 64}")
    assert told.status == 2
    assert "does not have the checksum of codedeploy_agent_installer_checksum. Nothing was installed." in words(told)
    told = playbooks.install(installer_checksum="")
    assert (told.status, "plain HTTP does not protect the download" in words(told)) == (2, True)
    assert (
        playbooks.host.status(
            "dpkg-query --show --showformat='${db:Status-Status}' codedeploy-agent | grep -q installed$"
        )[0]
        == 1
    )


def an_older_release_is_pinned(playbooks: Playbooks) -> None:
    told = playbooks.install(release="codedeploy-agent_1.7.1-110_all.deb")
    assert (told.status, told.changed > 0) == (0, True)
    assert version(playbooks) == "agent_version: OFFICIAL_1.7.1-110_deb"
    assert service(playbooks) == ("active", "enabled")
    assert ":max_revisions: 9" in playbooks.host.run(f"cat {IN_USE}")
    assert playbooks.install(release="1.7.1-110").changed == 0
    assert playbooks.install().changed == 0  # any supported agent will do


def the_other_track_replaces_it(playbooks: Playbooks) -> None:
    foretold = playbooks.install("--check", track="2")
    assert "The CodeDeploy agent 2.x would be installed in place of 1.7.1-110, and started." in words(foretold)
    assert playbooks.bucket.asked == []
    playbooks.host.run("mkdir -p /var/lib/amazon/ssm/packages/AWSCodeDeployAgent")
    told = playbooks.install(track="2")
    assert (told.status, told.changed > 0) == (0, True)
    assert version(playbooks) == "agent_version: OFFICIAL_2.1.0-9745926189_deb"
    assert "Warning: Systems Manager Distributor installed AWSCodeDeployAgent here" in words(told)
    assert playbooks.bucket.asked == ["/latestv2/install"]


def what_others_installed_and_configured_stays(playbooks: Playbooks) -> None:
    theirs = "---\n# by the platform team\n:wait_between_runs: 7\n:verbose: true\n"
    playbooks.host.run(f"cat > {CONFIGURATION}", stdin=theirs)
    before = invocation(playbooks)
    assert playbooks.install().changed == 0
    assert playbooks.host.run(f"cat {CONFIGURATION}") == theirs.strip()
    assert (version(playbooks), invocation(playbooks)) == ("agent_version: OFFICIAL_2.1.0-9745926189_deb", before)
    assert playbooks.install(max_revisions=4).changed > 0
    now = playbooks.host.run(f"cat {IN_USE}")
    assert all(line in now for line in (":wait_between_runs: 7", ":verbose: true", ":max_revisions: 4"))


def an_agent_that_is_not_to_run_is_stopped(playbooks: Playbooks) -> None:
    assert playbooks.install(track="2", start=False).status == 0
    assert service(playbooks) == ("inactive", "enabled")
    assert playbooks.install(track="2", start=False).changed == 0


def an_agent_that_ends_is_an_error(playbooks: Playbooks) -> None:
    told = playbooks.install(track="2", configuration={"stub_ends": True})
    assert told.status == 2
    assert re.search(r"is installed on debian, but its service is (failed|inactive)", words(told))


def a_release_that_does_not_exist_is_an_error(playbooks: Playbooks) -> None:
    """The installer says so in its log only; the play shows the end of it."""
    playbooks.host.run("apt-get remove -y codedeploy-agent")
    told = playbooks.install(release="1.8.9-404")
    assert told.status == 2
    assert "no such release: releases/codedeploy-agent_1.8.9-404_all.deb" in words(told)


def user_data_installs_the_same(playbooks: Playbooks) -> None:
    playbooks.host.run("apt-get remove -y codedeploy-agent")  # its configuration stays
    script = playbooks.user_data()
    playbooks.host.run("cat > /root/user_data.sh", stdin=script)
    status, text = playbooks.host.status("bash /root/user_data.sh </dev/null")
    assert status == 0, text
    assert service(playbooks) == ("active", "enabled")
    assert version(playbooks) == "agent_version: OFFICIAL_1.8.1-26_deb"
    before = invocation(playbooks)
    status, text = playbooks.host.status("bash /root/user_data.sh </dev/null")
    assert (status, invocation(playbooks)) == (0, before)
    assert playbooks.bucket.asked == ["/latest/install"]
    assert playbooks.install().changed == 0  # the role finds nothing to mend on a host that was launched so


def check_mode_foretells_the_removal(playbooks: Playbooks) -> None:
    told = playbooks.install("--check", state="absent")
    assert (told.status, told.changed > 0) == (0, True)
    assert service(playbooks) == ("active", "enabled")


def absent_removes_it_and_says_what_is_left(playbooks: Playbooks) -> None:
    told = playbooks.install(state="absent")
    assert (told.status, told.changed > 0) == (0, True)
    assert f"Left on debian: {DEPLOYMENTS}, /var/log/aws/codedeploy-agent/." in words(told)
    assert service(playbooks) == ("inactive", "")
    assert "LoadState=not-found" in playbooks.host.run("systemctl show --property=LoadState codedeploy-agent")
    assert playbooks.host.status("dpkg-query --show codedeploy-agent")[0] == 1
    assert playbooks.host.status(f"test -e {CONFIGURATION} || test -e {VERSION}")[0] == 1
    assert playbooks.host.status(f"test -d {DEPLOYMENTS}")[0] == 0
    assert playbooks.install(state="absent").changed == 0


def absent_removes_the_deployments_on_demand(playbooks: Playbooks) -> None:
    assert playbooks.install(state="absent", delete_deployments=True).changed == 1
    assert playbooks.host.status(f"test -e {DEPLOYMENTS}")[0] == 1


ALL: tuple[Check, ...] = (
    check_mode_foretells_the_installation,
    wrong_values_are_refused_before_anything_is_done,
    installs_starts_and_verifies,
    a_second_run_changes_nothing,
    check_mode_shows_the_difference_of_the_configuration,
    a_changed_configuration_restarts_the_agent,
    a_password_of_a_proxy_is_not_shown,
    a_password_of_a_proxy_is_on_no_command_line,
    an_installer_that_is_not_the_one_named_is_not_run,
    an_older_release_is_pinned,
    the_other_track_replaces_it,
    what_others_installed_and_configured_stays,
    an_agent_that_is_not_to_run_is_stopped,
    an_agent_that_ends_is_an_error,
    a_release_that_does_not_exist_is_an_error,
    user_data_installs_the_same,
    check_mode_foretells_the_removal,
    absent_removes_it_and_says_what_is_left,
    absent_removes_the_deployments_on_demand,
)
