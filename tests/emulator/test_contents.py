# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""What scripts, user data and component documents leave on a machine."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path

import jinja2
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from slipway_emulator.contents import Contents, images
from slipway_emulator.machine import Machine

AMAZON = Contents()
UBUNTU = Contents(platform_name="Ubuntu", platform_version="24.04")
BAKED = Contents(agent_version="1.8.1", agent_enabled=True)
URL = "https://aws-codedeploy-eu-central-1.s3.eu-central-1.amazonaws.com"
INSTALL = f"wget {URL}/latest/install\nchmod +x ./install\n./install auto\n"
OWN = "arn:aws:imagebuilder:eu-central-1:123456789012:component/agent/1.0.0/1"


def after_script(contents: Contents, script: str) -> Contents:
    """What a machine holds after a shell script, or user data in one of cloud-init's other forms."""
    machine = Machine(contents)
    if script.lstrip().startswith(("#cloud-config", "Content-Type:")):
        machine.run_user_data(script.lstrip())
    else:
        machine.run_script(script)
    return machine.contents


def after_document(contents: Contents, document: str, arn: str = OWN) -> Contents:
    """What a machine holds after the build and validate phases of a component document."""
    machine = Machine(contents)
    for phase in ("build", "validate"):
        if machine.run_phase(arn, document, phase):
            break
    return machine.contents


def agent(contents: Contents) -> tuple[str | None, bool]:
    return contents.agent_version, contents.agent_enabled


@pytest.mark.parametrize(
    "script",
    [
        INSTALL,
        f"cd /tmp && curl -fsSLO {URL}/latest/install && sudo bash install auto",
        f"curl -sS {URL}/latest/install -o /tmp/codedeploy\nsudo /tmp/codedeploy auto > /tmp/log 2>&1",
        f"wget -qO /tmp/install '{URL}/latest/install'; sudo -E ruby /tmp/install auto",
        "REGION=eu-central-1\nwget https://aws-codedeploy-${REGION}.s3.$REGION.amazonaws.com/latest/install\n./install auto",
        "R=$(curl -s http://169.254.169.254/latest/meta-data/placement/region)\n"
        'wget "https://aws-codedeploy-$R.s3.$R.amazonaws.com/latest/install"\n./install auto',
        "aws s3 cp s3://aws-codedeploy-eu-central-1/latest/install . --region eu-central-1\n./install auto",
        "wget https://aws-codedeploy-cn-north-1.s3.cn-north-1.amazonaws.com.cn/latest/install\n./install auto",
        f'#!/bin/bash\nset -euo pipefail\nfetch() {{\n  curl -o install "$1"\n}}\nfetch {URL}/latest/install\n./install \\\n  auto',
        "# comment\nif ! systemctl is-active --quiet codedeploy-agent; then\n  ./install auto\nfi",
        "[ -x /opt/codedeploy-agent/bin/codedeploy-agent ] || ./install auto",
        "cat > /etc/motd <<'EOF'\nit's (not a script\nEOF\n./install auto",
        "for try in 1 2 3; do ./install auto && break; done",
        "dnf install -y ruby wget && dnf install -y codedeploy-agent",
    ],
)
def test_the_installer_is_known_in_its_usual_shapes(script: str) -> None:
    assert agent(after_script(AMAZON, script)) == ("1.8.1", True)


@pytest.mark.parametrize(("prefix", "version"), [("latest", "1.8.1"), ("latestv2", "2.1.0")])
def test_a_mirror_keeps_the_prefixes(prefix: str, version: str) -> None:
    script = f"curl -fsSo install https://mirror.example/codedeploy/{prefix}/install\nchmod +x install\n./install auto"
    assert agent(after_script(AMAZON, script)) == (version, True)


@pytest.mark.parametrize(
    ("script", "version"),
    [
        (f"curl -O {URL}/latestv2/install && bash install auto", "2.1.0"),
        (f"{INSTALL.strip()} -v releases/codedeploy-agent-1.7.1-6.noarch.rpm", "1.7.1"),
        ("./install -v releases/codedeploy-agent_1.8.0-12_all.deb auto", "1.8.0"),
        ("VERSION=2.0.0\n./install auto -v releases/codedeploy-agent-${VERSION}.x86_64.rpm", "2.0.0"),
        (f"dnf install -y {URL}/releases/codedeploy-agent-1.6.0-49.noarch.rpm", "1.6.0"),
        (
            f"curl -o agent.rpm {URL}/releases/codedeploy-agent-1.8.1-25.noarch.rpm; rpm -Uvh codedeploy-agent-1.8.1-25.noarch.rpm",
            "1.8.1",
        ),
    ],
)
def test_the_version_is_the_one_asked_for(script: str, version: str) -> None:
    contents = after_script(AMAZON, script)
    assert contents.agent_version == version
    assert contents.packages["codedeploy-agent"] == version


