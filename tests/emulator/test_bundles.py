# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""What a machine makes of bundles: objects of S3 that are checked, unpacked, copied, and of the units that come with them."""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile

import pytest

from slipway_emulator.contents import Contents
from slipway_emulator.machine import FetchProblem, Machine

SOURCE = "s3://releases/shop.tar.gz"
UNIT = "[Service]\nExecStart=/bin/bash /opt/shop/start.sh\n"
FILES = {
    "start.sh": "#!/bin/sh\nset -eu\nsystemctl enable --quiet shop\nsystemctl start shop\n",
    "shop.service": "[Service]\nExecStart=/usr/bin/python3 /opt/shop/shop.py\n",
    "boot.service": UNIT,
    "app/shop.py": "print('shop')\n",
    "app/deep/data": "1",
    "fails.sh": "#!/bin/sh\necho no >&2\nexit 3\n",
}


def archive(files: dict[str, str]) -> bytes:
    """A tar of texts, with a link to the first of them."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as packed:
        for name, text in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text)
            packed.addfile(entry, io.BytesIO(text.encode()))
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, next(iter(files))
        packed.addfile(link)
    return made.getvalue()


def fetch(source: str, _owner: str | None) -> bytes:
    if source != SOURCE:
        raise FetchProblem(f"{source}: NoSuchKey: The specified key does not exist.")
    return gzip.compress(archive(FILES))


def document(*commands: str, source: str = SOURCE, digest: str = "") -> str:
    """Downloads a bundle, checks it, unpacks it, and runs commands."""
    wanted = digest or hashlib.sha256(archive(FILES)).hexdigest()
    script = ["gunzip -f /opt/shop.tar.gz", "sha256sum -c /opt/sums", "tar -xpf /opt/shop.tar -C /opt/shop", *commands]
    lines = "".join(f"                {line}\n" for line in ("set -eu", *script))
    return f"""\
