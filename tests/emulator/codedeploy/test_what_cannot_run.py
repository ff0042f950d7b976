# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""What the agent 1.8 cannot start or set on a host, told without running a script: its messages, event by event."""

from __future__ import annotations

import stat
import tarfile
import zipfile
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from support.codedeploy_shop import Shop, tarred

from slipway_emulator.contents import Contents
from slipway_emulator.hosts import registry

HEAD = "version: 0.0\nos: linux\nfiles:\n  - source: app\n    destination: /srv/app\n"
WHAT = "Script at specified location: "
ENOENT = "failed with error Errno::ENOENT with message No such file or directory - PATH"
EACCES = "failed with error Errno::EACCES with message Permission denied - PATH"


def hook(location: str = "go.sh", **more: str) -> str:
    rest = "".join(f"      {key}: {value}\n" for key, value in more.items())
    return f"{HEAD}hooks:\n  AfterInstall:\n    - location: {location}\n{rest}"


def ends(
    shop: Shop, files: dict[str, str], platform: str = "Amazon Linux", **contents: Any
) -> tuple[str, dict[str, str]]:
    """The failed event and its diagnostics; the bundle's path is PATH in the message. Empty when all went well."""
    (host,) = shop.hosts(1)
    known = registry.get(host)
    assert known is not None
    known.contents = replace(known.contents, platform_name=platform, **contents)
    group = shop.group(deploymentConfigName="CodeDeployDefault.AllAtOnce")
    data = tarred({"app/main": "", **files})
    deployment = shop.deployed(shop.bundle("app.tgz", data=data))["deploymentId"]
    failed = [(name, e["diagnostics"]) for name, e in shop.events(deployment, host).items() if e["status"] == "Failed"]
    archive = f"/opt/codedeploy-agent/deployment-root/{group}/{deployment}/deployment-archive"
    for _name, told in failed:
        told["message"] = told["message"].replace(f"{archive}/go.sh", "PATH").replace(archive, "ROOT")
    return failed[0] if failed else ("", {"message": "", "logTail": "", "errorCode": ""})


@pytest.mark.parametrize(
    ("text", "ending"),
    [
        ("#!/no/such/interpreter\n", ENOENT),
        ("#!/usr/bin/python\n", ENOENT),
        ("#!/usr/local/bin/node\n", ENOENT),
        ("#!/bin/sh\r\necho\r\n", ENOENT),
        ("#! /bin/bash\r\n", ENOENT),
        ("#!/bin/sh\recho all on one line of an old Mac\r", ENOENT),
        ("#!/bin/bash -e\r\n", "failed with exit code 2"),
        ("#!/usr/bin/env bash\r\n", "failed with exit code 127"),
        ("#!/usr/bin/env nosuch\n", "failed with exit code 127"),
        ("#!/usr/bin/perl -w\r\n", ""),
        ("#!/bin/sh\n", ""),
        ("#!   /usr/bin/env   python3\n", ""),
        ("", ""),
        ("echo without a shebang\n", ""),
        ("echo with carriage returns and without a shebang\r\n", ""),
        ("#!\n", ""),
        ("\x7fELF", ""),
    ],
)
def test_how_a_script_begins(shop: Shop, text: str, ending: str) -> None:
    event, told = ends(shop, {"appspec.yml": hook(), "go.sh": text})
    assert told["message"] == (f"{WHAT}go.sh {ending}" if ending else "")
    assert (event, told["errorCode"]) == (("AfterInstall", "ScriptFailed") if ending else ("", ""))


@pytest.mark.parametrize(
    ("location", "code", "message"),
    [
        ("app", "ScriptFailed", f"{WHAT}app failed with error Errno::EACCES with message Permission denied - ROOT/app"),
        ("/", "ScriptFailed", f"{WHAT}/ failed with error Errno::EACCES with message Permission denied - ROOT/"),
        ("gone.sh", "ScriptMissing", "Script does not exist at specified location: ROOT/gone.sh"),
        (
            "my script.sh",
            "ScriptFailed",
            f"{WHAT}my script.sh failed with error Errno::ENOENT with message No such file or directory - ROOT/my",
        ),
        ("./app/../app/main", "", ""),
    ],
)
def test_what_a_location_leads_to(shop: Shop, location: str, code: str, message: str) -> None:
    _event, told = ends(shop, {"appspec.yml": hook(location), "my script.sh": "#!/bin/sh\n"})
    assert (told["errorCode"], told["message"]) == (code, message)