@pytest.mark.parametrize(
    "script",
    [
        "# ./install auto",
        'echo "./install auto"',
        "wget https://aws-codedeploy-eu-central-1.s3.us-east-1.amazonaws.com/latest/install\n./install auto",
        "wget https://aws-codedeploy-cn-north-1.s3.cn-north-1.amazonaws.com/latest/install\n./install auto",
        "wget https://aws-codedeploy-.s3..amazonaws.com/latest/install\n./install auto",
        f"wget {URL}/newest/install\n./install auto",
        f"{INSTALL.strip()} -v releases/no-such-file.rpm",
        "set -e\nfalse\n./install auto",
        "exit 0\n./install auto",
        "if systemctl is-active --quiet codedeploy-agent; then\n  ./install auto\nfi",
        'case "$(uname)" in esac\nfalse && ./install auto',
        "command -v apt-get && ./install auto",
        "apt-get install -y codedeploy-agent",
    ],
)
def test_what_does_not_install_leaves_nothing(script: str) -> None:
    assert agent(after_script(AMAZON, script)) == (None, False)


@pytest.mark.parametrize(
    ("script", "left"),
    [
        ("systemctl disable codedeploy-agent", ("1.8.1", False)),
        ("sudo systemctl disable --now codedeploy-agent.service", ("1.8.1", False)),
        ("systemctl stop codedeploy-agent", ("1.8.1", True)),
        ("yum remove -y codedeploy-agent", (None, False)),
        ("rpm -e codedeploy-agent", (None, False)),
        ("systemctl disable codedeploy-agent && systemctl enable --now codedeploy-agent", ("1.8.1", True)),
        ("chkconfig codedeploy-agent off", ("1.8.1", False)),
    ],
)
def test_the_service_is_switched_and_removed(script: str, left: tuple[str | None, bool]) -> None:
    assert agent(after_script(BAKED, script)) == left


def test_debian_needs_ruby_before_version_1() -> None:
    assert Machine(UBUNTU).run_script(INSTALL) == "/usr/bin/env: 'ruby': No such file or directory"
    assert agent(after_script(UBUNTU, INSTALL)) == (None, False)
    assert agent(after_script(UBUNTU, f"apt-get update && apt-get install -y ruby-full wget\n{INSTALL}")) == (
        "1.8.1",
        True,
    )
    assert agent(after_script(UBUNTU, INSTALL.replace("/latest/", "/latestv2/"))) == ("2.1.0", True)
    installed = replace(UBUNTU, agent_version="1.8.1", agent_enabled=True)
    assert agent(after_script(installed, "apt-get purge -y codedeploy-agent")) == (None, False)


SYSTEMS = """
. /etc/os-release
case "$ID" in
  amzn) PACKAGES="dnf -y" ;;
  debian|ubuntu) PACKAGES="apt-get -y" ;;
  *) exit 1 ;;
esac
$PACKAGES install ruby wget
"""


@pytest.mark.parametrize(
    "contents", [AMAZON, UBUNTU, Contents(platform_name="Debian GNU/Linux", platform_version="12")]
)
def test_scripts_for_several_systems_take_the_branch_of_theirs(contents: Contents) -> None:
    found = after_script(contents, f"#!/bin/sh -e\n{SYSTEMS}{INSTALL}")
    assert agent(found) == ("1.8.1", True)
    assert "wget" in found.packages


def test_cloud_config_and_parts_are_understood() -> None:
    config = "#cloud-config\n" + yaml.safe_dump(
        {
            "packages": ["ruby-full"],
            "write_files": [{"path": "/opt/setup.sh", "content": INSTALL}],
            "runcmd": [["bash", "/opt/setup.sh"], "systemctl disable codedeploy-agent"],
        }
    )
    assert agent(after_script(UBUNTU, config)) == ("1.8.1", False)
    part = f'Content-Type: multipart/mixed; boundary="b"\nMIME-Version: 1.0\n\n--b\nContent-Type: text/x-shellscript\n\n#!/bin/bash\n{INSTALL}\n--b--\n'
    assert agent(after_script(AMAZON, part)) == ("1.8.1", True)


def test_a_machine_boots_what_is_enabled() -> None:
    machine = Machine(BAKED)
    assert machine.running
    assert machine.run_script("systemctl is-enabled codedeploy-agent && systemctl is-active codedeploy-agent") is None
    machine.run_script("service codedeploy-agent stop")
    assert not machine.running
    assert machine.run_script("systemctl is-active --quiet codedeploy-agent") == "codedeploy-agent is inactive"
    assert not Machine(replace(BAKED, agent_enabled=False)).running
    assert (
        Machine(AMAZON).run_script("systemctl start codedeploy-agent")
        == "Unit codedeploy-agent.service could not be found."
    )


TEMPLATE = Path(__file__).parents[2] / "roles/codedeploy_agent/templates/install_codedeploy_agent.sh.j2"


