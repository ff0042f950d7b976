# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The complete `ansible-test sanity`, in the copy of the checkout that is the current folder, without the internet's help.

ansible-test makes an environment for each test and first downloads a get-pip script from a host of its own. A stand-in of
the same effect, put where it looks before it downloads, leaves PyPI (or the mirror pip is configured for) as the only source.
"""

from __future__ import annotations

import ast
import os
import re
import site
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

from ansible_test._internal.python_requirements import get_venv_packages

HOME = Path(os.environ["HOME"])
CACHE = HOME / ".ansible" / "test" / "cache"
PYTHON = "{}.{}".format(*sys.version_info)
STAND_IN = '''"""In place of get-pip: put the installed pip that lies beside this file into the environment."""

import pathlib
import shutil
import sysconfig

shutil.copytree(pathlib.Path(__file__).with_name({folder!r}), sysconfig.get_path("purelib"), dirs_exist_ok=True)
'''


def main(arguments: list[str]) -> int:
    if any(Path("tests/sanity").glob("ignore*")):
        print("There is an ignore file in tests/sanity. Fix the errors that it hides instead.")
        return 1
    provide_get_pip()
    provide_pip_configuration()
    provide_collections()
    command = ["ansible-test", "sanity", "--color", "no", "--python", PYTHON, *arguments]
    finished = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    print(finished.stdout, flush=True)
    left_out = re.findall(r"^.*(?:[Ss]kipping|All targets skipped).*$", finished.stdout, re.MULTILINE)
    for line in left_out:
        print(f"Skipped, so the sanity test is not complete: {line}")
    return finished.returncode or int(bool(left_out))


def provide_get_pip() -> None:
    """The version belongs to the installed ansible-test, which also looks for it in the file's name."""
    version = get_venv_packages(SimpleNamespace(version=PYTHON))["pip"]
    folder = CACHE / f"pip-{version}"
    CACHE.mkdir(parents=True, exist_ok=True)
    if not folder.exists():
        with tempfile.TemporaryDirectory(dir=CACHE) as begun:
            pip("install", "-q", "--no-deps", "--target", begun + "/pip", f"pip=={version}")
            Path(begun, "pip").rename(folder)
    (CACHE / f"get_pip_{version.replace('.', '_')}.py").write_text(STAND_IN.format(folder=folder.name))


def provide_pip_configuration() -> None:
    """ansible-test hands nothing but HOME and PATH to pip, so the user's index, proxy and cache must be found below HOME."""
    sections: dict[str, dict[str, str]] = {"global": {}}
    for line in pip("config", "list").splitlines():
        name, value = line.split("=", 1)
        section, key = name.replace(":env:", "global").rsplit(".", 1)
        sections.setdefault(section, {})[key] = str(ast.literal_eval(value)).strip().replace("\n", "\n    ")
    sections["global"]["cache-dir"] = os.environ["PIP_CACHE_DIR"]
    sections["global"]["quiet"] = "1"
    sections["global"].pop("config-file", None)
    path = HOME / ".config" / "pip" / "pip.conf"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)  # an index address can hold a password
    with path.open("w") as file:
        for name, settings in sections.items():
            file.writelines([f"[{name}]\n", *(f"{key} = {value}\n" for key, value in settings.items())])


def provide_collections() -> None:
    """Beside the copy: ansible-test looks for documentation fragments there and in no site-packages of ours."""
    for namespace in ("amazon", "community"):
        link = Path.cwd().parent.parent / namespace
        if not link.is_symlink():
            link.symlink_to(Path(site.getsitepackages()[0]) / "ansible_collections" / namespace)


def pip(*arguments: str) -> str:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments]
    finished = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if finished.returncode:
        sys.exit(
            "pip could not download the packages that ansible-test needs. Check that PyPI, or the mirror that pip is configured to use, is reachable."
        )
    return finished.stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
