# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""`make test` can be trusted: it notices what failed, what was skipped and what had nothing to check."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.collection.package import ROOT

SUITE = (
    '<testsuites><testsuite tests="{tests}" failures="{failures}" errors="{errors}" skipped="{skipped}"/></testsuites>'
)
RUNNER = """
import sys
sys.path.insert(0, {tools!r})
import check, toolenv
from pathlib import Path
from steps import Step

toolenv.ROOT = Path({root!r})
check.LOGS = Path({root!r}) / "logs"
check.LOGS.mkdir()
check.os.geteuid = lambda: 1000
steps = {steps}
sys.exit(check.summarize(check.Runner(steps).run(), 1))
"""


def run_steps(steps: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """The runner itself, on other steps than its own."""
    program = RUNNER.format(tools=str(ROOT / "tools"), root=str(folder), steps=steps)
    return subprocess.run([sys.executable, "-B", "-c", program], capture_output=True, text=True, check=False)


def writes_report(folder: Path, status: int = 0, tests: int = 3, failures: int = 0, skipped: int = 0) -> str:
    report = SUITE.format(tests=tests, failures=failures, errors=0, skipped=skipped)
    code = f"import pathlib, sys; pathlib.Path({str(folder / 'logs' / 'unit.xml')!r}).write_text({report!r}); sys.exit({status})"
    return f"[Step('unit', (sys.executable, '-c', {code!r}), is_pytest=True)]"


def test_steps_that_pass_are_counted(tmp_path: Path) -> None:
    done = run_steps("[Step('one', ('true',)), Step('two', ('true',)), Step('three', ('true',))]", tmp_path)
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1] == "3 passed, 0 failed"


def test_the_log_of_a_failed_step_is_shown(tmp_path: Path) -> None:
    done = run_steps("[Step('one', ('true',)), Step('two', ('sh', '-c', 'echo the reason; exit 3'))]", tmp_path)
    assert done.returncode == 1
    assert "the reason" in done.stdout
    assert "FAILED   two: status 3" in done.stdout
    assert done.stdout.splitlines()[-1] == "1 passed, 1 failed"


def test_a_step_without_its_inputs_fails(tmp_path: Path) -> None:
    done = run_steps("[Step('one', ('true',), inputs=('roles/*',))]", tmp_path)
    assert done.returncode == 1
    assert "FAILED   one: nothing to check: there is no roles/*" in done.stdout


def test_a_program_that_is_not_there_fails(tmp_path: Path) -> None:
    done = run_steps("[Step('one', ('no-such-program',))]", tmp_path)
    assert done.returncode == 1
    assert "could not be started" in done.stdout


def test_a_step_that_never_ends_is_ended(tmp_path: Path) -> None:
    done = run_steps("[Step('one', ('sh', '-c', 'sleep 1000'), limit=1)]", tmp_path)
    assert done.returncode == 1
    assert "FAILED   one: ended after 1 s, its limit" in done.stdout


def test_what_needs_root_is_announced_and_not_counted(tmp_path: Path) -> None:
    done = run_steps("[Step('one', ('true',)), Step('host', ('false',), needs_root=True)]", tmp_path)
    assert done.returncode == 0
    assert "NOT RUN  host: needs root" in done.stdout
    assert "1 of 2 steps passed" in done.stdout
    assert done.stdout.splitlines()[-1] == "1 passed, 0 failed"


def test_tests_are_counted_one_by_one(tmp_path: Path) -> None:
    done = run_steps(writes_report(tmp_path), tmp_path)
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1] == "3 passed, 0 failed"


def test_a_skipped_test_fails_its_step(tmp_path: Path) -> None:
    done = run_steps(writes_report(tmp_path, skipped=1), tmp_path)
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == "2 passed, 1 failed"


