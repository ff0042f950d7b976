# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import atexit
import faulthandler
import logging
import os
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import typing as t
from pathlib import Path

import pytest

from ansible_collections.slipway.aws.plugins.plugin_utils._execution.fork import Ended, in_fork

MEGABYTE = 1 << 20


def run(work: t.Callable[[], object], **environment: str) -> Ended:
    return in_fork(lambda: work() and None, environment, "/")


def is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{process}/stat").read_text().split()[2] != "Z"


def test_what_is_written_comes_back() -> None:
    def work() -> None:
        sys.stdout.write("é")
        os.write(2, b"low")
        sys.exit(3)

    assert run(work) == Ended(3, "é".encode(), b"low")


def test_more_than_a_pipe_holds_comes_back() -> None:
    def work() -> None:
        for _turn in range(3):
            sys.stderr.write("e" * MEGABYTE)
            sys.stdout.write("o" * MEGABYTE)

    ended = run(work)
    assert (ended.status, len(ended.out), len(ended.err)) == (0, 3 * MEGABYTE, 3 * MEGABYTE)


@pytest.mark.parametrize(
    ("end", "status", "said"),
    [
        (sys.exit, 0, ""),
        (lambda: sys.exit("no reason"), 1, "no reason\n"),
        (lambda: os._exit(7), 7, ""),
        (lambda: 1 / 0, 1, "ZeroDivisionError"),
        (lambda: (faulthandler.disable(), os.kill(os.getpid(), signal.SIGSEGV)), 139, "Segmentation fault\n"),
        (lambda: os.kill(os.getpid(), signal.SIGKILL), 137, "Killed\n"),
    ],
    ids=["exit", "exit with a text", "os._exit", "exception", "segfault", "kill"],
)
def test_every_end_is_told_as_a_shell_tells_it(end: t.Callable[[], object], status: int, said: str) -> None:
    ended = run(end)
    assert ended.status == status and said in ended.err.decode()


def test_memory_that_is_not_there_ends_the_fork_alone() -> None:
    def work() -> None:
        used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + 64 * MEGABYTE, used + 64 * MEGABYTE))
        bytearray(1024 * MEGABYTE)

    ended = run(work)
    assert ended.status == 1 and b"MemoryError" in ended.err


def test_environment_and_folder_are_its_own() -> None:
    before = os.getcwd()
    ended = run(lambda: sys.stdout.write(f"{os.environ['OF_THE_TASK']} {os.getcwd()}"), OF_THE_TASK="x")
    assert ended.out == b"x /"
    assert "OF_THE_TASK" not in os.environ and os.getcwd() == before


def test_it_looks_just_started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "argv", ["ansible-playbook", "-e", "a=b"])
    monkeypatch.setattr(tempfile, "tempdir", "/elsewhere")
    before = signal.signal(signal.SIGTERM, lambda *_seen: None)
    atexit.register(print, "inherited")
    try:
        told = run(
            lambda: sys.stdout.write(
                f"{sys.argv} {sys.stdin.read()!r} {tempfile.gettempdir()} {signal.getsignal(signal.SIGTERM)!r}"
            ),
            TMPDIR=str(tmp_path),
        )
    finally:
        atexit.unregister(print)
        signal.signal(signal.SIGTERM, before)
    assert told == Ended(0, f"[''] '' {tmp_path} {signal.SIG_DFL!r}".encode(), b"")


def test_the_log_of_ansible_is_not_its_log(tmp_path: Path) -> None:
    log = tmp_path / "ansible.log"
    handler, level = logging.FileHandler(log), logging.root.level
    logging.root.addHandler(handler)
    logging.root.setLevel(logging.INFO)
    try:
        run(lambda: logging.getLogger("botocore.credentials").info("Found credentials"))
    finally:
        logging.root.removeHandler(handler)
        logging.root.setLevel(level)
    assert log.read_text() == ""


def test_its_own_exit_handlers_run() -> None:
    assert run(lambda: atexit.register(print, "mine")).out == b"mine\n"


def test_no_zombie_and_no_open_file_is_left() -> None:
    before = os.listdir("/proc/self/fd")
    run(lambda: None)
    assert os.listdir("/proc/self/fd") == before
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


class Interrupted(Exception):
    """What `timeout:` raises."""


def interrupted_by_timeout(work: t.Callable[[], None]) -> None:
    def raises(*_seen: object) -> None:
        raise Interrupted

    before = signal.signal(signal.SIGALRM, raises)
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    try:
        with pytest.raises(Interrupted):
            run(work)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_a_timeout_ends_it_and_what_it_started(tmp_path: Path) -> None:
    def work() -> None:
        with subprocess.Popen(["sleep", "1000"]) as started:
            (tmp_path / "started").write_text(f"{started.pid} {os.getpid()}")

    interrupted_by_timeout(work)
    assert [pid for pid in (tmp_path / "started").read_text().split() if is_alive(int(pid))] == []


def test_a_timeout_lets_it_clean_up(tmp_path: Path) -> None:
    def work() -> None:
        try:
            threading.Event().wait()
        finally:
            (tmp_path / "cleaned").touch()

    interrupted_by_timeout(work)
    assert (tmp_path / "cleaned").exists()


def test_one_that_will_not_end_is_killed() -> None:
    def work() -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        threading.Event().wait()

    interrupted_by_timeout(work)
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_reaches_it_before_the_handler_of_the_worker(number: signal.Signals, tmp_path: Path) -> None:
    """In a process of its own, since the handler of Ansible's worker ends it."""

    def worker() -> None:
        signal.signal(number, lambda *_seen: os._exit(9))

        def module() -> None:
            (tmp_path / "pid").write_text(str(os.getpid()))
            os.kill(os.getppid(), number)
            threading.Event().wait()

        run(module)

    assert run(worker).status == 9
    assert not is_alive(int((tmp_path / "pid").read_text()))
