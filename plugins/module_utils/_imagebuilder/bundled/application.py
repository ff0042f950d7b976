# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The folder of an application with its AppSpec as a component: what CodeDeploy does on a host, done in an image. Private.

Everything that the AppSpec says is data here: it stands in scripts in quotes only, and in the document not at all.
"""

from __future__ import annotations

import posixpath
import shlex
import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._bundle.appspec import APPSPEC, check_appspec
from ansible_collections.slipway.aws.plugins.module_utils._bundle.tree import DIRECTORY, Tree, read_member, walk
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import Refused
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._documents.appspec.installation import Installed, installation
from ansible_collections.slipway.aws.plugins.module_utils._documents.appspec.spec import (
    AppSpec,
    AppSpecError,
    Permission,
    Script,
    parse_appspec,
)
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.arns import arn_name
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.bundled.bundles import (
    OURS,
    SHELL,
    Content,
    Step,
    home_of,
    put_script,
    refuse_ours,
)

START, VALIDATE = "ApplicationStart", "ValidateService"
IN_BUILD, IN_TEST = ("BeforeInstall", "AfterInstall"), (START, VALIDATE)
KILL_SECONDS = 5  # after the time limit, as the agent does


def application(params: Shape) -> Content:
    """The folder, and the steps that install it and prove that it starts."""
    tree = walk(params["src"], params["exclude"], params["symlinks"], params["ignore_file"])
    refuse_ours(tree)
    warned = check_appspec(tree, params["src"], "zip")
    spec = parse_appspec(read_member(tree, APPSPEC.encode()))
    if spec.os != "linux":
        raise Refused(
            f"{APPSPEC} is for Windows, and the module makes components for Linux only. Use imagebuilder_component"
        )
    name, hooks = params["name"], {event: scripts for event, scripts in spec.hooks.items() if scripts}
    put_script(tree, "Install", _install_script(home_of(name), spec, tree))
    for event in (*IN_BUILD, *IN_TEST):
        if event in hooks:
            put_script(tree, event, _hook_script(params, event, hooks[event]))
    at_boot = START in hooks and params["start_at_boot"]
    if at_boot:
        put_script(tree, "start.service", _unit(name, hooks[START]))
    left_out = [event for event in hooks if event not in (*IN_BUILD, *IN_TEST)]
    return Content(tree, _phases(name, hooks, at_boot), {"hooks_not_run": left_out}, warned)


def _phases(name: str, hooks: t.Mapping[str, tuple[Script, ...]], at_boot: bool) -> dict[str, list[Step]]:
    def of(event: str) -> list[Step]:
        return [Step(event, _run(name, event), _seconds(hooks[event]))] if event in hooks else []

    unit = _unit_name(name)
    enable = f"""\
set -eu
install -m 0644 {home_of(name)}/{OURS}/start.service /etc/systemd/system/{unit}
systemctl daemon-reload
systemctl enable {unit}
"""
    started = f"""\
if ! systemctl start {unit}; then
  journalctl --no-pager -n 50 -u {unit}
  exit 1
fi
"""
    start = [Step(START, started, _seconds(hooks[START]))] if at_boot else of(START)
    install = [Step("Install", _run(name, "Install"))]
    boot = [Step("EnableApplicationStart", enable)] if at_boot else []
    build = [*of("BeforeInstall"), *install, *of("AfterInstall"), *boot]
    return {"build": build, "test": [*start, *of(VALIDATE)]}


def _run(name: str, script: str) -> str:
    return f"bash {home_of(name)}/{OURS}/{script}\n"


def _seconds(scripts: t.Iterable[Script]) -> int:
    return sum(script.timeout + KILL_SECONDS for script in scripts)


def _unit_name(name: str) -> str:
    return f"slipway-{arn_name(name)}.service"


def _unit(name: str, scripts: t.Iterable[Script]) -> str:
    """RemainAfterExit: what the scripts leave running belongs to the unit, and would end with it."""
    return f"""\
[Unit]
Description={START} of {name}
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
RemainAfterExit=yes
TimeoutStartSec={_seconds(scripts)}
ExecStart=/bin/bash {home_of(name)}/{OURS}/{START}

