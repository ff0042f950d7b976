#!/bin/sh
# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# usage: tools/run.sh [COMMAND [ARGUMENT...]]
# Finds a Python that works, lets it bring .venv up to date, and runs the command in it.
set -u
here=$(dirname -- "$0")

# Where .venv is activated, neither its Python nor a uv in it may be what makes it anew.
path_without_own() {
    printf '%s\n' "$PATH" | tr ':' '\n' | while IFS= read -r folder; do
        [ "$folder" -ef "$here/../.venv/bin" ] || printf '%s:' "$folder"
    done
}

# A uv that is found saves a minute; nothing needs it. It also stands in for a missing ensurepip.
find_uv() {
    for candidate in uv "${HOME:-}/.local/bin/uv" "${HOME:-}/.cargo/bin/uv"; do
        if command -v "$candidate" >/dev/null 2>&1 && "$candidate" --version >/dev/null 2>&1; then
            command -v "$candidate"
            return
        fi
    done
}

# Runs the candidate for real: a shim of pyenv can be there and start nothing.
version_of() {
    "$1" -c 'import sys; sys.version_info[:2] >= (3, 11) and print("%d.%d" % sys.version_info[:2])' 2>/dev/null
}

can_make_environments() {
    [ -n "$uv" ] || "$1" -c 'import ensurepip, venv' 2>/dev/null
}

# ansible-core 2.21 is made for Python 3.12 to 3.14 and 2.19 for 3.11, so a Python newer than they know comes last.
candidates() {
    for minor in 14 13 12 11 15; do
        printf '%s\n' "python3.$minor"
        for folder in "${PYENV_ROOT:-${HOME:-}/.pyenv}/versions/3.$minor".*; do
            printf '%s\n' "$folder/bin/python"
        done
    done
    printf '%s\n' python3 python
}

give_up() {
    printf '%s\n' "$@" >&2
    exit 2
}

choose() {
    while IFS= read -r candidate; do
        command -v "$candidate" >/dev/null 2>&1 || continue
        version=$(version_of "$candidate")
        [ -n "$version" ] || continue
        if can_make_environments "$candidate"; then
            command -v "$candidate"
            return
        fi
        printf '!%s\n' "$version"
    done
}

PATH=$(path_without_own)
PATH=${PATH%:}
uv=$(find_uv)
if [ -n "${PYTHON:-}" ]; then
    [ -n "$(version_of "$PYTHON")" ] || give_up "PYTHON=$PYTHON does not start a Python 3.11 or newer. Set it to one that does, or unset PYTHON."
    can_make_environments "$PYTHON" || give_up "PYTHON=$PYTHON cannot create virtual environments: its modules venv and ensurepip are missing."
    python=$PYTHON
else
    found=$(candidates | choose)
    python=$(printf '%s\n' "$found" | grep -v '^!' | head -n 1)
    if [ -z "$python" ]; then
        version=$(printf '%s\n' "$found" | head -n 1 | tr -d '!')
        [ -z "$version" ] || give_up "Python $version was found, but it cannot create virtual environments: its modules venv and ensurepip are missing." \
            "Install them (Debian, Ubuntu: apt-get install python$version-venv), or install uv, and try again."
        give_up "No working Python 3.11 or newer was found (looked for python3.11 to python3.15, python3, and pyenv's versions)." \
            "Install one, or set one: make PYTHON=/path/to/python3"
    fi
fi

SLIPWAY_UV=$uv exec "$python" -B "$here/setup.py" "$@"
