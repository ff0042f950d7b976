# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Hosts: what boots with them, what stops with them, and the faults that can befall them."""

from __future__ import annotations

import pytest
from support import compute

from slipway_emulator.clock import clock
from slipway_emulator.console import run
from slipway_emulator.faults import faults

PROBE = """if ! [ -e /opt/codedeploy-agent ]; then echo "absent -"; exit 4; fi
version=$(cat /opt/codedeploy-agent/.version 2>/dev/null || echo unknown)
if systemctl is-active --quiet codedeploy-agent; then echo "running $version"; exit 0; fi
echo "stopped $version"; exit 3
"""
pytestmark = pytest.mark.usefixtures("world")


def test_a_baked_and_enabled_agent_answers_once_the_host_has_booted() -> None:
    host = compute.host(compute.run(compute.image(agent="1.8.1"))[0])
    assert not host.agent_answers()
    compute.boot()
    assert host.agent_answers() and host.agent == "running"


@pytest.mark.parametrize(
    ("agent", "enabled", "with_profile", "state"),
    [(None, False, True, "absent"), ("1.8.1", False, True, "stopped"), ("1.8.1", True, False, "stopped")],
)
def test_what_keeps_an_agent_from_answering(agent: str | None, enabled: bool, with_profile: bool, state: str) -> None:
    host = compute.host(compute.run(compute.image(agent, enabled), with_profile=with_profile)[0])
    compute.boot()
    assert host.agent == state
    assert not host.agent_answers()


def test_stop_and_start_brings_back_only_what_is_enabled() -> None:
    enabled, started = (compute.run(compute.image("1.8.1", flag))[0] for flag in (True, False))
    compute.boot()
    run(compute.host(started), "systemctl start codedeploy-agent")
    assert compute.host(started).agent_answers()
    ec2 = compute.client("ec2")
    ec2.stop_instances(InstanceIds=[enabled, started])
    assert compute.host(enabled).state == "stopped" and not compute.host(enabled).agent_answers()
    ec2.start_instances(InstanceIds=[enabled, started])
    assert not compute.host(enabled).agent_answers()
    compute.boot()
    assert compute.host(enabled).agent_answers()
    assert compute.host(started).agent == "stopped"


def test_a_reboot_takes_the_agent_away_until_it_is_up_again() -> None:
    [instance] = compute.run(compute.image("1.8.1"))
    compute.boot()
    compute.client("ec2").reboot_instances(InstanceIds=[instance])
    assert not compute.host(instance).agent_answers()
    compute.boot()
    assert compute.host(instance).agent_answers()


def test_a_terminated_host_is_gone_for_good() -> None:
    [instance] = compute.run(compute.image("1.8.1"))
    compute.boot()
    compute.client("ec2").terminate_instances(InstanceIds=[instance])
    compute.boot()
    assert compute.host(instance).state == "terminated"
    assert not compute.host(instance).agent_answers() and not compute.host(instance).managed()
    with pytest.raises(compute.client("ec2").exceptions.ClientError, match="IncorrectInstanceState"):
        compute.client("ec2").start_instances(InstanceIds=[instance])


@pytest.mark.parametrize(
    ("agent", "enabled", "printed", "code"),
    [
        ("1.8.1", True, "running agent_version: OFFICIAL_1.8.1_rpm\n", 0),
        ("1.8.1", False, "stopped agent_version: OFFICIAL_1.8.1_rpm\n", 3),
        (None, False, "absent -\n", 4),
    ],
)
def test_the_probe_tells_the_state_of_the_agent(agent: str | None, enabled: bool, printed: str, code: int) -> None:
    host = compute.host(compute.run(compute.image(agent, enabled))[0])
    compute.boot()
    outcome = run(host, PROBE)
    assert (outcome.stdout, outcome.code) == (printed, code)


@pytest.mark.parametrize(
    ("script", "printed", "code"),
    [
        ("systemctl is-active codedeploy-agent", "active\n", 0),
        ("systemctl is-enabled codedeploy-agent.service", "enabled\n", 0),
        ("sudo service codedeploy-agent status", "The AWS CodeDeploy agent is running as PID 3523\n", 0),
        ("service codedeploy-agent status | grep -q running && echo yes || echo no", "yes\n", 0),
        ("cat /opt/codedeploy-agent/.version > /dev/null", "", 0),
        ("systemctl stop codedeploy-agent; systemctl is-active codedeploy-agent", "inactive\n", 3),
        ("systemctl stop codedeploy-agent\nsystemctl restart codedeploy-agent && echo up", "up\n", 0),
        ("set -e\nfalse\necho never", "", 1),
        ("if false; then echo a; elif true; then echo b; else echo c; fi", "b\n", 0),
        ("cat <<EOF\nsystemctl stop codedeploy-agent\nEOF\nsystemctl is-active codedeploy-agent", "active\n", 0),
        ("# systemctl stop codedeploy-agent\nsomething --unknown", "", 0),
        ('x=$(systemctl is-active codedeploy-agent); echo "state: ${x}"', "state: active\n", 0),
        ("echo 'rm -rf /; $HOME'", "rm -rf /; $HOME\n", 0),
    ],
)
def test_what_a_script_prints_is_derived(script: str, printed: str, code: int) -> None:
    host = compute.host(compute.run(compute.image("1.8.1"))[0])
    compute.boot()
    outcome = run(host, script)
    assert (outcome.stdout, outcome.code) == (printed, code)


def test_starting_an_agent_that_is_not_there_fails_as_systemd_says() -> None:
    host = compute.host(compute.run(compute.image())[0])
    compute.boot()
    outcome = run(host, "systemctl start codedeploy-agent")
    assert outcome.code == 5 and "codedeploy-agent.service not found" in outcome.stderr


@pytest.mark.parametrize(("kind", "state"), [("agent-absent", "absent"), ("agent-stopped", "stopped")])
def test_a_lasting_fault_keeps_the_agent_down_until_it_is_lifted(kind: str, state: str) -> None:
    one, other = compute.run(compute.image("1.8.1"), 2)
    compute.boot()
    faults.add({"kind": kind, "instance_id": one})
    run(compute.host(one), "systemctl start codedeploy-agent")
    assert compute.host(one).agent == state and not compute.host(one).agent_answers()
    assert compute.host(other).agent == "running"
    faults.remove()
    assert compute.host(one).agent == "running"


def test_a_fault_with_times_strikes_once_and_can_be_repaired() -> None:
    [instance] = compute.run(compute.image("1.8.1"))
    compute.boot()
    faults.add({"kind": "agent-stopped", "times": 1})
    assert compute.host(instance).agent == "stopped"
    run(compute.host(instance), "systemctl start codedeploy-agent")
    assert compute.host(instance).agent == "running"
    faults.add({"kind": "agent-absent", "times": 1})
    assert compute.host(instance).agent == "absent"
    faults.remove()
    assert compute.host(instance).agent == "absent"


def test_the_control_endpoint_shows_hosts() -> None:
    [instance] = compute.run(compute.image("1.8.1"))
    compute.boot()
    shown = compute.host(instance).as_json()
    assert shown["agent"] == {"status": "running", "version": "1.8.1"}
    assert shown["managed"] and shown["state"] == "running" and shown["launched_at"] < clock.now()