@pytest.mark.parametrize("contents", [AMAZON, UBUNTU])
@pytest.mark.parametrize("region", ["", "eu-central-1", "cn-north-1"])
@pytest.mark.parametrize(
    ("track", "release", "version"), [("1", "", "1.8.1"), ("2", "", "2.1.0"), ("1", "1.7.1", "1.7.1")]
)
def test_the_roles_script_is_understood(
    contents: Contents, region: str, track: str, release: str, version: str
) -> None:
    path = f"releases/codedeploy-agent-{release}-25.noarch.rpm" if release else ""
    environment = jinja2.Environment(trim_blocks=True, autoescape=False)  # noqa: S701  # a shell script
    environment.filters["quote"] = shlex.quote
    script = environment.from_string(TEMPLATE.read_text()).render(
        codedeploy_agent_region=region,
        __codedeploy_agent_track=track,
        __codedeploy_agent_build=f"{release}-25" if release else "",
        codedeploy_agent_release=path,
        codedeploy_agent_start=False,
        lookup=lambda *_names: ":wait_between_runs: 1",
    )
    machine = Machine(contents)
    assert machine.run_user_data(script) is None
    assert (agent(machine.contents), machine.running) == ((version, True), False)


def steps(*entries: dict[str, object], phase: str = "build", **more: object) -> str:
    named_steps = [{"name": f"Step{number}", **entry} for number, entry in enumerate(entries)]
    return yaml.safe_dump({"schemaVersion": 1.0, **more, "phases": [{"name": phase, "steps": named_steps}]})


def test_documents_run_their_steps_with_parameters() -> None:
    document = steps(
        {"action": "WebDownload", "inputs": [{"source": f"{URL}/{{{{ Prefix }}}}/install", "destination": "/tmp/get"}]},
        {"action": "ExecuteBash", "inputs": {"commands": ["chmod +x /tmp/get", "/tmp/get auto"]}},
        {
            "action": "ExecuteBinary",
            "inputs": {"path": "/usr/bin/systemctl", "arguments": ["disable", "codedeploy-agent"]},
        },
        parameters=[{"Prefix": {"type": "string", "default": "latest"}}],
    )
    contents = after_document(AMAZON, document)
    assert agent(contents) == ("1.8.1", False)
    machine = Machine(AMAZON)
    assert machine.run_phase(OWN, document, "build", {"Prefix": "latestv2"}) is None
    assert machine.contents.agent_version == "2.1.0"


@pytest.mark.parametrize(
    ("handling", "failed", "version"), [("Abort", True, None), ("Continue", True, "1.8.1"), ("Ignore", False, "1.8.1")]
)
def test_a_failing_step_is_handled_as_it_says(handling: str, failed: bool, version: str | None) -> None:
    document = steps(
        {"action": "ExecuteBash", "inputs": {"commands": ["exit 3"]}, "onFailure": handling},
        {"action": "ExecuteBash", "inputs": {"commands": [INSTALL]}},
    )
    machine = Machine(AMAZON)
    problem = machine.run_phase(OWN, document, "build")
    assert machine.contents.agent_version == version
    assert (problem is not None) == failed
    if problem:
        assert (problem.step, problem.message) == ("Step0", "exit status 3")


def test_a_test_document_notices_the_missing_agent() -> None:
    asserts = steps(
        {"action": "Assert", "inputs": {"fileExists": "/opt/codedeploy-agent/bin/codedeploy-agent"}}, phase="test"
    )
    checks = steps(
        {"action": "ExecuteBash", "inputs": {"commands": ["systemctl is-enabled codedeploy-agent"]}}, phase="test"
    )
    for document in (asserts, checks):
        assert Machine(AMAZON).run_phase(OWN, document, "test") is not None
        assert Machine(BAKED).run_phase(OWN, document, "test") is None


def test_the_managed_component_installs_and_enables() -> None:
    arn = "arn:aws:imagebuilder:eu-central-1:aws:component/aws-codedeploy-agent-linux/1.1.1/1"
    document = steps({"action": "ExecuteBash", "inputs": {"commands": ["true"]}})
    assert agent(after_document(UBUNTU, document, arn)) == ("1.8.1", True)


def test_an_unknown_ami_is_a_plain_amazon_linux() -> None:
    assert images.of("ami-00000000") == Contents()


WORDS = [
    "if",
    "then",
    "fi",
    "case",
    "in",
    "esac",
    "do",
    "done",
    "{",
    "}",
    "(",
    ")",
    "[[",
    "]]",
    "&&",
    "||",
    ";;",
    "|",
    "\n",
]
PIECES = [
    *WORDS,
    '"',
    "'",
    "`",
    "$(",
    "${A",
    "<<EOF",
    "EOF",
    "2>&1",
    "\\",
    "./install",
    "auto",
    "sudo",
    "bash",
    "-c",
    "systemctl",
]


@settings(max_examples=300, deadline=None, database=None)
@given(st.lists(st.sampled_from(PIECES), max_size=15))
def test_no_script_is_too_odd_to_be_read(pieces: list[str]) -> None:
    assert isinstance(after_script(AMAZON, " ".join(pieces)), Contents)
