# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tarball holds the collection and nothing that lies beside it: keys, passwords, logs, notes."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.collection.package import ROOT, load

sys.path.insert(0, str(ROOT / "tools"))
import setup
import tarball

# What a shop has beside its playbooks. Each is put into the root and into folders of the collection.
PLANTED = (
    ".env",
    ".env.production",
    "production.env",
    ".vault_pass",
    ".vault-password",
    "vault_pass.txt",
    "vault-password-file",
    ".netrc",
    ".pypirc",
    ".npmrc",
    ".aws/credentials",
    "aws_credentials",
    "credentials.json",
    ".ssh/config",
    "id_rsa",
    "id_ed25519.pub",
    "keys/deploy.pem",
    "keys/deploy.key",
    "server.p12",
    "server.pfx",
    "safe.kdbx",
    "passwords.txt",
    "secrets.yml",
    "client_secret.json",
    "terraform.tfstate",
    "terraform.tfstate.backup",
    "prod.tfvars",
    "dump.sql",
    "state.sqlite3",
    "ansible.log",
    "site.retry",
    ".idea/workspace.xml",
    ".DS_Store",
    "main.yml.bak",
    "main.yml~",
    ".main.yml.swp",
    "app.zip",
    "app.tgz",
    "older-1.0.0.tar.gz",
    "__pycache__/x.pyc",
)
FOLDERS = ("", "plugins/modules", "roles/app_deployment/files", "playbooks/vars", "docs", "meta")
# What belongs to the repository and not to the collection.
REPOSITORY = (
    "changelogs/fragments",
    "emulator",
    "examples",
    "tests",
    "tools",
    "Makefile",
    "galaxy.yml",
    "pyproject.toml",
)


def members(folder: Path) -> set[str]:
    (artifact,) = folder.glob("slipway-aws-*.tar.gz")
    with tarfile.open(artifact) as archive:
        return {member.name for member in archive if member.isfile()} - {"MANIFEST.json", "FILES.json"}


def own_files() -> Iterator[Path]:
    """The files of the collection in this checkout."""
    left_out = shutil.ignore_patterns(".*", "__pycache__", "build", "collections", "*.tar.gz")
    for path in sorted(ROOT.rglob("*")):
        inner = path.relative_to(ROOT)
        if path.is_file() and not left_out("", inner.parts):
            yield inner


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout, with everything planted."""
    source = tmp_path_factory.mktemp("checkout")
    for path in own_files():
        (source / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / path, source / path)
    for folder in FOLDERS:
        for name in PLANTED:
            (source / folder / name).parent.mkdir(parents=True, exist_ok=True)
            (source / folder / name).write_text("hunter2")
    return source


def test_a_plain_build_holds_the_collection_and_nothing_planted(copy: Path, tmp_path: Path) -> None:
    command = ["ansible-galaxy", "collection", "build", "--output-path", str(tmp_path)]
    subprocess.run(command, cwd=copy, check=True, capture_output=True)
    belongs = {str(path) for path in own_files() if not str(path).startswith(REPOSITORY)}
    assert members(tmp_path) == belongs


def test_make_build_takes_what_git_tracks_and_no_more(copy: Path, tmp_path: Path) -> None:
    source = tmp_path / "with blanks"
    shutil.copytree(copy, source)
    tracked = [str(path) for path in own_files()]
    subprocess.run(["git", "init", "--quiet"], cwd=source, check=True)
    subprocess.run(
        ["git", "add", "--force", "--pathspec-from-file=-"], cwd=source, input="\n".join(tracked), text=True, check=True
    )
    (source / "plugins/modules/notes.py").write_text("# not yet")
    (source / "README.draft.md").write_text("a draft")
    paths = tarball.tracked_files(source)
    assert paths is not None and sorted(map(str, paths)) == sorted(tracked)
    tarball.build(source, paths, tmp_path / "out")
    assert members(tmp_path / "out") == {path for path in tracked if not path.startswith(REPOSITORY)}


def test_without_git_nothing_is_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tarball, "ROOT", tmp_path)
    assert tarball.main() == 1
    assert "the files of the collection cannot be listed. Clone the repository" in capsys.readouterr().err


def test_the_manifest_directive_is_not_used() -> None:
    """Building and installing from git would need distlib then."""
    assert "manifest" not in load("galaxy.yml")


@pytest.mark.parametrize("name", ["requirements.txt", "carrier.txt"])
def test_every_package_is_pinned_with_hashes(name: str) -> None:
    text = (ROOT / "tools" / name).read_text().replace("\\\n", " ")
    lines = [line.split() for line in text.splitlines() if line and not line.startswith("#")]
    assert lines
    for package, *rest in lines:
        assert "==" in package
        hashes = [word for word in rest if word.startswith("--hash=sha256:")]
        assert hashes and all(len(word) == len("--hash=sha256:") + 64 for word in hashes), package


@pytest.mark.parametrize("uv", ["", "/usr/bin/uv"])
def test_packages_are_installed_by_their_hashes_only(uv: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[list[str]] = []

    def run(command: list[str], _advice: str) -> None:
        ran.append(command)
        if "download" in command:
            shutil.make_archive(command[-1] + "/carrier", "zip", tmp_path)
            Path(command[-1], "carrier.zip").rename(Path(command[-1], "carrier.whl"))

    monkeypatch.setattr(setup.toolenv, "VENV", tmp_path)
    monkeypatch.setattr(setup, "_run", run)
    (tmp_path / "lib/python3.13/site-packages").mkdir(parents=True)
    setup._install_packages(uv)
    setup._take_collections()
    fetching = [command for command in ran if {"install", "download"} & set(command)]
    assert len(fetching) == 2 and all("--require-hashes" in command for command in fetching)
    assert [command[command.index("-r") + 1] for command in fetching] == [str(setup.REQUIREMENTS), str(setup.CARRIER)]
