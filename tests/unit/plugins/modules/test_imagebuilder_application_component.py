# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""imagebuilder_application_component: what it writes, and what its component does on a host, run for real."""

from __future__ import annotations

import itertools
import os
import pwd
import stat
import typing as t
from pathlib import Path

import pytest
import yaml
from support.component_runs import BuildHost
from support.every_fault import FAULTS, PASSES, is_a_sentence
from support.imagebuilder import client

from ansible_collections.slipway.aws.plugins.module_utils._documents.component.problems import (
    component_document_problems,
)
from slipway_emulator.clock import clock
from slipway_emulator.faults import faults
from slipway_emulator.world import world as emulated_world

MODULE = "imagebuilder_application_component"
STOREFRONT = Path(__file__).resolve().parents[4] / "examples" / "storefront"
USER = pwd.getpwuid(os.getuid()).pw_name
TOLD = '#!/bin/sh\necho "{name} $LIFECYCLE_EVENT of $APPLICATION_NAME for [$DEPLOYMENT_GROUP_NAME] in $PWD" >> "$NOTES"\n{rest}'
ODD = 'it\'s 100% "$HOME" `id`.txt'  # a name that a shell would make something else of

Folder = t.Callable[..., Path]


@pytest.fixture(scope="module")
def numbers() -> t.Iterator[t.Iterator[int]]:
    with emulated_world(), pytest.MonkeyPatch.context() as patch:
        patch.setattr("time.sleep", clock.advance)
        yield itertools.count(1)