@pytest.mark.parametrize(
    ("user", "text", "ending", "log"),
    [
        ("nosuch", "#!/bin/sh\n", "run as user nosuch failed with exit code 1", "user nosuch does not exist"),
        ("ubuntu", "#!/bin/sh\n", "run as user ubuntu failed with exit code 1", "user ubuntu does not exist"),
        ("nobody", "#!/bin/sh\n", "run as user nobody failed with exit code 1", "currently not available"),
        ("root", "#!/no/such\n", "run as user root failed with exit code 127", "required file not found"),
        ("root", "#!/bin/sh\r\n", "run as user root failed with exit code 127", "required file not found"),
        ("ec2-user", "#!/bin/sh\n", "", ""),
        ("root", "", "", ""),
        ("''", "#!/bin/sh\n", "", ""),
    ],
)
def test_runas(shop: Shop, user: str, text: str, ending: str, log: str) -> None:
    _event, told = ends(shop, {"appspec.yml": hook(runas=user), "go.sh": text})
    assert told["message"] == (f"{WHAT}go.sh {ending}" if ending else "")
    assert log in told["logTail"]


def test_a_directory_run_by_a_users_shell(shop: Shop) -> None:
    _event, told = ends(shop, {"appspec.yml": hook("app", runas="root")})
    assert told["message"] == f"{WHAT}app run as user root failed with exit code 126"


def permission(text: str, source: str = HEAD) -> str:
    return f"{source}permissions:\n  - {{object: /srv/app, {text}}}\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("owner: nosuch", "can't find user for nosuch"),
        ("group: nosuch", "can't find group for nosuch"),
        ("owner: nosuch, pattern: 'm*n'", "can't find user for nosuch"),
        ("owner: nosuch, type: [directory]", ""),
        ("owner: nosuch, pattern: '*.conf'", ""),
        ("owner: nosuch, pattern: '**', except: ['m*']", ""),
        ("owner: 1000", "no implicit conversion of Integer into String"),
        ("owner: ec2-user, group: wheel, mode: '0640'", ""),
        ("owner: nobody", ""),
    ],
)
def test_owners_and_groups(shop: Shop, text: str, message: str) -> None:
    event, told = ends(shop, {"appspec.yml": permission(text)})
    assert told["message"] == message
    assert (event, told["errorCode"]) == (("Install", "UnknownError") if message else ("", ""))


def test_a_single_file_and_the_same_object_twice(shop: Shop) -> None:
    one = "  - {object: /srv/app/main, owner: root}\n"
    event, told = ends(shop, {"appspec.yml": f"{HEAD}permissions:\n{one}  - {{object: /srv/app, mode: '0644'}}\n"})
    assert event == "Install"
    assert "the permissions setting for (/srv/app/main) is specified more than once" in told["message"]


def test_events_that_do_not_exist(shop: Shop) -> None:
    hooks = "hooks:\n  AfterInstal:\n    - location: go.sh\n  Deploy:\n"
    event, told = ends(shop, {"appspec.yml": HEAD + hooks, "go.sh": ""})
    assert (event, told["errorCode"]) == ("Install", "UnknownError")
    assert told["message"] == 'appspec.yml file contains unknown lifecycle events: ["AfterInstal", "Deploy"]'


@pytest.mark.parametrize(
    "before",
    ["useradd --system app\n", 'NAME=app\ngetent passwd $NAME || useradd -r "$NAME"\n'],
)
def test_an_account_that_an_earlier_script_makes_is_there(shop: Shop, before: str) -> None:
    spec = hook(runas="app").replace("hooks:\n", "hooks:\n  BeforeInstall:\n    - location: prepare.sh\n")
    spec += "permissions:\n  - {object: /srv/app, owner: app, group: app}\n"
    assert ends(shop, {"appspec.yml": spec, "prepare.sh": before, "go.sh": ""})[0] == ""


@pytest.mark.parametrize(
    ("before", "shebang", "runs"),
    [
        ("dnf install -y nodejs\n", "/usr/bin/node", True),
        ("python3 -m venv /opt/app/venv\n", "/opt/app/venv/bin/python", True),
        ("ln -s /opt/x /usr/local/bin/tool\n", "/usr/local/bin/tool", True),
        ("# dnf install -y nodejs\n", "/usr/bin/node", False),
        ("systemctl stop nodejs\n", "/usr/bin/node", False),
    ],
)
def test_a_program_that_an_earlier_script_installs_is_there(shop: Shop, before: str, shebang: str, runs: bool) -> None:
    spec = hook().replace("hooks:\n", "hooks:\n  BeforeInstall:\n    - location: prepare.sh\n")
    event, _told = ends(shop, {"appspec.yml": spec, "prepare.sh": before, "go.sh": f"#!{shebang}\n"})
    assert event == ("" if runs else "AfterInstall")


