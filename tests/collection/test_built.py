# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tarball, unpacked with nothing but meta/, plugins/, roles/ and playbooks/, still works."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
import typing as t
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.collection.package import ROOT, modules

SAFELY: t.Any = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}  # there from Python 3.11.4 on
KEPT = {"meta", "plugins", "roles", "playbooks"}
LEFT_OUT = {".ci", ".venv", "build", "emulator", "tests", "tools"}
PLAY = """
- name: Use the collection as it was built
  hosts: localhost
  gather_facts: false
  module_defaults:
    group/slipway.aws.aws:
      region: eu-west-1
      endpoint_url: "{{ address }}"
      access_key: AKIAIOSFODNN7EXAMPLE
      secret_key: wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
  tasks:
    - name: Create an application
      slipway.aws.codedeploy_application:
        name: storefront
      register: created

    - name: Create it again
      slipway.aws.codedeploy_application:
        name: storefront
      register: again

    - name: Prove it
      ansible.builtin.assert:
        that:
          - created is changed
          - again is not changed
"""


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A collections path that holds the four folders of the tarball and no more."""
    folder = tmp_path_factory.mktemp("built")
    copy = folder / "source"
    shutil.copytree(ROOT, copy, symlinks=True, ignore=shutil.ignore_patterns(*LEFT_OUT, ".git", "__pycache__"))
    run("ansible-galaxy", "collection", "build", "--output-path", str(folder), cwd=copy)
    destination = folder / "collections" / "ansible_collections" / "slipway" / "aws"
    with tarfile.open(next(folder.glob("slipway-aws-*.tar.gz"))) as tarball:
        tarball.extractall(destination, **SAFELY)  # noqa: S202  # built a moment ago
    for path in destination.iterdir():
        if path.name not in KEPT:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    return folder / "collections"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    command = [sys.executable, "-m", "slipway_emulator", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as emulator:
        assert emulator.stdout is not None
        yield json.loads(emulator.stdout.readline())["url"]
        emulator.terminate()


def run(*command: str, cwd: Path, **environment: str) -> str:
    settings = os.environ | environment
    finished = subprocess.run(command, cwd=cwd, env=settings, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout


def test_every_module_is_documented_from_the_tarball(unpacked: Path, tmp_path: Path) -> None:
    names = [f"slipway.aws.{module.name}" for module in modules()]
    text = run("ansible-doc", "--json", *names, cwd=tmp_path, ANSIBLE_COLLECTIONS_PATH=str(unpacked))
    found = json.loads(text)
    assert sorted(found) == sorted(names)
    assert all(Path(entry["doc"]["filename"]).is_relative_to(unpacked) for entry in found.values())


def test_a_play_runs_with_the_tarball_alone(unpacked: Path, address: str, tmp_path: Path) -> None:
    (tmp_path / "play.yml").write_text(PLAY)
    command = ["ansible-playbook", "play.yml", "-i", "localhost,", "-c", "local", "-e", f"address={address}"]
    command += ["-e", json.dumps({"ansible_python_interpreter": sys.executable})]
    output = run(*command, cwd=tmp_path, ANSIBLE_COLLECTIONS_PATH=str(unpacked))
    assert "failed=0" in output


def test_every_playbook_is_found_by_its_full_name(unpacked: Path, tmp_path: Path) -> None:
    names = sorted(path.stem for path in (ROOT / "playbooks").glob("*.yml"))
    command = ["ansible-playbook", *(f"slipway.aws.{name}" for name in names), "--syntax-check", "-i", "localhost,"]
    output = run(*command, cwd=tmp_path, ANSIBLE_COLLECTIONS_PATH=str(unpacked))
    found = [
        Path(line.removeprefix("playbook: ")).stem for line in output.splitlines() if line.startswith("playbook: ")
    ]
    assert found == names
