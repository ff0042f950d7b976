# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""What scripts leave on a host for later ones: services that run, and files with their text."""

from __future__ import annotations

import pytest
from support import compute

from slipway_emulator import console
from slipway_emulator.hosts import Host

pytestmark = pytest.mark.usefixtures("world")


@pytest.fixture
def host(world: None) -> Host:
    [instance_id] = compute.run(compute.image())
    compute.boot()
    return compute.host(instance_id)


def said(host: Host, script: str) -> tuple[str, int]:
    outcome = console.run(host, script, files={"version": "1.2\n"})
    return outcome.stdout, outcome.code


def test_a_service_runs_from_when_it_is_started_until_it_is_stopped(host: Host) -> None:
    assert said(host, "systemctl is-active demo") == ("inactive\n", 3)
    said(host, "systemctl enable --now demo.service")
    assert said(host, "systemctl is-active demo") == ("active\n", 0)
    assert said(host, "systemctl is-active --quiet demo && echo yes") == ("yes\n", 0)
    said(host, "service demo stop")
    assert said(host, "systemctl is-active demo") == ("inactive\n", 3)


def test_the_services_of_the_system_run(host: Host) -> None:
    assert said(host, "systemctl is-active amazon-ssm-agent") == ("active\n", 0)


def test_user_data_starts_services_too(world: None) -> None:
    [instance_id] = compute.run(compute.image(), UserData="#!/bin/sh\nsystemctl start demo\n")
    compute.boot()
    assert said(compute.host(instance_id), "systemctl is-active demo") == ("active\n", 0)


@pytest.mark.parametrize(
    "script",
    [
        "echo 1.2 > /opt/demo/version",
        'echo 1.2 >"$HOME/x"; DIR=/opt/demo; echo 1.2 > "$DIR/version"',
        "cp ./version /opt/demo/",
        "install -m 644 version /opt/demo/version",
        "cp version /tmp/v; mv /tmp/v /opt/demo/version",
        "printf 1. > /opt/demo/version; echo 2 >> /opt/demo/version",
    ],
)
def test_a_file_keeps_its_text(host: Host, script: str) -> None:
    said(host, script)
    assert said(host, "cat /opt/demo/version") == ("1.2\n", 0)
    assert said(host, '[ "$(cat /opt/demo/version)" = 1.2 ] && test -f /opt/demo/version && echo right') == (
        "right\n",
        0,
    )


@pytest.mark.parametrize("script", ["rm -f /opt/demo/version", "rm -rf /opt/demo", "rm -rf /opt/demo/"])
def test_a_file_that_was_removed_is_not_there(host: Host, script: str) -> None:
    said(host, f"mkdir -p /opt/demo; touch /opt/demo/version; {script}")
    assert said(host, "cat /opt/demo/version") == ("", 1)
    assert said(host, "[ -e /opt/demo/version ] || echo gone") == ("gone\n", 0)


def test_what_is_kept_has_bounds(host: Host) -> None:
    said(host, "\n".join(f"echo {number} > /tmp/{number}" for number in range(300)))
    said(host, f"echo {'x' * 9000} > /tmp/1; echo lost > /dev/null")
    texts = host.contents.texts
    assert len(texts) == 100 and len(texts["/tmp/1"] or "") == 4096


def test_devices_keep_nothing(host: Host) -> None:
    assert said(host, "echo a > /dev/null; echo b 2>/dev/null; echo c >&2") == ("b\n", 0)
    assert host.contents.texts == {}