[Install]
WantedBy=multi-user.target
"""


def _hook_script(params: Shape, event: str, scripts: t.Iterable[Script]) -> str:
    """Scripts in their order; the first that fails ends the event. 194, on which Image Builder reboots, is a failure like others."""
    home = home_of(params["name"])
    variables = {
        "APPLICATION_NAME": params["application_name"] or params["name"],
        "DEPLOYMENT_GROUP_NAME": params["deployment_group_name"] or "",
        "DEPLOYMENT_GROUP_ID": "",
        "DEPLOYMENT_ID": "",
        "LIFECYCLE_EVENT": event,
    }
    exports = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in variables.items())
    return f"{SHELL}cd {home}\n{exports}{''.join(_script(home, script) for script in scripts)}"


def _script(home: str, script: Script) -> str:
    path = shlex.quote(posixpath.join(home, posixpath.normpath("./" + script.location.lstrip("/"))))
    started = path if script.runas is None else f"su -c {shlex.quote(path)} -- {shlex.quote(script.runas)}"
    user = "" if script.runas is None else f" run as user {script.runas}"
    failed, late = (
        shlex.quote(f"Script at specified location: {script.location}{text}")
        for text in (f"{user} failed with exit code", f" failed to complete in {script.timeout} seconds")
    )
    return f"""
echo {shlex.quote(f"Script - {script.location}")}
chmod +x {path}
code=0
timeout -k {KILL_SECONDS} {script.timeout} {started} </dev/null || code=$?
if [ "$code" = 124 ]; then
  echo {late} >&2
  exit 1
fi
if [ "$code" != 0 ]; then
  echo {failed} "$code" >&2
  exit 1
fi
"""


def _install_script(home: str, spec: AppSpec, tree: Tree) -> str:
    """Directories that are missing, then copies. What exists already is refused before anything is copied, unless the
    AppSpec says otherwise; what is retained keeps its permissions, too."""
    try:
        items = installation(spec, *_paths(tree))
    except AppSpecError as wrong:
        raise Refused(str(wrong), problems=[problem._asdict() for problem in wrong.problems]) from wrong
    behavior = spec.file_exists_behavior or "DISALLOW"
    copies = [item for item in items if item.source is not None]
    parts = [SHELL, "umask 022\n", f"cd {home}\n"]
    if behavior == "DISALLOW":
        parts += [_refuse_existing(item.path) for item in copies]
    parts += [_folder(item) for item in items if item.source is None]
    parts += [_copy(item, retain=behavior == "RETAIN") for item in copies]
    return "".join(parts)


def _paths(tree: Tree) -> tuple[list[str], list[str]]:
    """Files with symlinks, and directories, but for what is ours."""
    files = [entry.path.decode() for entry in tree.entries if entry.kind != DIRECTORY]
    folders = {entry.path.decode() for entry in tree.entries if entry.kind == DIRECTORY}
    for path in (*files, *folders):
        while path := posixpath.dirname(path):
            folders.add(path)
    return files, list(folders)


def _refuse_existing(path: str) -> str:
    said = f"A file exists already at {path}. Write file_exists_behavior: OVERWRITE or RETAIN in {APPSPEC}."
    return f"if [ -e {shlex.quote(path)} ]; then\n  echo {shlex.quote(said)} >&2\n  exit 1\nfi\n"


def _folder(item: Installed) -> str:
    lines = [f"mkdir {shlex.quote(item.path)}", *_permissions(item)]
    return _unless(f"-d {shlex.quote(item.path)}", lines)


def _copy(item: Installed, retain: bool) -> str:
    lines = [f"cp -dpT {shlex.quote('./' + (item.source or ''))} {shlex.quote(item.path)}", *_permissions(item)]
    return _unless(f"-e {shlex.quote(item.path)}", lines) if retain else "".join(f"{line}\n" for line in lines)


def _unless(condition: str, lines: t.Iterable[str]) -> str:
    return f"if [ ! {condition} ]; then\n{''.join(f'  {line}{chr(10)}' for line in lines)}fi\n"


def _permissions(item: Installed) -> t.Iterator[str]:
    """The owner comes first: a change of it takes set-user-ID off."""
    if item.permission is None:
        return
    path, wish = shlex.quote(item.path), item.permission
    for command, value in (("chown", wish.owner), ("chgrp", wish.group), ("chmod", wish.mode)):
        if value:
            yield f"{command} -- {shlex.quote(value)} {path}"
    if wish.acls:
        # -n: the mask is that of the group, as the agent sets it, and not what the entries ask for
        yield f"setfacl -b -n -m {shlex.quote(','.join(wish.acls))} -- {path}"
    yield from _context(path, wish)


def _context(path: str, wish: Permission) -> t.Iterator[str]:
    if wish.context is None:
        return
    options = zip(("-s", "-t", "-r"), wish.context)
    given = " ".join(f"{option} {shlex.quote(value)}" for option, value in options if value)
    yield f"semanage fcontext -a {given} {path}"
    yield f"restorecon -v {path}"
