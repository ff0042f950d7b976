# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A function in a fork of this process that looks like a process that was just started.

What it needs is loaded already, and it can still not harm the process that it came from: it has streams, signals,
environment, working directory and exit handlers of its own, and whatever ends it ends nothing else.
"""

from __future__ import annotations

import contextlib
import gc
import io
import logging
import os
import selectors
import signal
import sys
import tempfile
import time
import traceback
import typing as t

try:  # names of Python's own, which multiprocessing rests on too
    from atexit import _clear, _run_exitfuncs

    POSSIBLE = True
except ImportError:
    POSSIBLE = False

INTERRUPTS = (signal.SIGALRM, signal.SIGINT, signal.SIGTERM)  # SIGALRM is `timeout:` of a task
ENDING = (signal.SIGINT, signal.SIGTERM)  # what Ansible ends its workers with
GRACE = 1.0  # seconds that an interrupted module has to clean up
PAUSE = 0.01
CHUNK = 65536
BY_SIGNAL = 128  # a shell adds it to the number of the signal that ended a command

STDIN, STDOUT, STDERR = range(3)


class Ended(t.NamedTuple):
    """What a shell would tell of a command."""

    status: int
    out: bytes
    err: bytes


def in_fork(work: t.Callable[[], None], environment: t.Mapping[str, str], folder: str) -> Ended:
    """Run `work` to its end. Whatever interrupts the wait interrupts it, and ends it with all that it started."""
    out, err = os.pipe(), os.pipe()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, INTERRUPTS)
    try:
        child = os.fork()
    except OSError:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        raise
    if child == 0:
        _be_child(work, environment, folder, (out[1], err[1]), before)
    for writing in (out[1], err[1]):
        os.close(writing)
    try:
        with _ended_with_us(child):
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
            texts = _read((out[0], err[0]))
            status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    except BaseException:
        _end(child, signal.SIGINT)
        raise
    finally:
        for reading in (out[0], err[0]):
            os.close(reading)
    return _as_a_shell(status, *texts)


def _read(streams: t.Sequence[int]) -> list[bytes]:
    """Both to their ends, as they come: a full pipe would stop the other side."""
    parts: dict[int, list[bytes]] = {stream: [] for stream in streams}
    with selectors.DefaultSelector() as selector:
        for stream in streams:
            selector.register(stream, selectors.EVENT_READ)
        while selector.get_map():
            for key, _events in selector.select():
                part = os.read(key.fd, CHUNK)
                if part:
                    parts[key.fd].append(part)
                else:
                    selector.unregister(key.fd)
    return [b"".join(parts[stream]) for stream in streams]


def _as_a_shell(status: int, out: bytes, err: bytes) -> Ended:
    """A module that a signal ended says nothing; the shell that starts one otherwise names the signal."""
    if status >= 0:
        return Ended(status, out, err)
    return Ended(BY_SIGNAL - status, out, err + f"{signal.strsignal(-status)}\n".encode())


@contextlib.contextmanager
def _ended_with_us(child: int) -> t.Iterator[None]:
    """Ansible signals the group of its worker and is gone; the child has a group of its own, so it is passed on."""
    before = {number: signal.getsignal(number) or signal.SIG_DFL for number in ENDING}

    def pass_on(number: int, frame: t.Any) -> None:
        _end(child, number)
        handler = before[signal.Signals(number)]
        signal.signal(number, handler)
        if callable(handler):
            handler(number, frame)
        else:
            os.kill(os.getpid(), number)

    for number in ENDING:
        signal.signal(number, pass_on)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(child: int, number: int) -> None:
    """Let it clean up for a moment, then end it with all that it started."""
    _signal_group(child, number)
    until = time.monotonic() + GRACE
    try:
        while not os.waitpid(child, os.WNOHANG)[0]:
            if time.monotonic() > until:
                _signal_group(child, signal.SIGKILL)
                os.waitpid(child, 0)
                return
            time.sleep(PAUSE)
    except ChildProcessError:
        pass  # it had ended, and was waited for
    _signal_group(child, signal.SIGKILL)


def _signal_group(child: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS says the latter of a group that has ended
        os.killpg(child, number)


def _be_child(
    work: t.Callable[[], None],
    environment: t.Mapping[str, str],
    folder: str,
    streams: t.Sequence[int],
    mask: t.Iterable[int],
) -> t.NoReturn:
    """Nothing leaves this function: all that stands above it on the stack belongs to the process it came from."""
    status = 1
    try:
        os.setpgid(0, 0)
        _look_just_started(streams, mask)
        os.chdir(folder)
        os.environ.update(environment)
        status = _status_of(work)
        _run_exitfuncs()
    finally:
        _say_why()
        os._exit(status)


def _status_of(work: t.Callable[[], None]) -> int:
    try:
        work()
    except SystemExit as end:
        if isinstance(end.code, str):
            sys.stderr.write(f"{end.code}\n")
            return 1
        return end.code or 0
    return 0


def _say_why() -> None:
    """What no handler took, and what is not written yet."""
    try:
        if sys.exc_info()[0]:
            traceback.print_exc()
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, ValueError):
        pass  # nobody listens any more


def _look_just_started(streams: t.Sequence[int], mask: t.Iterable[int]) -> None:
    gc.freeze()  # looking through what was inherited would copy it
    _clear()
    for number in signal.valid_signals():
        if callable(signal.getsignal(number)):
            signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.set_wakeup_fd(-1)
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    _take_streams(*streams)
    sys.argv[:] = [""]
    sys.path[:] = [path for path in sys.path if path not in ("", ".")]
    tempfile.tempdir = None  # TMPDIR may be another one
    for handler in list(logging.root.handlers):  # the log of Ansible is not for what boto3 says
        logging.root.removeHandler(handler)
    logging.root.setLevel(logging.WARNING)


def _take_streams(out: int, err: int) -> None:
    null = os.open(os.devnull, os.O_RDONLY)
    for stream, number in ((null, STDIN), (out, STDOUT), (err, STDERR)):
        os.dup2(stream, number)
    sys.stdin = _text(STDIN, "r")
    sys.stdout, sys.stderr = _text(STDOUT, "w"), _text(STDERR, "w")


def _text(number: int, mode: str) -> io.TextIOWrapper:
    errors = "surrogateescape" if number == STDIN else "backslashreplace" if number == STDERR else "strict"
    return t.cast(io.TextIOWrapper, open(number, mode, encoding="utf-8", errors=errors, closefd=False))