@pytest.fixture
def host(numbers: t.Iterator[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BuildHost:
    """One world for all, each with a bucket of its own."""
    root = tmp_path / "host"
    root.mkdir()
    return BuildHost.made(root, f"releases{next(numbers)}", monkeypatch)


@pytest.fixture
def folder(host: BuildHost, tmp_path: Path) -> Folder:
    """Makes the folder of an application, whose destinations are on the host."""

    def made(spec: dict[str, t.Any], **scripts: str) -> Path:
        src = tmp_path / "app"
        (src / "my files" / "deep").mkdir(parents=True, exist_ok=True)
        for path in ("one.py", "two.py", "deep/three.py", ODD):
            (src / "my files" / path).write_text(path)
        (src / "my files" / "link").unlink(missing_ok=True)
        (src / "my files" / "link").symlink_to("one.py")
        for name, rest in scripts.items():
            (src / name).write_text(TOLD.format(name=name, rest=rest))
        hooks = {event: [one] if isinstance(one, dict) else one for event, one in spec.pop("hooks", {}).items()}
        whole = {"version": 0.0, "os": "linux", **spec, **({"hooks": hooks} if hooks else {})}
        (src / "appspec.yml").write_text(yaml.safe_dump(whole))
        return src

    return made


def files_to(host: BuildHost, place: str = "srv/the $app's") -> list[dict[str, str]]:
    return [{"source": "my files", "destination": str(host.root / place)}]


def ensured(host: BuildHost, src: Path, **options: t.Any) -> str:
    """The document of the component."""
    done = host.ensure(MODULE, {"name": host.bucket, "src": str(src), **options})
    assert not done.failed, done.msg
    text = done["component"]["data"]
    assert component_document_problems(text, "Linux") == []
    return str(text)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_content_decides_whether_something_is_written(host: BuildHost, folder: Folder) -> None:
    params = {"name": host.bucket, "src": str(STOREFRONT), "tags": {"Team": "shop"}}
    steps = [host.ensure(MODULE, params, check_mode=check) for check in (True, False, True, False)]
    told, done, told_again, again = steps
    assert [each.changed for each in steps] == [True, True, False, False]
    assert told.writes == [] and told["diff"] == done["diff"] and told["bundle"] == done["bundle"]
    assert [call.operation for call in done.writes] == ["PutObject", "CreateComponent"]
    assert [call.operation for call in again.calls if call.service != "sts"] == ["HeadObject", "GetComponent"]
    assert done["component"]["semantic_version"] == "1.0.0" and done["component"]["tags"] == {"Team": "shop"}
    assert done["bundle"]["key"] == f"{host.bucket}/{done['bundle']['digest']}.tar.gz"
    assert done["hooks_not_run"] == ["ApplicationStop"]
    assert component_document_problems(done["component"]["data"], "Linux") == []
    other = host.ensure(MODULE, {**params, "src": str(folder({"files": files_to(host)}))})
    assert [call.operation for call in other.writes] == ["PutObject", "CreateComponent"]
    assert other["component"]["arn"].endswith("/1.0.0/2")
    gone = host.ensure(MODULE, {"name": host.bucket, "state": "absent"})
    assert len(gone["removed"]) == 2 and gone["component"] == {}


def test_a_bundle_that_was_lost_is_stored_again(host: BuildHost) -> None:
    params = {"name": host.bucket, "src": str(STOREFRONT)}
    bundle = host.ensure(MODULE, params)["bundle"]
    client("s3").delete_object(Bucket=bundle["bucket"], Key=bundle["key"])
    told, done = (host.ensure(MODULE, params, check_mode=check) for check in (True, False))
    assert told.changed and told["diff"] == done["diff"] and told["diff"]["before"] != told["diff"]["after"]
    assert [call.operation for call in done.writes] == ["PutObject"]


def test_files_and_permissions_are_installed_as_by_the_agent(host: BuildHost, folder: Folder) -> None:
    place = host.root / "srv/the $app's"
    permissions = [
        {"object": str(place), "pattern": "*.py", "except": ["t*"], "mode": "600", "owner": USER, "type": ["file"]},
        {"object": str(place / ODD), "mode": "4750", "acls": ["u:daemon:rx", "m::rwx"]},
        {"object": str(host.root / "srv"), "mode": 711, "type": ["directory"], "pattern": "the*"},
        {"object": str(place / "deep"), "context": {"user": "system_u", "type": "etc_t", "range": "s0"}},
    ]
    document = ensured(host, folder({"files": files_to(host), "permissions": permissions}))
    assert host.run(document, "build")[0] == ""
    assert sorted(path.name for path in place.iterdir()) == sorted([ODD, "deep", "link", "one.py", "two.py"])
    assert (place / ODD).read_text() == ODD and os.readlink(place / "link") == "one.py"
    assert [mode(place / name) for name in ("one.py", "two.py", ODD)] == [0o600, 0o644, 0o4750]
    assert [mode(path) for path in (place, place / "deep", host.root / "srv")] == [0o711, 0o755, 0o755]
    assert host.notes == [
        f"semanage [fcontext] [-a] [-s] [system_u] [-t] [etc_t] [-r] [s0] [{place / 'deep/three.py'}]",
        f"restorecon [-v] [{place / 'deep/three.py'}]",
        f"setfacl [-b] [-n] [-m] [u:daemon:rx,m::rwx] [--] [{place / ODD}]",
    ]


def test_hooks_run_in_their_phases_with_their_environment(host: BuildHost, folder: Folder) -> None:
    hooks = {
        "ApplicationStop": {"location": "stop.sh"},
        "BeforeInstall": [{"location": "a.sh"}, {"location": "/b.sh", "runas": "web'er"}],
        "AfterInstall": {"location": "after.sh"},
        "ApplicationStart": {"location": "start.sh", "timeout": 50},
        "ValidateService": {"location": "check.sh", "timeout": 20},
    }
    scripts = dict.fromkeys(("stop.sh", "a.sh", "b.sh", "after.sh", "start.sh", "check.sh"), "")
    src = folder({"files": files_to(host), "hooks": hooks}, **scripts)
    document = ensured(host, src, application_name="the shop", deployment_group_name="pro'd")
    home = host.root / "opt/slipway" / host.bucket
    assert host.run(document, "build")[0] == ""
    unit = f"slipway-{host.bucket}.service"
    assert host.notes == [
        f"a.sh BeforeInstall of the shop for [pro'd] in {home}",
        f"su [-c] [{home}/b.sh] [--] [web'er]",
        f"b.sh BeforeInstall of the shop for [pro'd] in {home}",
        f"after.sh AfterInstall of the shop for [pro'd] in {home}",
        f"install [-m] [0644] [{home}/.slipway/start.service] [/etc/systemd/system/{unit}]",
        "systemctl [daemon-reload]",
        f"systemctl [enable] [{unit}]",
    ]
    assert f"ExecStart=/bin/bash {home}/.slipway/ApplicationStart\n" in (home / ".slipway/start.service").read_text()
    (host.root / "notes").unlink()
    assert host.run(document, "test")[0] == ""
    check = f"check.sh ValidateService of the shop for [pro'd] in {home}"
    assert host.notes == [f"systemctl [start] [{unit}]", check]
    steps = {step["name"]: step for phase in yaml.safe_load(document)["phases"] for step in phase["steps"]}
    assert [steps[name].get("timeoutSeconds") for name in ("ApplicationStart", "ValidateService")] == [115, 85]


def test_without_a_start_at_boot_the_scripts_run_in_the_test_phase(host: BuildHost, folder: Folder) -> None:
    src = folder({"hooks": {"ApplicationStart": {"location": "start.sh"}}}, **{"start.sh": ""})
    document = ensured(host, src, start_at_boot=False)
    assert "systemctl" not in document
    host.run(document, "build")
    assert host.notes == []
    host.run(document, "test")
    assert [note.split()[0] for note in host.notes] == ["start.sh"]


@pytest.mark.parametrize(
    ("hook", "rest", "said"),
    [
        ({"runas": "web"}, "echo no disk\nexit 3", "x.sh run as user web failed with exit code 3"),
        ({}, "exit 194", "x.sh failed with exit code 194"),  # on which Image Builder would reboot and run it again
        ({"timeout": 1}, "sleep 9", "x.sh failed to complete in 1 seconds"),
    ],
)
def test_a_hook_that_fails_fails_its_step(
    host: BuildHost, folder: Folder, hook: dict[str, t.Any], rest: str, said: str
) -> None:
    hooks = {"AfterInstall": [{"location": "x.sh", **hook}, {"location": "y.sh"}]}
    document = ensured(host, folder({"hooks": hooks}, **{"x.sh": rest, "y.sh": ""}))
    step, output = host.run(document, "build")
    assert step == "AfterInstall" and output.endswith(f"Script at specified location: {said}\n")
    assert "y.sh" not in output


@pytest.mark.parametrize(
    ("behavior", "failed", "text"), [(None, "Install", "old"), ("OVERWRITE", "", "one.py"), ("RETAIN", "", "old")]
)
def test_a_file_of_the_parent_image(
    host: BuildHost, folder: Folder, behavior: str | None, failed: str, text: str
) -> None:
    place = host.root / "srv"
    place.mkdir()
    (place / "one.py").write_text("old")
    permissions = [{"object": str(place), "pattern": "*.py", "mode": "600"}]
    spec = {"files": files_to(host, "srv"), "permissions": permissions}
    document = ensured(host, folder({**spec, **({"file_exists_behavior": behavior} if behavior else {})}))
    step, output = host.run(document, "build")
    assert step == failed and (place / "one.py").read_text() == text
    assert (place / "two.py").exists() is not bool(failed)
    assert (mode(place / "one.py") == 0o600) is (behavior == "OVERWRITE")
    assert (f"A file exists already at {place / 'one.py'}." in output) is bool(failed)


def test_an_object_that_was_exchanged_fails_the_build(host: BuildHost) -> None:
    done = host.ensure(MODULE, {"name": host.bucket, "src": str(STOREFRONT)})
    other = host.ensure(MODULE, {"name": f"{host.bucket}-other", "src": str(STOREFRONT / "app" / "..")})
    body = client("s3").get_object(Bucket=host.bucket, Key=other["bundle"]["key"])["Body"].read()
    client("s3").put_object(Bucket=host.bucket, Key=done["bundle"]["key"], Body=body)
    step, output = host.run(done["component"]["data"], "build")
    assert step == "UnpackBundle" and "is not the bundle that this component was made from" in output
    assert not (host.root / "opt/slipway" / host.bucket).exists()


PLACE = {"source": "my files", "destination": "/srv"}


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"os": "windows"}, "appspec.yml is for Windows"),
        ({"files": [{"source": "my files", "destination": "srv"}]}, "The destination srv is not an absolute path."),
        (
            {"files": [PLACE], "permissions": [{"object": "/srv"}, {"object": "/srv/one.py"}]},
            "The permissions of /srv/one.py are set twice",
        ),
        ({"files": [{"source": "gone", "destination": "/srv"}]}, "The source gone is not in the bundle."),
        ({"hooks": {"AfterInstall": {"location": "a b.sh"}}}, "has a space in its path"),
    ],
)
def test_what_no_build_can_do_is_refused_before_anything_is_written(
    host: BuildHost, folder: Folder, spec: dict[str, t.Any], said: str
) -> None:
    src = folder(spec, **{"a b.sh": ""})
    done = host.ensure(MODULE, {"name": host.bucket, "src": str(src)})
    assert done.failed and said in done.msg and done.writes == []
    assert done.msg.startswith(f"Failed to ensure the component {host.bucket}: ")


