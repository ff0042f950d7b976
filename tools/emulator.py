# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""`make emulator`: run an emulator in the foreground, and print the export commands for the aws CLI."""

from __future__ import annotations

import argparse
import os
import socket
import sys

import processes
from emulators import NotReady, emulator

SHOWN = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION")


def main() -> int:
    options = _parser().parse_args()
    processes.interrupt_on_signals()
    if is_taken(options.port):
        print(
            f"Port {options.port} is in use. Choose another one: make emulator PORT={options.port + 1}", file=sys.stderr
        )
        return 1
    try:
        with emulator(options.port, options.speed) as running:
            tell(running.address)
            return running.process.wait()
    except NotReady:
        return 1
    except KeyboardInterrupt:
        print("\nThe emulator has stopped.")
    return 0


def is_taken(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def tell(address: str) -> None:
    print(f"The emulator listens on {address}. Ctrl-C stops it and deletes all its data.")
    print("In another terminal:\n")
    print(f"  export AWS_ENDPOINT_URL={address}")
    for name in SHOWN:
        print(f"  export {name}={os.environ[name]}")
    print("  unset AWS_PROFILE AWS_SESSION_TOKEN AWS_CA_BUNDLE\n", flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=5577)
    parser.add_argument("--speed", type=float, default=1.0)
    return parser


if __name__ == "__main__":
    sys.exit(main())
