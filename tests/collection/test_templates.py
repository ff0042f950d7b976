# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever a value holds, the templates of the roles give it on as that value: it never becomes YAML, JSON or a command."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import init_plugin_loader
from ansible.template import Templar, trust_as_template

from tests.collection.package import ROOT, load

PLAIN = "a plain value"
HOSTILE = {
    "double quote": 'a "b" c',
    "single quote": "it's",
    "both quotes": "\"'\"'",
    "colon": "a: b",
    "comment": "a # b",
    "line end": "a\nb: [c\n- d",
    "carriage return": "a\rb\r\nc",
    "document end": "a\n...\n---\nb",
    "end of a here-document": "a\nCONFIGURATION\ntouch pwned\n",
    "command": "$(touch pwned)`touch pwned`;touch pwned|touch pwned&touch pwned",
    "variable": "$HOME ${IFS} $((1+1)) !! \\",
    "reference": "{{ 1 + 1 }} {% raw %} {{",
    "tag": "!!python/object:os.system [x]",
    "anchor": "&a *a",
    "symbol": ":symbol",
    "yes": "yes",
    "number": "0x1_0,000",
    "null": "~",
    "empty": "",
    "blanks": "  a  ",
    "tab": "\ta",
    "accents": "Zürich – 東京",
    "emoji": "rocket \U0001f680",
    "line separators": "a\u2028b\u2029c\x85d",
    "byte order mark": "\ufeffa",
    "escape": "\x1b[2J\x07\x7f",
    "backslashes": "a\\nb\\\\u0041",
    "percent": "%s %%s %n",
    "long": "x y " * 60,
}
Parse = Callable[[str], Any]


@dataclass(frozen=True)
class Rendered:
    """A template: how what it gives is read, and the variables whose value is a user's, each with a place for it."""

    read: Parse
    values: dict[str, Callable[[str], Any]]


def as_is(value: str) -> str:
    return value


TEMPLATES = {
    "golden_image/distributions.yml.j2": Rendered(
        json.loads,
        {
            "golden_image_name": as_is,
            "__golden_image_region": as_is,
            "golden_image_regions": lambda value: [value, f"{value}-1"],
            "golden_image_ami_tags": lambda value: {f"k {value}": value},
            "golden_image_kms_key_ids": lambda value: {value: f"key {value}"},
            "golden_image_accounts": lambda value: [value],
            "golden_image_organization_arns": lambda value: [value],
        },
    ),
    "codedeploy_agent/codedeployagent.yml.j2": Rendered(
        yaml.safe_load,
        {
            "codedeploy_agent_proxy_uri": lambda value: f"http://{value}",
            "codedeploy_agent_configuration": lambda value: {
                "setting": value,
                "number": 5,
                "switch": True,
                "none": None,
            },
        },
    ),
    "codedeploy_agent/codedeploy.onpremises.yml.j2": Rendered(
        yaml.safe_load,
        {
            "codedeploy_agent_iam_user_arn": as_is,
            "codedeploy_agent_access_key": as_is,
            "codedeploy_agent_secret_key": as_is,
            "codedeploy_agent_region": as_is,
        },
    ),
    "codedeploy_agent/component.yml.j2": Rendered(
        yaml.safe_load,
        {"codedeploy_agent_component_name": as_is},
    ),
}
SHELL = "codedeploy_agent/install_codedeploy_agent.sh.j2"
FIXED = ("codedeploy_agent/installed_version.sh.j2",)  # without a value


@pytest.fixture(scope="module", autouse=True)
def plugins() -> None:
    init_plugin_loader()


def trusted(value: Any) -> Any:
    """As Ansible reads the files of a role: what stands in braces there is a template."""
    if isinstance(value, dict):
        return {key: trusted(item) for key, item in value.items()}
    if isinstance(value, list):
        return [trusted(item) for item in value]
    return trust_as_template(value) if isinstance(value, str) else value


@cache
def of_role(role: str) -> dict[str, Any]:
    """Its defaults, and above them its variables."""
    files = [ROOT / "roles" / role / part / "main.yml" for part in ("defaults", "vars")]
    return {name: trusted(value) for path in files if path.is_file() for name, value in load(path).items()}


def render(template: str, **given: Any) -> str:
    role, _mark, name = template.partition("/")
    found = {"ansible_search_path": [str(ROOT / "roles" / role)], "ansible_facts": {}}
    templar = Templar(loader=DataLoader(), variables={**of_role(role), **found, **given})
    return str(templar.template(trust_as_template(f"{{{{ lookup('ansible.builtin.template', '{name}') }}}}")))


def replaced(read: Any, value: str) -> Any:
    """What was read, with the hostile value at every place of the plain one."""
    if isinstance(read, dict):
        return {replaced(key, value): replaced(item, value) for key, item in read.items()}
    if isinstance(read, list):
        return [replaced(item, value) for item in read]
    return read.replace(PLAIN, value) if isinstance(read, str) else read


def test_every_template_is_tried() -> None:
    found = {f"{path.parts[-3]}/{path.name}" for path in (ROOT / "roles").glob("*/templates/*")}
    assert found == {*TEMPLATES, SHELL, *FIXED}