schemaVersion: 1.0
phases:
  - name: build
    steps:
      - name: Download
        action: S3Download
        inputs:
          - source: {source}
            destination: /opt/shop.tar.gz
      - name: Sums
        action: CreateFile
        inputs:
          - path: /opt/sums
            content: "{wanted}  /opt/shop.tar\\n"
      - name: Run
        action: ExecuteBash
        inputs:
          commands:
            - |
{lines}"""


def built(*commands: str, **more: str) -> tuple[Machine, str]:
    """The machine after the document, and the step that failed with its message."""
    machine = Machine(Contents())
    machine.fetch = fetch
    problem = machine.run_phase(
        "arn:aws:imagebuilder:eu-west-1:123456789012:component/x/1.0.0/1", document(*commands, **more), "build"
    )
    return machine, f"{problem.step}: {problem.message}" if problem else ""


def test_what_was_unpacked_is_there_with_where_it_came_from() -> None:
    machine, failed = built("cd /opt/shop", "cp -dpT ./app/shop.py '/srv/the shop.py'", "rm -rf app/deep")
    assert failed == ""
    assert machine.contents.bundles == {"/opt/shop": SOURCE}
    assert machine.contents.files["/srv/the shop.py"] == FILES["app/shop.py"]
    assert machine.contents.files["/opt/shop/link"] == FILES["start.sh"]
    assert "/opt/shop/app/deep/data" not in machine.contents.files
    assert machine.run_script("rm -rf /opt/shop") is None
    assert machine.contents.bundles == {} and set(machine.contents.files) == {"/srv/the shop.py"}


@pytest.mark.parametrize(
    ("command", "paths"),
    [
        ("cp -R /opt/shop/app/. /srv/", ["/srv/deep/data", "/srv/shop.py"]),
        ("install -m 0644 -o root /opt/shop/app/shop.py /srv/", ["/srv/shop.py"]),
        ("mv /opt/shop/app/shop.py /srv/x", ["/srv/x"]),
        ("cp /nowhere /srv/x", []),
    ],
)
def test_files_are_copied_and_moved(command: str, paths: list[str]) -> None:
    machine, failed = built(command)
    assert failed == ""
    assert sorted(path for path in machine.contents.files if path.startswith("/srv")) == paths
    assert ("/opt/shop/app/shop.py" in machine.contents.files) is not command.startswith("mv")


@pytest.mark.parametrize(
    ("more", "failed"),
    [
        (
            {"source": "s3://releases/gone"},
            "Download: s3://releases/gone: NoSuchKey: The specified key does not exist.",
        ),
        ({"digest": "0" * 64}, "Run: /opt/shop.tar: FAILED"),
    ],
)
def test_a_bundle_that_is_missing_or_another(more: dict[str, str], failed: str) -> None:
    machine, problem = built(**more)
    assert problem == failed
    assert machine.contents.bundles == {}


def test_what_is_no_archive_is_not_unpacked() -> None:
    machine = Machine(Contents())
    machine.fetch = lambda _source, _owner: b"no archive"
    for command, said in (("gunzip -f", "not in gzip format"), ("tar -xf", "does not look like a tar archive")):
        document_ = document().replace("gunzip -f", f"{command} /opt/shop.tar.gz; gunzip -f")
        problem = machine.run_phase("arn", document_, "build")
        assert problem is not None and said in problem.message


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("bash /opt/shop/fails.sh", "exit status 3"),
        ("timeout -k 5 60 su -c /opt/shop/fails.sh -- root </dev/null", "exit status 3"),
        ("su -c /opt/shop/start.sh -- nobody-knows", "su: user nobody-knows does not exist"),
        ("su -c /opt/shop/start.sh -- daemon", "This account is currently not available."),
        ("chown -- nobody-knows /opt/shop/start.sh", "chown: invalid user: \u2018nobody-knows\u2019"),
        ("chgrp nobody-knows /opt/shop/start.sh", "chgrp: invalid group: \u2018nobody-knows\u2019"),
        ("test ! -e /opt/shop/start.sh", "the condition ! -e /opt/shop/start.sh is false"),
    ],
)
def test_steps_fail_where_they_would(command: str, said: str) -> None:
    assert built(command)[1] == f"Run: {said}"


@pytest.mark.parametrize(
    "command", ["chown -R root:daemon /opt", "useradd web; chown web /srv", "chown 1000:1000 /srv"]
)
def test_owners_that_are_there(command: str) -> None:
    assert built(command)[1] == ""


def test_a_unit_that_is_enabled_starts_at_boot_what_its_scripts_start() -> None:
    units = ("install -m 0644 /opt/shop/boot.service /etc/systemd/system/boot.service", "systemctl enable boot.service")
    machine, failed = built("cp /opt/shop/shop.service /etc/systemd/system/", *units, "systemctl start left-running")
    assert (failed, machine.contents.enabled) == ("", {"boot"})
    assert machine.contents.services == {"left-running": True}
    booted = Machine(machine.contents)
    booted.start_enabled()
    assert booted.contents.services == {"left-running": True, "boot": True, "shop": True}
    assert booted.contents.enabled == {"boot", "shop"}
    assert booted.run_script("systemctl is-enabled boot && systemctl is-active shop") is None
    assert booted.run_script("systemctl disable boot") is None and booted.contents.enabled == {"shop"}


def test_a_unit_whose_script_fails_does_not_run() -> None:
    unit = "sed s/start.sh/fails.sh/ /opt/shop/boot.service"  # what sed makes is not known here
    machine, failed = built(unit, "systemctl enable --now boot")
    assert failed == ""
    machine.put_files({"/etc/systemd/system/boot.service": UNIT.replace("start.sh", "fails.sh")})
    assert machine.run_script("systemctl restart boot") == "Job for boot.service failed: exit status 3"
    assert machine.contents.services["boot"] is False
    assert machine.run_script("systemctl is-active boot") == "boot is inactive"


def test_a_script_that_may_have_ended_before_does_not_fail() -> None:
    """A check that asks again and again, and gives up at its end."""
    script = 'for attempt in 1 2 3; do\n  if [ "$(curl localhost)" = 1 ]; then\n    exit 0\n  fi\ndone\nexit 1\n'
    assert Machine(Contents()).run_script(script) is None
    assert Machine(Contents()).run_script("true\nexit 1\n") == "exit status 1"
