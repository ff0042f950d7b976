# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""No text costs more than its length. Calls are counted; what a pattern does within one call would take hours where it is careless."""

from __future__ import annotations

import contextlib
import typing as t

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.nasty import SHAPES, commands, grows_with_its_size, large

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.agent import version_in
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.hints import cause_of
from ansible_collections.slipway.aws.plugins.module_utils._documents import yaml_tree
from ansible_collections.slipway.aws.plugins.module_utils._documents.appspec.problems import appspec_problems
from ansible_collections.slipway.aws.plugins.module_utils._documents.appspec.spec import AppSpecError, parse_appspec
from ansible_collections.slipway.aws.plugins.module_utils._documents.component.digest import document_digest
from ansible_collections.slipway.aws.plugins.module_utils._documents.component.problems import (
    component_document_problems,
)
from ansible_collections.slipway.aws.plugins.module_utils._documents.component.references import in_text
from ansible_collections.slipway.aws.plugins.module_utils._documents.problems import LONGEST, Problem, errors
from ansible_collections.slipway.aws.plugins.module_utils._documents.workflow.problems import (
    workflow_document_problems,
)
from ansible_collections.slipway.aws.plugins.module_utils._text import is_older, shown, shown_line

LARGE = 300_000  # letters: what takes the square of that does not end within the time of a test run
by_shape = pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)


def appspec(text: str) -> list[Problem]:
    with contextlib.suppress(AppSpecError):
        parse_appspec(text)
    return appspec_problems(text)


def component(text: str) -> list[Problem]:
    with contextlib.suppress(yaml_tree.YamlError):
        document_digest(text)
    return component_document_problems(text)


@by_shape
@pytest.mark.parametrize("validator", [appspec, component, workflow_document_problems])
def test_a_validator_takes_any_text_in_its_time(
    validator: t.Callable[[str], list[Problem]], shape: t.Callable[[int], str]
) -> None:
    assert grows_with_its_size(validator, shape)
    for problem in validator(large(validator, shape)):
        for part in problem.path, problem.what, problem.remedy:
            assert len(part) <= 12 * LONGEST and shown_line(part) == part


@pytest.mark.parametrize("name", [name for name in SHAPES if "digits" in name and "quotes" not in name])
def test_a_number_that_is_too_long_is_refused_with_its_line(name: str) -> None:
    text = SHAPES[name](10_000)
    validator = component_document_problems if text.startswith("name: web") else appspec_problems
    found = errors(validator(text))
    line = next(number for number, line in enumerate(text.splitlines(), 1) if len(line) > 5_000)
    assert line in {problem.line for problem in found}


def test_a_document_that_is_too_long_is_refused_with_the_line_where_it_is() -> None:
    text = "# twenty letters ...\n" * 60_000
    (problem,) = appspec_problems(text)
    assert problem.line == yaml_tree.MAX_BYTES // 21 + 1 and "longer than 1048576 bytes" in problem.what


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("{{ a }}", [("a", 0)]),
        ("{{a}}{{b}}", [("a", 0), ("b", 0)]),
        ("{{ {{ a }} }}", [("{{ a", 0)]),
        ("{{\na\n}}\n{{ b }}", [("a", 0), ("b", 3)]),
        ("{{}}", [("", 0)]),
        ("{{}", []),
        ("}} {{", []),
        ("{{{a}}}", [("{a", 0)]),
    ],
)
def test_references_are_found_as_ever(text: str, found: list[tuple[str, int]]) -> None:
    assert list(in_text(text)) == found


@pytest.mark.parametrize(
    "line", ["AppSpec ", "unable to find ", "app spec not ", "Access", "Not ", "a" * 50, "403 ", "\x1b[0m", "\\r"]
)
def test_a_hint_is_found_in_any_log(line: str) -> None:
    for event in ("AfterInstall", "DownloadBundle", "ApplicationStop"):
        assert cause_of(event, "ScriptFailed", line * (LARGE // len(line))).hint


@pytest.mark.parametrize(
    ("said", "hinted"),
    [
        ("The agent could not find the AppSpec file", True),
        ("did not find an AppSpec file within the revision", True),
        ("unable to find appspec.yml", True),
        ("AppSpec\nnot found", False),
        ("AppSpec read", False),
    ],
)
def test_a_bundle_without_an_appspec_is_hinted_at(said: str, hinted: bool) -> None:
    assert (cause_of("BeforeInstall", "UnknownError", said).name == "appspec_missing") is hinted


@pytest.mark.parametrize("text", ["1" * LARGE, "1." * LARGE, "v" * LARGE, "1" * LARGE + ".x"])
def test_a_version_is_looked_for_in_any_text(text: str) -> None:
    assert version_in(text) in (None, text[: text.rfind(".")])
    assert is_older("1.8.1", text) in (True, False)


def test_any_text_is_shown() -> None:
    assert len(shown("\x1b" * LARGE)) == 4 * LARGE
    assert shown("😀\u200d" * LARGE) == ("😀\u200d" * LARGE)[:-1] + r"\u200d"


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(["{{", "}}", "a", " ", "\n", "9", ":", "- ", "*a", "&a ", "[", "{", '"', "!!", "\t", "|"]),
        max_size=60,
    )
)
def test_no_mixture_breaks_a_validator(parts: list[str]) -> None:
    text = "".join(parts)
    for validator in (appspec, component):
        assert isinstance(validator(text), list)
    assert isinstance(component(commands(text.replace('"', ""))), list)
