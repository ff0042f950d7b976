# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The AppSpec validator against the verdicts of the host agent's parser, and what it says beyond a verdict.

The verdicts in fixtures/appspec/probes.json come from the parser's rules (agent 1.8) run under Ruby 3.1 with Psych 4.0.3;
`linux` and `windows` are the verdicts on a host of that system, `lines` the lines at fault.
"""

from __future__ import annotations

import base64
import json
import typing as t
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.slipway.aws.plugins.module_utils._documents import yaml_tree
from ansible_collections.slipway.aws.plugins.module_utils._documents.appspec.problems import appspec_problems
from ansible_collections.slipway.aws.plugins.module_utils._documents.appspec.spec import (
    AppSpecError,
    Script,
    parse_appspec,
)
from ansible_collections.slipway.aws.plugins.module_utils._documents.problems import errors, sentence, warnings

PROBES = json.loads((Path(__file__).parents[3] / "fixtures" / "appspec" / "probes.json").read_text(encoding="utf-8"))
HEAD = "version: 0.0\nos: linux\n"
# The parser in Python, used where PyYAML has no libyaml, differs from it in this.
ONLY_WITH_LIBYAML = {"unknown-directive"}


def content(probe: dict[str, t.Any]) -> bytes:
    return base64.b64decode(probe["base64"]) if "base64" in probe else probe["text"].encode()


def verdict(text: str | bytes, os: str) -> str:
    return "refused" if errors(appspec_problems(text, os=os)) else "accepted"


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe["name"])
def test_it_agrees_with_the_agent_and_names_the_line(probe: dict[str, t.Any]) -> None:
    raw = content(probe)
    assert {os: verdict(raw, os) for os in ("linux", "windows")} == {os: probe[os] for os in ("linux", "windows")}
    assert sorted({problem.line for problem in errors(appspec_problems(raw))}) == probe["lines"]


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe["name"])
def test_text_and_bytes_are_judged_alike(probe: dict[str, t.Any]) -> None:
    raw = content(probe)
    assert appspec_problems(raw.decode("utf-8", "surrogateescape")) == appspec_problems(raw)


def test_without_libyaml_the_verdicts_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(yaml, "CBaseLoader", raising=False)
    different = {probe["name"] for probe in PROBES if verdict(content(probe), "linux") != probe["linux"]}
    assert different == ONLY_WITH_LIBYAML


def test_without_pyyaml_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_tree, "HAS_YAML", False)
    assert [sentence(problem) for problem in appspec_problems(HEAD)] == [
        "The AppSpec is not readable as YAML: PyYAML is missing. Install PyYAML for the Python that runs the module."
    ]


@given(st.one_of(st.text(), st.binary(), st.text("versionlux:0.-[]{}'\"&*!|>#% \n\t")))
def test_no_text_makes_it_raise(text: str | bytes) -> None:
    lines = yaml_tree.to_bytes(text).count(b"\n") + yaml_tree.to_bytes(text).count(b"\r") + 2
    for problem in appspec_problems(text):
        assert problem.what.endswith(".")
        assert problem.remedy.endswith(".")
        assert problem.line is None or 1 <= problem.line <= lines + 1


def texts(text: str | bytes, **options: t.Any) -> list[str]:
    return [f"{problem.level} {sentence(problem)}" for problem in appspec_problems(text, **options)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(
            'version: "0.0"\nos: linux\n',
            'error line 1, version: version is the text "0.0", but the agent accepts only the number 0.0. '
            "Write version: 0.0 without quotes.",
            id="version in quotes",
        ),
        pytest.param(
            "version: 0.0\nResources:\n  - web: {}\n",
            "error line 1, os: os is missing: with Resources this is the AppSpec of an ECS or Lambda deployment, "
            "not of a server. Deploy it with an ECS or Lambda application; for servers write os, files and hooks.",
            id="ECS",
        ),
        pytest.param(
            HEAD + "hooks:\n\tAfterInstall: []\n",
            "error line 4: The AppSpec is not readable as YAML: found character that cannot start any token while "
            "scanning for the next token. Indent with spaces: YAML does not allow tabs there.",
            id="tab",
        ),
        pytest.param(
            HEAD + "files:\n  - source:/\n    destination: /srv\n",
            "error line 5: The AppSpec is not readable as YAML: mapping values are not allowed in this context. "
            "Put a space after the colon on line 4.",
            id="no space after the colon",
        ),
        pytest.param(
            HEAD + "hooks:\n  AfterInstall:\n    - location: a\n      runas:app\n  ApplicationStop:\n",
            "error line 6: The AppSpec is not readable as YAML: could not find expected ':' while scanning a simple key "
            "(noticed on line 7). Put a space after the colon on line 6.",
            id="no space after the last colon",
        ),
        pytest.param(
            HEAD + "hooks:\n  AfterInstall:\n    -location: a\n      timeout: 5\n",
            "error line 6: The AppSpec is not readable as YAML: mapping values are not allowed in this context. "
            "Put a space after the dash on line 5.",
            id="no space after the dash",
        ),
        pytest.param(
            HEAD + "hooks\n  AfterInstall: []\n",
            "error line 3: The AppSpec is not readable as YAML: could not find expected ':' while scanning a simple key "
            "(noticed on line 4). Put a colon at the end of line 3.",
            id="no colon",
        ),
        pytest.param(
            HEAD + "permissions:\n  - object: /srv\n    mode: 0755\n",
            "error line 5, permissions[0].mode: mode is the number 493 (YAML reads the unquoted 0755 as octal); the "
            'agent takes one to four digits from 0 to 7. Put it in quotes: "0755".',
            id="octal mode",
        ),
        pytest.param(
            HEAD + "permissions:\n  - object: /srv\n    mode: 0644\n",
            "warning line 5, permissions[0].mode: YAML reads the unquoted mode 0644 as the number 420, and the agent "
            'sets mode 420. Put it in quotes: "0644".',
            id="octal mode that passes",
        ),
        pytest.param(
            HEAD + "hooks:\n  AfterInstal:\n    - location: a\n",
            "warning line 4, hooks.AfterInstal: AfterInstal is not a lifecycle event: its scripts never run, and the "
            "Install event may fail on it. Use one of ApplicationStop, BeforeInstall, AfterInstall, ApplicationStart, ValidateService, BeforeBlockTraffic, "
            "AfterBlockTraffic, BeforeAllowTraffic, AfterAllowTraffic.",
            id="unknown event",
        ),
        pytest.param(
            HEAD + "hooks:\n  AfterInstall:\n    - {location: a, timeout: 3000}\n    - {location: b, timeout: 601}\n",
            "warning line 4, hooks.AfterInstall: The scripts of AfterInstall have timeouts of 3601 seconds in total, but an event ends "
            "after 3600. Lower the timeouts so that their sum is at most 3600.",
            id="more than an hour",
        ),
        pytest.param(
            HEAD + "files:\n  - source: /\n    destination: /srv\n    file_exists_behavior: OVERWRITE\n",
            "warning line 6, files[0].file_exists_behavior: file_exists_behavior has no meaning to the agent here and is "
            "ignored. Move file_exists_behavior to the top level of the AppSpec.",
            id="behavior in the wrong place",
        ),
        pytest.param(
            HEAD + "---\nos: windows\n",
            "warning line 3: Another YAML document begins here; the agent reads only the first. Keep one document.",
            id="second document",
        ),
        pytest.param(
            HEAD + "hooks:\n  AfterInstall:\n    - location: a\n      runas: ''\n",
            "warning line 6, hooks.AfterInstall[0].runas: runas is empty, and the agent would change to a user without "
            "a name. Name a user, or remove runas.",
            id="nobody",
        ),
        pytest.param(
            "version: 0.0\nos: windows\nhooks:\n  AfterInstall:\n    - location: a\n      runas: x\n",
            "warning line 6, hooks.AfterInstall[0].runas: runas is not supported on Windows; scripts run as the agent's "
            "own account. Remove runas.",
            id="runas on Windows",
        ),
        pytest.param(
            HEAD + "os: linux\n",
            "warning line 3, os: os is given twice in one map; only this last one counts. Join the two into one.",
            id="key twice",
        ),
        pytest.param(
            HEAD + "files:\n  - source: build/*.jar\n    destination: /srv\n",
            "warning line 4, files[0].source: source holds a wildcard, which the agent does not expand. Name the file, "
            "or the directory that holds the files.",
            id="wildcard",
        ),
    ],
)
def test_what_it_says(text: str, said: str) -> None:
    assert texts(text) == [said]


def test_what_follows_on_the_same_line_hides_no_error() -> None:
    assert [(problem.level, problem.line, problem.path) for problem in appspec_problems('{"os": "linux"} }\n')] == [
        ("warning", 1, ""),
        ("error", 1, "version"),
    ]


def test_a_byte_order_mark_is_named_as_the_cause() -> None:
    first = appspec_problems("\ufeff" + HEAD)[0]
    assert (first.level, first.line) == ("error", 1)
    assert "byte order mark" in first.what
    assert [problem.level for problem in appspec_problems("\ufeff# a comment first\n" + HEAD)] == ["warning"]


def test_the_other_system_is_refused_when_the_hosts_are_known() -> None:
    assert appspec_problems(HEAD, os="linux") == []
    assert texts(HEAD, os="windows") == [
        "error line 2, os: os is linux, but the hosts run windows. Write os: windows, or deploy to linux hosts."
    ]


BUNDLE = ("appspec.yml", "scripts/start.sh", "web/index.html", "web/img/logo.png", "app.conf", "scripts/My.ps1")


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("hooks:\n  AfterInstall:\n    - location: scripts/start.sh\n", []),
        ("hooks:\n  AfterInstall:\n    - location: /./scripts//start.sh\n", []),
        ("hooks:\n  AfterInstall:\n    - location: start.sh\n", [(5, "The script start.sh is not in the bundle.")]),
        ("hooks:\n  AfterInstall:\n    - location: scripts\n", [(5, "The script scripts is a directory.")]),
        ("hooks:\n  AfterInstall:\n    - location: ../x.sh\n", [(5, "The script ../x.sh is outside the bundle.")]),
        ("files:\n  - source: /\n    destination: /srv\n", []),
        ("files:\n  - source: web/img/\n    destination: /srv\n", []),
        ("files:\n  - source: dist\n    destination: /srv\n", [(4, "The source dist is not in the bundle.")]),
        ("files:\n  - source: ../web\n    destination: /srv\n", [(4, "The source ../web is not in the bundle.")]),
        (
            "files:\n  - source: web\n    destination: /srv\n  - source: web/index.html\n    destination: /srv/\n",
            [(6, "/srv/index.html comes from web and from web/index.html; the Install event fails on it.")],
        ),
        (
            "files:\n  - source: app.conf\n    destination: /etc/app.conf\n",
            [(5, "destination is a directory: the file becomes /etc/app.conf/app.conf.")],
        ),
        (
            "files:\n  - {source: app.conf, destination: /etc}\n"
            "permissions:\n  - object: /etc/app.conf\n    pattern: '*'\n    acls: ['d:u:dev:r']\n",
            [
                (7, "object is a single file, for which pattern cannot be used; the Install event fails on it."),
                (8, "object is a single file, for which default acls cannot be used; the Install event fails on it."),
            ],
        ),
        (
            "files:\n  - {source: app.conf, destination: /etc}\n"
            "permissions:\n  - {object: /etc/app.conf, pattern: '*', type: [directory]}\n",
            [],
        ),
    ],
)
def test_the_bundle_is_considered_when_given(body: str, found: list[tuple[int, str]]) -> None:
    assert [(problem.line, problem.what) for problem in appspec_problems(HEAD + body, files=BUNDLE)] == found


START = "hooks:\n  AfterInstall:\n    - location: scripts/start.sh\n"


@pytest.mark.parametrize(
    ("beginning", "why"),
    [
        (b"#!/bin/sh\r\necho\r\n", 'Linux looks for an interpreter named "/bin/sh<CR>"'),
        (b"#! /bin/bash\r", 'Linux looks for an interpreter named "/bin/bash<CR>"'),
        (b"#!\r\n", 'Linux looks for an interpreter named "<CR>"'),
        (b"#!/bin/sh\recho one line of an old Mac\r", 'Linux looks for an interpreter named "/bin/sh<CR>"'),
        (b"#!/usr/bin/env bash\r\n", 'env looks for a command named "bash<CR>"'),
        (b"#!/usr/bin/env -S python3 -u\r\n", 'env looks for a command named "-S python3 -u<CR>"'),
        (b"#!/bin/bash -e\r\n", 'bash is given the argument "-e<CR>"'),
        (b"#!/bin/sh \r\n", 'sh is given the argument "<CR>"'),
        (b"#!\t/usr/bin/python3\t-u\r\n", 'python3 is given the argument "-u<CR>"'),
        (b"#!/usr/bin/perl -w\r\n", ""),
        (b"#!/bin/sh\necho\r\n", ""),
        (b"#!/bin/sh", ""),
        (b"", ""),
        (b"echo no shebang\r\n", ""),
        (b" #!/bin/sh\r\n", ""),
        (b"\x7fELF\r\n", ""),
        (b"#!/bin/sh" + b"x" * 300 + b"\r\n", ""),
        (b"#!/bin/\xff\r\n", 'Linux looks for an interpreter named "/bin/\ufffd<CR>"'),
    ],
)
def test_scripts_that_linux_cannot_start_are_refused(beginning: bytes, why: str) -> None:
    asked: list[str] = []

    def read(path: str) -> bytes:
        asked.append(path)
        return beginning

    found = appspec_problems(HEAD + START, files=BUNDLE, read=read)
    assert asked == ["scripts/start.sh"]
    wrong = [(p.line, p.path, p.level, p.what) for p in found]
    what = f"The script scripts/start.sh cannot start on Linux: its first line ends in a carriage return, so {why}."
    assert wrong == ([(5, "hooks.AfterInstall[0].location", "error", what)] if why else [])
    assert all(p.remedy == f"Save it with Unix line endings (LF), {p.remedy.partition(', ')[2]}" for p in found)


def test_scripts_of_windows_are_not_read() -> None:
    text = "version: 0.0\nos: windows\n" + START.replace("start.sh", "my.ps1")
    assert appspec_problems(text, files=BUNDLE, read=lambda _path: pytest.fail("read")) == []


def test_a_blank_in_the_path_of_a_script() -> None:
    body = "hooks:\n  AfterInstall:\n    - location: my hooks/start it.sh\n"
    (problem,) = appspec_problems(HEAD + body, files=["my hooks/start it.sh"])
    assert "the agent would start my, which is not in the bundle" in problem.what
    assert appspec_problems(HEAD + body, files=["my hooks/start it.sh", "my"]) == []
    windows = appspec_problems((HEAD + body).replace("linux", "windows"), files=["my hooks/start it.sh"])
    assert windows == []


def test_paths_on_windows_take_both_separators_and_any_case() -> None:
    text = "version: 0.0\nos: windows\nfiles:\n  - source: \\Web\n    destination: C:\\x\nhooks:\n  AfterInstall:\n"
    assert appspec_problems(text + "    - location: Scripts\\my.PS1\n", files=BUNDLE) == []


def test_parse_gives_what_the_appspec_says() -> None:
    spec = parse_appspec(
        HEAD + "file_exists_behavior: RETAIN\nfiles:\n  - source: /\n    destination: /srv\n"
        'hooks:\n  BeforeInstall:\n  AfterInstall:\n    - location: " a.sh "\n      timeout: "90s"\n      runas: app\n'
        "    - location: b.sh\n"
    )
    assert (spec.os, spec.file_exists_behavior) == ("linux", "RETAIN")
    assert [(item.source, item.destination, item.line) for item in spec.files] == [("/", "/srv", 5)]
    assert dict(spec.hooks) == {
        "BeforeInstall": (),
        "AfterInstall": (Script("a.sh", 90, "app", 10), Script("b.sh", 3600, None, 13)),
    }


def test_parse_refuses_with_every_reason() -> None:
    with pytest.raises(AppSpecError) as refused:
        parse_appspec("version: 1\nos: linux\nhooks:\n  AfterInstall: x\n")
    assert [problem.line for problem in refused.value.problems] == [1, 4]
    assert str(refused.value).startswith("appspec.yml, line 1, version: version is the number 1,")


def test_warnings_and_errors_are_told_apart() -> None:
    found = appspec_problems("version: 1\nos: linux\nx: 1\n")
    assert [problem.path for problem in errors(found)] == ["version"]
    assert [problem.path for problem in warnings(found)] == ["x"]
