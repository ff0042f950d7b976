# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""The AppSpec reader of the emulated host agent, against verdicts of the real one."""

from __future__ import annotations

import base64
import importlib
import json
from pathlib import Path
from typing import Any

import pytest

from slipway_emulator.world import install

PROBES = json.loads((Path(__file__).parents[2] / "unit/fixtures/appspec/probes.json").read_text(encoding="utf-8"))
HEAD = "version: 0.0\nos: linux\n"
# What the emulated agent does not read: ACLs, SELinux contexts and ranges.
UNREAD = ("ace-", "acls-", "context-", "range-")


@pytest.fixture(scope="module")
def appspec() -> Any:
    install()
    return importlib.import_module("moto.codedeploy.appspec")


def verdict(appspec: Any, text: str) -> str:
    try:
        appspec.parse(text, "linux")
    except appspec.AppSpecError:
        return "refused"
    return "accepted"


def test_it_never_crashes_and_mostly_agrees_with_the_real_agent(appspec: Any) -> None:
    wrong = []
    for probe in PROBES:
        raw = base64.b64decode(probe["base64"]) if "base64" in probe else probe["text"].encode()
        if verdict(appspec, raw.decode("utf-8", "surrogateescape")) != probe["linux"]:
            wrong.append(probe["name"])
    read = [name for name in wrong if not name.startswith(UNREAD)]
    # the rest are corners of Ruby's YAML: tabs, odd keys, symbols, numbers that only Ruby reads
    assert len(read) < len(PROBES) * 0.06, read


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("version: 0.0\nos: solaris\n", "unsupported operating system (solaris)"),
        ("version: 1.0\nos: linux\n", "an invalid version value (1.0)"),
        ('version: "0.0"\nos: linux\n', "an invalid version value (0.0)"),
        (HEAD + "files:\n- source: a\n", "specifies only a source file (a)"),
        (HEAD + "files:\n- destination: /a\n", "specifies a destination file, but no source file"),
        (HEAD + "hooks:\n  AfterInstall:\n  - runas: root\n", "a script with no location value"),
        (HEAD + "hooks:\n  AfterInstall:\n  - {location: a, timeout: 0}\n", "an invalid timeout value"),
        (HEAD + "hooks: [a]\n", "hooks section"),
        (HEAD + "permissions:\n- mode: 755\n", "has no object value"),
        (HEAD + "permissions:\n- {object: /a, type: [link]}\n", "object type not supported for permissions (link)"),
        (HEAD + "permissions:\n- {object: /a, mode: 789}\n", "invalid mode value (789)"),
        (HEAD + "file_exists_behavior: KEEP\n", "file_exists_behavior: KEEP"),
        (HEAD + "released: 2024-05-01\n", "unspecified class: Date"),
        (HEAD + "a: &x 1\nb: *x\n", "Unknown alias: x"),
        ("[" * 5000, "nested too deeply"),
        ("just text", "undefined method"),
    ],
)
def test_refusals_tell_why(appspec: Any, text: str, message: str) -> None:
    with pytest.raises(appspec.AppSpecError) as refused:
        appspec.parse(text, "linux")
    assert message in str(refused.value)


def test_permissions_are_refused_on_windows(appspec: Any) -> None:
    with pytest.raises(appspec.AppSpecError, match="targeting one or more Windows Server instances"):
        appspec.parse("version: 0.0\nos: windows\npermissions:\n- object: C:\\app\n", "windows")


@pytest.mark.parametrize(
    "text",
    [
        "version:\t0.0 \t# number\nos: linux\t\nhooks:\t\n  AfterInstall:\n  - location: a\t\n    timeout: 5\t \n",
        '{\n\t"version": 0.0,\n\t"os": "linux"\n}\n',
        HEAD + "permissions:\n- {object: false, mode: ''}\n",
    ],
    ids=["tabs after words", "tabs in braces", "odd but given"],
)
def test_what_the_agent_puts_up_with(appspec: Any, text: str) -> None:
    assert verdict(appspec, text) == "accepted"


def test_tabs_do_not_indent(appspec: Any) -> None:
    with pytest.raises(appspec.AppSpecError, match="at line 4 column 1"):
        appspec.parse(HEAD + "hooks:\n\tAfterInstall:\n", "linux")


def test_what_is_read(appspec: Any) -> None:
    text = HEAD + "hooks:\n  Weird:\n  - {location: ' a b ', timeout: '20s', runas: 7}\n  BeforeInstall:\n---\nmore\n"
    parsed = appspec.parse(text, "linux")
    assert parsed["hooks"] == {"Weird": [{"location": "a b", "timeout": 20, "runas": "7"}], "BeforeInstall": []}


@pytest.mark.parametrize(
    ("source", "destination", "paths"),
    [
        ("/", "/srv", ["/srv/app/a.txt", "/srv/b.txt"]),
        ("app", "/srv", ["/srv/a.txt"]),
        ("/app/", "/srv/", ["/srv/a.txt"]),
        ("b.txt", "/srv", ["/srv/b.txt"]),
    ],
)
def test_where_files_go(appspec: Any, source: str, destination: str, paths: list[str]) -> None:
    spec = {"files": [{"source": source, "destination": destination}]}
    assert appspec.installed_paths(spec, ["app/a.txt", "b.txt"]) == paths


def test_two_files_for_one_place(appspec: Any) -> None:
    spec = {"files": [{"source": "b.txt", "destination": "/srv"}, {"source": "/", "destination": "/srv"}]}
    with pytest.raises(appspec.AppSpecError, match=r"/srv/b\.txt"):
        appspec.installed_paths(spec, ["b.txt"])
