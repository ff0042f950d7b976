# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What `make test` runs, as data. The longest come first, so that all workers end together."""

from __future__ import annotations

from dataclasses import dataclass, replace

import toolenv


@dataclass(frozen=True)
class Step:
    """One check. It passes when its command ends with status 0 and, if it is pytest, skipped nothing."""

    name: str
    command: tuple[str, ...]
    # Paths or patterns below the checkout without which the step would check nothing, and therefore fails.
    inputs: tuple[str, ...] = ()
    # Works in a copy: the tool leaves files behind, or wants a path that ends in ansible_collections/slipway/aws.
    in_copy: bool = False
    needs_root: bool = False
    # Waits for a network or a machine more than it computes, and therefore runs beside the others.
    waits: bool = False
    # Seconds after which it is ended and has failed: something in it waits for what never comes.
    limit: int = 3600
    is_pytest: bool = False
    groups: frozenset[str] = frozenset()
    # Runs only when its group or its name is asked for.
    on_request: bool = False


def _pytest(name: str, path: str, *switches: str) -> Step:
    report = toolenv.BUILD / "test" / f"{name}.xml"
    command = ("python", "-m", "pytest", "-q", "--color=no", f"--junitxml={report}", path, *switches)
    inputs = (path if path.endswith(".py") else f"{path}/**/test_*.py",)
    return Step(name, command, inputs=inputs, is_pytest=True)


def _whole(name: str, path: str) -> Step:
    """The same with all that it leaves out because other tests notice most of it."""
    step = _pytest(name, path)
    return replace(step, command=("env", "WHOLE_STORY=1", *step.command), on_request=True)


def _tool(script: str, *arguments: str) -> tuple[str, ...]:
    return ("python", str(toolenv.ROOT / "tools" / script), *arguments)


LINT = frozenset({"lint"})
QUICK = frozenset({"lint", "quick"})
MYPY = (".venv/collections/ansible_collections/slipway/aws/plugins/module_utils", "emulator/slipway_emulator")

# Two thirds of all Python, of which nothing is released. The step whole-sanity looks at it, too.
TESTS = (
    "benchmarks/",
    "cli/",
    "collection/",
    "conftest.py",
    "emulator/",
    "host/",
    "playbooks/",
    "stories/",
    "support/",
    "unit/",
)
APART = ("emulator/", "tools/", *(f"tests/{name}" for name in TESTS))
MAIN_JOB = "tests/playbooks/test_main_job.py"
BOTH_WAYS = "tests/playbooks/test_both_ways.py"

STEPS = (
    _pytest("playbooks", "tests/playbooks", f"--ignore={MAIN_JOB}", f"--ignore={BOTH_WAYS}"),
    # One story of some twenty whole plays, about half a second a task.
    _pytest("main-job", MAIN_JOB),
    Step("integration", _tool("integration.py"), inputs=("tests/integration/targets/*/tasks/main.yml",), in_copy=True),
    Step("agent-host", ("python", "tests/host/run.py"), inputs=("tests/host/run.py",), needs_root=True, waits=True),
    _pytest("unit", "tests/unit"),
    Step("other-cores", _tool("cores.py"), inputs=("tools/cores/*.txt",)),
    Step("whole-cores", _tool("cores.py", "--whole"), inputs=("tools/cores/*.txt",), on_request=True),
    _pytest("both-ways", BOTH_WAYS),
    _whole("whole-both-ways", BOTH_WAYS),
    _whole("whole-partitions", "tests/playbooks/test_partitions.py"),
    _whole("whole-blue-green", "tests/playbooks/test_blue_green.py"),
    _whole("whole-killed", "tests/playbooks/test_killed.py"),
    _whole("whole-image-faults", "tests/unit/plugins/modules/test_image_faults.py"),
    _whole("whole-image-sets", "tests/unit/plugins/modules/test_imagebuilder_public_sets.py"),
    _pytest("emulator", "tests/emulator"),
    Step(
        "sanity",
        _tool("sanity.py", *(word for path in APART for word in ("--exclude", path))),
        inputs=("galaxy.yml",),
        in_copy=True,
    ),
    Step("whole-sanity", _tool("sanity.py"), inputs=("galaxy.yml",), in_copy=True, on_request=True),
    # The other roles do the same in their integration targets; their scenarios are for those who work on a role.
    Step(
        "molecule",
        _tool("scenarios.py", "codedeploy_agent"),
        inputs=("extensions/molecule/*/molecule.yml",),
        in_copy=True,
    ),
    Step(
        "scenarios",
        _tool("scenarios.py"),
        inputs=("extensions/molecule/*/molecule.yml",),
        in_copy=True,
        on_request=True,
    ),
    # Whole demonstrations, a minute or more each; what their plays do is tested by the step playbooks.
    replace(_pytest("stories", "tests/stories"), on_request=True),
    Step("aws-cli", ("python", "tests/cli/run.py"), inputs=("tests/cli/*.py",), waits=True),
    Step("moto-suite", ("python", "tests/emulator/moto_suite/run.py"), inputs=("tests/emulator/moto_suite/*.yml",)),
    Step(
        "ansible-lint", ("ansible-lint", "--offline", "--nocolor"), inputs=(".ansible-lint",), in_copy=True, groups=LINT
    ),
    Step("importer", _tool("importer.py"), inputs=("galaxy.yml",), in_copy=True),
    _pytest("collection", "tests/collection"),
    Step("docs", _tool("docs.py"), inputs=("docs/docsite/*.yml", "plugins/modules/*.py"), in_copy=True, groups=LINT),
    Step("changed", _tool("changed.py"), groups=frozenset({"quick"}), on_request=True),
    Step(
        "mypy", ("mypy", *MYPY), inputs=("plugins/module_utils/*/*.py", "emulator/slipway_emulator/*.py"), groups=QUICK
    ),
    Step("mypy-tools", ("mypy", "tools"), inputs=("tools/*.py",), groups=QUICK),
    Step("changelog", ("antsibull-changelog", "lint"), inputs=("changelogs/config.yaml",), in_copy=True, groups=LINT),
    Step("yamllint", ("yamllint", "--strict", "."), inputs=(".yamllint",), in_copy=True, groups=LINT),
    Step(
        "ruff-format",
        ("ruff", "format", "--check", "--output-format=concise", "."),
        inputs=("pyproject.toml",),
        groups=QUICK,
    ),
    Step("ruff-check", ("ruff", "check", "--output-format=concise", "."), inputs=("pyproject.toml",), groups=QUICK),
)