def filled(template: str, value: str) -> Any:
    """What the template gives, read, when every value of a user's is this one."""
    about = TEMPLATES[template]
    return about.read(render(template, **{name: shape(value) for name, shape in about.values.items()}))


@pytest.mark.parametrize("payload", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("template", TEMPLATES)
def test_a_value_stays_that_value(template: str, payload: str) -> None:
    plain = with_plain(template)
    assert json.dumps(plain).count(PLAIN) >= len(TEMPLATES[template].values)
    assert filled(template, payload) == replaced(plain, payload)


@cache
def with_plain(template: str) -> Any:
    return filled(template, PLAIN)


@pytest.mark.parametrize("payload", HOSTILE.values(), ids=HOSTILE)
def test_a_setting_in_a_component_is_no_reference(payload: str) -> None:
    """Image Builder takes double braces for a reference to a parameter, wherever they stand."""
    text = render("codedeploy_agent/component.yml.j2", codedeploy_agent_configuration={"setting": payload})
    (script,) = yaml.safe_load(text)["phases"][0]["steps"][0]["inputs"]["commands"]
    assert "{{" not in script
    written = script.partition("<<'CONFIGURATION'\n")[2].partition("\nCONFIGURATION\n")[0]
    assert yaml.safe_load(written)[":setting"] == payload


# A program of each name: it notes its arguments, and some do a little of what the true one does.
STUB = """#!/bin/bash
printf '%s\\0' "${0##*/}" "$@" >>"$NOTES"; printf '\\n' >>"$NOTES"
case ${0##*/} in
    mktemp) mkdir -p "$NOTES.work"; echo "$NOTES.work" ;;
    wget) printf '#!/bin/bash\\nexec "$STUBS/installer" "$@"\\n' >install ;;
    installer) printf '%s' "${https_proxy-}" >"$NOTES.proxy" ;;
    ruby) printf '%s' "${https_proxy-}" >"$NOTES.proxy" ;;
esac
"""
STUBBED = (
    "dpkg-query",
    "dpkg",
    "apt-get",
    "gdebi",
    "wget",
    "ruby",
    "mktemp",
    "systemctl",
    "rm",
    "mv",
    "cmp",
    "installer",
)
REAL = ("bash", "grep", "sed", "sort", "head", "tail", "cat", "chmod", "mkdir", "sha256sum", "env")


class Host:
    """A machine on which the script runs: everything that would change it is a stub."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.bin, self.notes = folder, folder / "bin", folder / "notes"
        self.bin.mkdir()
        for name in STUBBED:
            (self.bin / name).write_text(STUB)
            (self.bin / name).chmod(0o755)
        for name in REAL:
            (self.bin / name).symlink_to(subprocess.check_output(["which", name], text=True).strip())

    def run(self, script: str, **options: Any) -> subprocess.CompletedProcess[str]:
        (self.folder / "etc").mkdir(exist_ok=True)
        environment = {"PATH": str(self.bin), "NOTES": str(self.notes), "STUBS": str(self.bin)}
        return subprocess.run(
            ["/bin/bash", "-c", script.replace("/etc/codedeploy-agent/conf", str(self.folder / "etc"))],
            cwd=self.folder, env=environment, capture_output=True, text=True, check=False, **options,
        )  # fmt: skip

    def started(self, program: str) -> list[list[str]]:
        """The arguments of each start of a program."""
        lines = self.notes.read_bytes().decode().split("\0\n")[:-1]
        return [words[1:] for line in lines if (words := line.split("\0"))[0] == program]

    def unharmed(self) -> bool:
        return not list(self.folder.rglob("pwned"))


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path)


SAFE = {name: text for name, text in HOSTILE.items() if text}


@pytest.mark.parametrize("payload", SAFE.values(), ids=SAFE)
def test_a_value_in_the_script_is_a_word(host: Host, payload: str) -> None:
    values = {
        "codedeploy_agent_region": payload,
        "codedeploy_agent_installer_url": f"https://{payload}",
        "codedeploy_agent_proxy_uri": f"http://{payload}",
        "codedeploy_agent_release": f"codedeploy-agent {payload.replace('/', ':')}",
        "codedeploy_agent_configuration": {"setting": payload},
    }
    ended = host.run(render(SHELL, **values))
    assert (ended.returncode, ended.stderr) == (0, "")
    assert host.started("wget")[-1][-1] == f"https://{payload}/latest/install"
    assert host.started("installer") == [
        ["--proxy", f"http://{payload}", "auto", "-v", f"releases/codedeploy-agent {payload.replace('/', ':')}"]
    ]
    assert (host.folder / "notes.proxy").read_bytes().decode() == f"http://{payload}"
    written = yaml.safe_load((host.folder / "etc/codedeployagent.yml.new").read_text())
    assert written[":setting"] == payload
    assert host.unharmed()


SECRET = "http://agent:it's $(touch pwned) hunter2@proxy.example.com:3128"


@pytest.mark.parametrize("ruby", [True, False])
def test_a_password_of_a_proxy_is_on_no_command_line(host: Host, ruby: bool) -> None:
    if ruby:
        stub = (host.bin / "wget").read_text().replace("#!/bin/bash\\n", "#!/usr/bin/env ruby\\n")
        (host.bin / "wget").write_text(stub)
    ended = host.run(render(SHELL, codedeploy_agent_proxy_uri=SECRET, codedeploy_agent_region="eu-central-1"))
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "hunter2" not in host.notes.read_text()
    assert (host.folder / "notes.proxy").read_text() == SECRET
    assert len(host.started("ruby")) == ruby and len(host.started("installer")) == (not ruby)
    assert host.unharmed()


def test_the_role_gives_the_script_to_bash_by_standard_input(host: Host) -> None:
    """The task's own words, with a script that holds a secret and asks what the command lines are."""
    (task,) = [t for t in load(ROOT / "roles/codedeploy_agent/tasks/present.yml") if t["name"] == "Install the agent"]
    module = task["ansible.builtin.command"]
    assert "install_codedeploy_agent.sh.j2" in module["stdin"]
    script = "secret=hunter2; for p in /proc/[0-9]*/cmdline; do tr '\\0' ' ' <$p 2>/dev/null; done; read -r x || echo read nothing; exit 3"
    ended = subprocess.run(module["argv"], input=script, capture_output=True, text=True, check=False, env=os.environ)
    assert ended.returncode == 3
    assert "eval" in ended.stdout and "hunter2" not in ended.stdout
    assert ended.stdout.endswith("read nothing\n")


@pytest.mark.parametrize(
    ("checksum", "status", "started"),
    [
        ("", 0, 1),
        ("sha256:" + "0" * 64, 1, 0),
        ("right", 0, 1),
    ],
)
def test_an_installer_with_another_checksum_is_not_run(host: Host, checksum: str, status: int, started: int) -> None:
    if checksum == "right":
        host.run("wget")
        checksum = "sha256:" + subprocess.check_output(["sha256sum", host.folder / "install"], text=True).split()[0]
    values = {
        "codedeploy_agent_installer_url": "http://mirror.example.com",
        "codedeploy_agent_installer_checksum": checksum,
    }
    ended = host.run(render(SHELL, **values))
    assert (ended.returncode, len(host.started("installer"))) == (status, started)
    told = "The installer from http://mirror.example.com does not have the checksum"
    assert (told in ended.stderr) is (status != 0)
    assert ("--max-redirect=0" in host.started("wget")[-1]) is (not checksum)


def test_no_command_of_a_role_holds_a_value() -> None:
    """What a shell reads comes from the templates above, so that there is one way to quote."""
    for path in sorted((ROOT / "roles").glob("*/*/*.yml")):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"ansible\.builtin\.(shell|raw|script)\b", text), path
        for lookup in re.findall(r"lookup\('ansible\.builtin\.template', '([^']+)'[^}]*\)([^}]*)", text):
            assert "from_yaml" not in lookup[1], f"{path}: JSON is read as JSON"


