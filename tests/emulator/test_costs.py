# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""No text of a user costs the emulator more than its length, and none makes it fail."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from support.nasty import SHAPES, grows_with_its_size, large

from slipway_emulator import console, yaml_reader
from slipway_emulator.contents import Contents
from slipway_emulator.hosts import Host
from slipway_emulator.machine import shell_text
from slipway_emulator.machine.interpreter import MOST_COMMANDS, Interpreter
from slipway_emulator.machine.machine import Machine
from slipway_emulator.machine.powershell import PowerShell
from slipway_emulator.machine.userdata import scripts_of
from slipway_emulator.services.codedeploy.appspec import AppSpecError, parse
from slipway_emulator.services.imagebuilder import documents
from slipway_emulator.services.imagebuilder.exceptions import InvalidParameterValueException

SCRIPTS: dict[str, Callable[[int], str]] = {
    "conditions": lambda size: "if true; then\n" * (size // 18) + "fi\n" * (size // 18),
    "then and then": lambda size: "if true\n" + "then " * (size // 5),
    "else and then": lambda size: "if true\n" + "else then " * (size // 10),
    "groups": lambda size: "(" * (size // 2) + "true" + ")" * (size // 2),
    "substitutions": lambda size: "echo " + "$(" * (size // 3) + ")" * (size // 3),
    "open substitutions": lambda size: "a=" + "$(" * (size // 2),
    "open braces": lambda size: "echo " + "${a:-" * (size // 5),
    "open quotes": lambda size: "echo " + "\"a'" * (size // 6 * 2 + 1),
    "here-documents": lambda size: "cat <<EOF\n" * (size // 10),
    "here-documents that end": lambda size: "cat <<EOF\na\nEOF\n" * (size // 16),
    "a variable of itself": lambda size: "a=x\n" + 'a="$a$a"\n' * (size // 9) + "echo $a\n",
    "pipes": lambda size: "true" + "|true" * (size // 5),
    "redirections": lambda size: "true " + "> a " * (size // 4),
    "angles": lambda size: "true " + ">" * size,
    "continued lines": lambda size: "\\\n" * (size // 2),
    "words": lambda size: "echo " + "a " * (size // 2),
    "a word": lambda size: "echo " + "a" * size,
    "comments": lambda size: "# a\n" * (size // 4),
    "commands": lambda size: "true\n" * (size // 5),
    "functions": lambda size: "f() { true; }\n" * (size // 14),
    "an exit": lambda size: "exit " + "9" * size,
    "branches": lambda size: "if ($false) { 1 }" + " elseif ($false) { 1 }" * (size // 23),
    "branches in branches": lambda size: "if ($true) { " * (size // 14) + "}" * (size // 14),
    "block comments": lambda size: "<# " * (size // 3),
    "a variable of itself in PowerShell": lambda size: "$a = 'x'\n" + '$a = "$a$a"\n' * (size // 12) + "$a\n",
    "negations": lambda size: "!" * size,
    "comparisons": lambda size: "$a -eq 1 -and " * (size // 14) + "$true",
    "strings": lambda size: "'a' " * (size // 4),
    "a case": lambda size: "case a in\n" + "b) true ;;\n" * (size // 11) + "esac\n",
}


def on_a_machine(script: str) -> None:
    Machine(Contents()).run_script(script)


def on_a_console(script: str) -> None:
    console.run(Host("i-1", "123456789012", "eu-west-1", "ami-1", Contents(), 0.0), script)


def in_power_shell(script: str) -> None:
    PowerShell(Machine(Contents())).run(script)


def refused(read: Callable[[str], Any], *kinds: type[Exception]) -> Callable[[str], None]:
    """Reads, and takes a refusal for an answer."""

    def call(text: str) -> None:
        with contextlib.suppress(*kinds):
            read(text)

    return call


READERS = {
    "appspec": refused(parse, AppSpecError),
    "component": refused(lambda text: documents.component(text, "Linux"), InvalidParameterValueException),
    "workflow": refused(documents.workflow, InvalidParameterValueException),
    "cloud-config": lambda text: list(scripts_of(f"#cloud-config\n{text}", {})),
    "mail": lambda text: list(scripts_of(f"MIME-Version: 1.0\n{text}", {})),
}
SHELLS: dict[str, Callable[[str], Any]] = {
    "shell": refused(shell_text.parse, shell_text.Unreadable),
    "machine": on_a_machine,
    "console": on_a_console,
    "PowerShell": in_power_shell,
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
def test_a_document_is_read_in_its_time(read: Callable[[str], Any], shape: Callable[[int], str]) -> None:
    assert grows_with_its_size(read, shape)
    read(large(read, shape))


@pytest.mark.parametrize("shape", SCRIPTS.values(), ids=SCRIPTS)
@pytest.mark.parametrize("read", SHELLS.values(), ids=SHELLS)
def test_a_script_is_read_in_its_time(read: Callable[[str], Any], shape: Callable[[int], str]) -> None:
    assert grows_with_its_size(read, shape)
    read(large(read, shape))


def test_functions_that_call_each_other_ever_more_often_come_to_an_end() -> None:
    pairs = "".join(f"f{number}() {{ f{number - 1}; f{number - 1}; }}\n" for number in range(1, 60))
    for script in (f"f0() {{ true; }}\n{pairs}f59\n", "f() { f; f; f; f; f; }\nf\n"):
        shell = Interpreter(Machine(Contents()))
        shell.run(script)
        assert MOST_COMMANDS < next(shell.numbers) < 100 * MOST_COMMANDS


@pytest.mark.parametrize("pattern", ["(a+)+b", "(a|a)*b", "a*a*a*a*b"])
def test_a_pattern_of_a_script_takes_no_more_than_its_time(pattern: str) -> None:
    """Such a pattern is not tried, so what follows it may happen."""
    machine = Machine(Contents())
    machine.run_script(f"if [[ {'a' * 5000} =~ {pattern} ]]; then yum install -y tree; fi\n")
    assert "tree" in machine.contents.packages


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 1\nb: " + "9" * 2000, 2),
        ("a: 1\nb: " + "[" * 200, 2),
        ("a: &a [x]\nb: &b [*a, *b]", 2),
        ("\n".join(["a0: &a0 [x]", *(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 40))]), 17),
    ],
)
def test_what_is_beyond_the_bounds_is_refused_at_its_line(text: str, line: int) -> None:
    with pytest.raises(yaml.MarkedYAMLError) as refusal:
        yaml_reader.load(text)
    assert refusal.value.problem_mark.line + 1 == line


def test_what_is_within_the_bounds_is_read() -> None:
    merged = yaml_reader.load("a: &a {x: 1}\nb: {<<: *a, y: 2}\nc: [*a, *a]\nd: 190:20:30")
    assert merged == {"a": {"x": 1}, "b": {"x": 1, "y": 2}, "c": [{"x": 1}, {"x": 1}], "d": 685230}
    with pytest.raises(yaml.YAMLError):
        yaml_reader.load("a: 2026-99-99")


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "if ",
                "then ",
                "fi\n",
                "$(",
                ")",
                "${a",
                "}",
                '"',
                "'",
                "<<EOF",
                "\n",
                "EOF",
                ";",
                "|",
                "&&",
                "a",
                " ",
                "=",
                "²",
                "[ ",
                "exit ",
            ]
        ),
        max_size=40,
    )
)
def test_no_mixture_breaks_a_shell(parts: list[str]) -> None:
    for read in SHELLS.values():  # whatever it makes of them, it raises nothing
        read("".join(itertools.chain(parts)))
