# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""galaxy.yml, the README and the rest agree with each other and with what Galaxy asks."""

from __future__ import annotations

import re
import tomllib

import pytest
import yaml

from tests.collection.package import ROOT, load, modules, roles

README = (ROOT / "README.md").read_text()
GALAXY = load("galaxy.yml")
HEADINGS = (
    "Description", "Requirements", "Installation", "Use cases", "Included content", "Testing", "Communication",
    "Contributing", "Support", "Release notes", "Versioning and deprecation", "License",
)  # fmt: skip
REQUIRED_TAGS = {
    "ai", "application", "cloud", "database", "eda", "infrastructure", "linux", "monitoring", "networking", "security",
    "storage", "tools", "windows",
}  # fmt: skip


@pytest.mark.parametrize("heading", HEADINGS)
def test_readme_has_the_headings_that_are_asked_for(heading: str) -> None:
    assert re.search(rf"^## {re.escape(heading)}$", README, re.MULTILINE)


def test_first_screen_tells_what_matters() -> None:
    first_screen = "\n".join(README.splitlines()[:40])
    for text in ("make demo", "make test", "group/slipway.aws.aws", "has run on AWS"):
        assert text in first_screen


def test_readme_links_are_absolute() -> None:
    targets = re.findall(r"\]\(([^)]*)\)|<img[^>]*src=\"([^\"]*)\"|^\[[^\]]+\]: *(\S+)", README, re.MULTILINE)
    assert [target for groups in targets for target in groups if target and not target.startswith("https://")] == []


def test_readme_names_every_module_role_and_playbook() -> None:
    playbooks = (ROOT / "playbooks").glob("*.yml")
    names = [
        *(module.name for module in modules()),
        *(role.name for role in roles()),
        *(book.stem for book in playbooks),
    ]
    assert [name for name in names if f"`{name}`" not in README and f"`slipway.aws.{name}`" not in README] == []


def test_readme_names_nothing_that_is_not_there() -> None:
    contents = README.split("## Included content")[1].split("\n## ")[0]
    there = {path.stem for folder in ("plugins", "roles", "playbooks") for path in (ROOT / folder).rglob("*.*")}
    there |= {role.name for role in roles()}
    named = {name.removeprefix("slipway.aws.") for name in re.findall(r"^\| `([a-z_.]+)`", contents, re.MULTILINE)}
    assert named - there == set()


def test_versions_agree() -> None:
    assert load("meta/runtime.yml")["requires_ansible"] == ">=2.19.0"
    assert "ansible-core 2.19" in README
    assert GALAXY["dependencies"] == {"amazon.aws": ">=11.0.0"}
    assert "amazon.aws 11.0.0" in README
    assert load("tests/config.yml")["modules"]["python_requires"] == ">=3.10"
    assert "Python 3.10" in README


def test_nothing_that_is_released_needs_a_collection_of_tests() -> None:
    shipped = (path for folder in ("plugins", "roles", "playbooks") for path in (ROOT / folder).rglob("*.y*ml"))
    assert [
        path.name for path in shipped if re.search(r"^ +community\.aws\.\w+:", path.read_text(), re.MULTILINE)
    ] == []


def test_readme_and_requirements_name_the_same_sdk() -> None:
    lower_bounds = dict(re.findall(r"^(\w+)>=([\d.]+)$", (ROOT / "requirements.txt").read_text(), re.MULTILINE))
    assert set(lower_bounds) == {"boto3", "botocore"}
    for package, version in lower_bounds.items():
        assert f"{package} {version}" in README


def test_run_time_requirements_have_no_upper_bound_and_no_ansible() -> None:
    text = (ROOT / "requirements.txt").read_text()
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[a-z0-9-]+(>=[\d.]+)?", line) and not line.startswith("ansible") for line in lines)


def test_galaxy_accepts_the_metadata() -> None:
    assert len(GALAXY["tags"]) <= 20
    assert set(GALAXY["tags"]) & REQUIRED_TAGS
    assert all(re.fullmatch(r"[a-z_][0-9a-z_]*", tag) for tag in GALAXY["tags"])
    assert "license_file" not in GALAXY


def test_emulator_has_the_version_of_the_collection() -> None:
    project = tomllib.loads((ROOT / "emulator" / "pyproject.toml").read_text())["project"]
    assert project["version"] == GALAXY["version"].replace("-dev.", ".dev")


def test_development_uses_the_interpreters_it_names() -> None:
    pins = (ROOT / "tools" / "requirements.txt").read_text()
    for release in ("2.19", "2.21"):
        assert re.search(rf"^ansible-core=={re.escape(release)}\.", pins, re.MULTILINE)
        assert f"ansible-core {release}" in README


@pytest.mark.parametrize("name", ["COPYING", "CODE_OF_CONDUCT.md", "CONTRIBUTING.md", "MAINTAINERS", "bindep.txt"])
def test_file_is_there(name: str) -> None:
    assert (ROOT / name).stat().st_size > 0


def test_fragments_use_the_sections_of_the_configuration() -> None:
    settings = load("changelogs/config.yaml")
    sections = {name for name, _title in settings["sections"]} | {"release_summary", "trivial"}
    for path in (ROOT / "changelogs" / "fragments").glob("*.yml"):
        assert set(yaml.safe_load(path.read_text())) <= sections