def nested(tasks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [inner for task in tasks for inner in (task, *nested([t for key in BLOCKS for t in task.get(key) or []]))]


def test_an_on_premises_instance_with_a_session_has_no_keys_in_its_file() -> None:
    session = {"iam_session_arn": "arn", "credentials_file": "/etc/keys", "region": "eu-west-1", "secret_key": "s"}
    given = {f"codedeploy_agent_{name}": value for name, value in session.items()}
    written = yaml.safe_load(render("codedeploy_agent/codedeploy.onpremises.yml.j2", **given))
    assert written == {"iam_session_arn": "arn", "aws_credentials_file": "/etc/keys", "region": "eu-west-1"}


def test_the_keys_of_an_on_premises_instance_are_not_shown() -> None:
    tasks = load(ROOT / "roles/codedeploy_agent/tasks/on_premises.yml")
    (task,) = [one for one in tasks if "ansible.builtin.template" in one]
    assert (task["no_log"], task["diff"], task["ansible.builtin.template"]["mode"]) == (True, False, "0600")
    specs = load(ROOT / "roles/codedeploy_agent/meta/argument_specs.yml")["argument_specs"]
    for spec in (specs["main"]["options"][f"codedeploy_agent_{name}"] for name in ("access_key", "secret_key")):
        assert spec["no_log"] is True


BLOCKS = ("block", "rescue", "always")
CARRIES_USER_DATA = ("amazon.aws.ec2_launch_template", "amazon.aws.ec2_launch_template_info", "amazon.aws.ec2_instance")


def test_tasks_of_others_that_carry_user_data_are_not_shown() -> None:
    """Their modules hide it neither among the options nor in the result. Why one failed must be said by a task of its own."""
    found = []
    for path in sorted((ROOT / "roles").glob("*/tasks/*.yml")):
        for task in nested(load(path) or []):
            if any(module in task for module in CARRIES_USER_DATA):
                found.append((path, task))
            for inner in task.get("block") or []:
                if any(module in inner for module in CARRIES_USER_DATA):
                    assert inner["register"] in task["rescue"][0]["ansible.builtin.fail"]["msg"], path
    assert found and all(task.get("no_log") is True for _path, task in found)