def test_names_and_folders_that_are_refused(host: BuildHost, folder: Folder) -> None:
    src = folder({})
    named = host.ensure(MODULE, {"name": "$(id)", "src": str(src)})
    assert named.failed and "name must have 3 to 128 letters" in named.msg
    (src / ".slipway").mkdir()
    (src / ".slipway/x").touch()
    held = host.ensure(MODULE, {"name": host.bucket, "src": str(src)})
    assert held.failed and "src holds .slipway" in held.msg
    assert not host.ensure(MODULE, {"name": host.bucket, "src": str(src), "exclude": [".slipway"]}).failed


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("operation", ["HeadObject", "GetComponent", "PutObject", "CreateComponent"])
def test_every_call_in_every_fault(host: BuildHost, operation: str, fault: str) -> None:
    params = {"name": host.bucket, "src": str(STOREFRONT)}
    faults.add({**FAULTS[fault], "operation": operation})
    struck = host.ensure(MODULE, params)
    faults.remove()
    # Whether an object is there that may not be seen, its upload tells.
    assert struck.failed is not (fault in PASSES or (operation, fault) == ("HeadObject", "denied"))
    if struck.failed:
        is_a_sentence(struck.msg, "Failed to ensure the component ")
    done = host.ensure(MODULE, params)
    assert not done.failed and done.changed is struck.failed, done.msg
    assert done["component"]["arn"].endswith("/1.0.0/1")
    assert not host.ensure(MODULE, params).changed


def test_a_bucket_that_is_missing(host: BuildHost) -> None:
    params = {"name": host.bucket, "src": str(STOREFRONT), "bucket": "not-there"}
    told, done = (host.ensure(MODULE, params, check_mode=check) for check in (True, False))
    assert told.changed and "Bucket not-there does not exist." in told["warnings"][0]
    assert done.failed and "Bucket not-there does not exist." in done.msg and done.writes == []