@pytest.mark.parametrize(
    ("platform", "contents", "shebang", "user", "runs"),
    [
        ("Ubuntu", {}, "/bin/sh", "ubuntu", True),
        ("Debian", {}, "/bin/sh", "www-data", False),
        ("Debian", {"packages": {"nginx": "1"}}, "/bin/sh", "nginx", True),
        ("Amazon Linux", {"platform_version": "2"}, "/usr/bin/python", "ec2-user", True),
        ("Amazon Linux", {}, "/usr/bin/ruby", "root", True),
        ("Amazon Linux", {"agent_version": "2.1.0"}, "/usr/bin/ruby", "root", False),
        ("Amazon Linux", {"packages": {"php8.2-cli": "1"}}, "/usr/bin/php", "root", True),
        ("Amazon Linux", {"made": frozenset({"app"})}, "/bin/sh", "app", True),
    ],
)
def test_what_a_host_has(shop: Shop, platform: str, contents: dict, shebang: str, user: str, runs: bool) -> None:
    files = {"appspec.yml": hook(runas=user), "go.sh": f"#!{shebang}\n"}
    assert (ends(shop, files, platform, **contents)[0] == "") is runs


def test_scripts_of_windows_are_another_matter(shop: Shop) -> None:
    spec = hook("go.bat", runas="nosuch").replace("os: linux", "os: windows")
    assert ends(shop, {"appspec.yml": spec, "go.bat": "#!/bin/sh\r\n"}, "Microsoft Windows Server 2022")[0] == ""


def test_the_script_of_the_last_install_is_named_where_it_lies(shop: Shop) -> None:
    (host,) = shop.hosts(1)
    group = shop.group(deploymentConfigName="CodeDeployDefault.AllAtOnce")
    spec = hook().replace("AfterInstall", "ApplicationStop")
    data = tarred({"appspec.yml": spec, "app/main": "", "go.sh": "#!/none\n"})
    first = shop.deployed(shop.bundle("app.tgz", data=data))["deploymentId"]
    second = shop.deployed(shop.bundle("app.tgz", data=data))["deploymentId"]
    told = shop.events(second, host)["ApplicationStop"]["diagnostics"]
    assert told["message"].endswith(f"- /opt/codedeploy-agent/deployment-root/{group}/{first}/deployment-archive/go.sh")


def linked(kind: str, target: str) -> bytes:
    """A bundle whose hook go.sh is a symlink."""
    held, spec = BytesIO(), hook().encode()
    files = {"appspec.yml": spec, "app/main": b"", "real.sh": b"#!/bin/sh\r\n", "good.sh": b"#!/bin/sh\n"}
    if kind == "zip":
        with zipfile.ZipFile(held, "w") as archive:
            for name, data in files.items():
                archive.writestr(name, data)
            link = zipfile.ZipInfo("go.sh")
            link.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(link, target)
        return held.getvalue()
    with tarfile.open(fileobj=held, mode="w") as tar:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            tar.addfile(entry, BytesIO(data))
        entry = tarfile.TarInfo("go.sh")
        entry.type, entry.linkname = tarfile.SYMTYPE, target
        tar.addfile(entry)
    return held.getvalue()


@pytest.mark.parametrize("kind", ["zip", "tar"])
@pytest.mark.parametrize(
    ("target", "code"),
    [("real.sh", "ScriptFailed"), ("good.sh", None), ("nowhere", "ScriptMissing"), ("go.sh", "ScriptMissing")],
)
def test_a_hook_that_is_a_link(shop: Shop, kind: str, target: str, code: str | None) -> None:
    (host,) = shop.hosts(1)
    shop.group(deploymentConfigName="CodeDeployDefault.AllAtOnce")
    deployment = shop.deployed(shop.bundle(f"app.{kind}", data=linked(kind, target)))["deploymentId"]
    event = shop.events(deployment, host)["AfterInstall"]
    assert (event["status"], event["diagnostics"]["errorCode"]) == (
        ("Failed", code) if code else ("Succeeded", "Success")
    )


def test_what_scripts_made_in_an_image_its_hosts_have() -> None:
    from slipway_emulator.machine import Machine

    machine = Machine(Contents())
    machine.run_script("useradd deploy\n")
    machine.run_script("systemctl status deployer\n")
    assert "deploy" in machine.contents.made and "deployer" not in machine.contents.made