def test_pytest_that_ends_badly_without_a_failed_test_fails(tmp_path: Path) -> None:
    done = run_steps(writes_report(tmp_path, status=5, tests=0), tmp_path)
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == "0 passed, 1 failed"


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"PYTHON": "/no/such/python"}, "PYTHON=/no/such/python does not start a Python 3.11 or newer."),
        ({}, "No working Python 3.11 or newer was found"),
    ],
)
def test_set_up_says_plainly_what_is_missing(environment: dict[str, str], sentence: str, tmp_path: Path) -> None:
    for tool in ("dirname", "grep", "head", "tr", "sh"):
        (tmp_path / tool).symlink_to(next(path for path in which(tool)))
    settings = {"PATH": str(tmp_path), "HOME": str(tmp_path), **environment}
    command = [str(tmp_path / "sh"), str(ROOT / "tools" / "run.sh")]
    done = subprocess.run(command, env=settings, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert sentence in done.stderr


def test_an_activated_environment_is_not_what_it_is_made_anew_with(tmp_path: Path) -> None:
    for tool in ("dirname", "grep", "head", "tr", "sh"):
        (tmp_path / tool).symlink_to(next(path for path in which(tool)))
    settings = {"PATH": f"{ROOT / '.venv' / 'bin'}:{tmp_path}", "HOME": str(tmp_path)}
    command = [str(tmp_path / "sh"), str(ROOT / "tools" / "run.sh"), "true"]
    done = subprocess.run(command, env=settings, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "No working Python 3.11 or newer was found" in done.stderr


def which(tool: str) -> list[Path]:
    folders = [Path(folder) for folder in os.environ["PATH"].split(os.pathsep)]
    return [folder / tool for folder in folders if (folder / tool).is_file()]


def demonstrate(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A program beside the tools of the demonstration."""
    command = [sys.executable, "-B", "-c", code, *arguments]
    return subprocess.run(command, cwd=ROOT / "tools", capture_output=True, text=True, check=False)


def test_the_demonstration_shows_names_as_they_are() -> None:
    """A folder may be called anything: neither the terminal nor rich takes its name for an instruction."""
    said = r"from stories import telling; telling.expect(True, 'app[/red]\x1b[2J\n')"
    done = demonstrate(said)
    assert done.stdout.rstrip("\n").endswith(r"as expected: app[/red]\x1b[2J\n"), done.stderr


def test_a_demonstration_that_nobody_knows_is_refused_with_the_list_that_the_help_has() -> None:
    run = "import demo, sys; sys.exit(demo.main())"
    done = demonstrate(run, "../examples/storefront", "--story", "nonsense")
    assert done.returncode == 2
    said = " ".join(done.stdout.split())  # rich breaks lines
    assert said == "STORY must be one of: main, packages, lambda, ecs, bluegreen, immutable. It is nonsense."
    assert "STORY=main|packages|lambda|ecs|bluegreen|immutable" in (ROOT / "Makefile").read_text()


@pytest.mark.parametrize(
    ("story", "config", "said"),
    [
        ("ecs", "CodeDeployDefault.LambdaAllAtOnce", "must be a deployment configuration of AWS for ECS, such as"),
        (
            "lambda",
            "quickly",
            "or a name of your own that contains its steps, such as shop-Linear25PercentEvery2Minutes",
        ),
        ("packages", "CodeDeployDefault.OneAtATime", "has no deployment configuration to choose"),
    ],
)
def test_a_demonstration_says_which_configurations_it_takes(story: str, config: str, said: str) -> None:
    run = "import demo, sys; sys.exit(demo.main())"
    done = demonstrate(run, "../examples/storefront", "--story", story, "--config", config)
    assert done.returncode == 2 and said in " ".join(done.stdout.split())


STORY = """
import pathlib, sys
from stories import telling

class Mine(telling.Story):
    file = "mine.json"

    def steps(self):
        yield telling.Step("One", "This works.", lambda: self.figures.update(one=1))
        yield telling.Step("Two", "This fails.", lambda: telling.expect(self.figures["one"] == 2, "two"))
        yield telling.Step("Three", "This is never reached.", lambda: self.figures.update(three=3))

telling.RESULTS = pathlib.Path(sys.argv[1])
sys.exit(not telling.tell(Mine("", telling.Wishes(pathlib.Path("app"), ["eu-central-1"], 1))))
"""


def test_a_demonstration_ends_with_the_first_step_that_fails_and_keeps_its_figures(tmp_path: Path) -> None:
    done = demonstrate(STORY, str(tmp_path))
    assert done.returncode == 1, done.stderr
    assert "This fails." in done.stdout
    assert "not as expected: two" in done.stdout
    assert "never reached" not in done.stdout
    assert json.loads((tmp_path / "mine.json").read_text()) == {"one": 1}
