# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""The host agent: what a lifecycle event does on a host, how long it takes and what the agent reports of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from slipway_emulator.faults import faults
from slipway_emulator.hosts import Host, Installation
from slipway_emulator.machine.traces import joined, made_by
from slipway_emulator.unpacked import Unpacked

from . import appspec as appspecs
from . import limits, permissions
from .bundle import Bundle, BundleError, Bundles
from .deployment import Deployment
from .scripts import failure_to_start

ROOT = "/opt/codedeploy-agent/deployment-root"
# These run from what the last install left on the host, not from the bundle that is being deployed.
FROM_LAST_INSTALL = ("ApplicationStop", "BeforeBlockTraffic", "AfterBlockTraffic")

WHERE = ("instance_id", "application_name", "deployment_group_name", "deployment_id", "revision_key", "event")
faults.declare(
    "hook-fails",
    "a hook script exits with an error, a hook function reports a failure",
    (*WHERE, "script", "function_name"),
    exit_code=1,
    log="the fault made this hook fail",
)
faults.declare("hook-slow", "a hook takes longer", (*WHERE, "script", "function_name"), seconds=60)
faults.declare("disk-full", "DownloadBundle or Install finds no space left", WHERE)
faults.declare("download-denied", "the host may not read the bundle", WHERE)
faults.declare("agent-dies", "the agent dies in the middle of an event", WHERE, restart_after=None)


@dataclass(frozen=True)
class Outcome:
    """How an event ends, if the agent lives to tell."""

    seconds: float
    code: str = "Success"
    script: str = ""
    message: str = "Succeeded"
    log: str = ""

    @property
    def failed(self) -> bool:
        return self.code != "Success"

    def as_diagnostics(self) -> dict[str, str]:
        return {
            "errorCode": self.code,
            "scriptName": self.script,
            "message": self.message,
            "logTail": self.log[-limits.LOG_TAIL :],
        }


@dataclass
class Log:
    """The script log of one event, as its tail is reported."""

    lines: list[str] = field(default_factory=list)

    def text(self) -> str:
        return "".join(f"{line}\n" for line in self.lines)


class Agent:
    """The agent of one host at work on one deployment."""

    def __init__(self, deployment: Deployment, host: Host, bundles: Bundles) -> None:
        self.deployment, self.host, self.bundles = deployment, host, bundles
        self.bundle: Bundle | None = None
        self.appspec: dict[str, Any] | None = None

    def perform(self, event: str) -> Outcome:
        """Carry out one lifecycle event; state on the host changes now, the time it takes is the caller's to let pass."""
        try:
            if event == "DownloadBundle":
                return self._download()
            if event == "Install":
                return self._install()
            return self._run_hooks(event)
        except (BundleError, appspecs.AppSpecError) as failed:
            return Outcome(limits.EMPTY_EVENT_SECONDS, "UnknownError", message=str(failed))

    def dies(self, event: str) -> dict[str, Any] | None:
        """The fault that kills the agent in this event."""
        return faults.take("agent-dies", **self._facts(event))

    def finished(self) -> None:
        """The deployment reached its last event here."""
        installed = self.host.installations.get(self.deployment.group.group_id)
        if installed is not None and installed.deployment_id == self.deployment.deployment_id:
            installed.succeeded = True

    def _facts(self, event: str) -> dict[str, str]:
        return {
            "instance_id": self.host.instance_id,
            "application_name": self.deployment.group.application.name,
            "deployment_group_name": self.deployment.group.name,
            "deployment_id": self.deployment.deployment_id,
            "revision_key": self.deployment.revision.get("s3Location", {}).get("key", ""),
            "event": event,
        }

    def _download(self) -> Outcome:
        if faults.take("download-denied", **self._facts("DownloadBundle")):
            raise BundleError("Access Denied")
        self._need_space("DownloadBundle", "bundle.tar")
        self.bundle = self.bundles.fetch(self.deployment.revision["s3Location"])
        return Outcome(limits.DOWNLOAD_SECONDS)

    def _need_space(self, event: str, name: str) -> None:
        if faults.take("disk-full", **self._facts(event)):
            raise BundleError(f"No space left on device @ io_write - {self._folder()}/{name}")

    def _from_last_install(self, event: str) -> bool:
        return event in FROM_LAST_INSTALL or self.deployment.reroutes_back

    def _folder(self, event: str = "") -> str:
        """Where the bundle lies whose scripts an event runs."""
        group_id = self.deployment.group.group_id
        last = self.host.installations.get(group_id) if self._from_last_install(event) else None
        return f"{ROOT}/{self.deployment.group.group_id}/{(last or self.deployment).deployment_id}"

    def _install(self) -> Outcome:
        spec, bundle = self._current()
        appspecs.check_events(spec)
        self._need_space("Install", "deployment-archive")
        paths = appspecs.installed_paths(spec, bundle.unpacked.files)
        self._refuse_conflicts(spec, paths)
        permissions.check(spec["permissions"], paths, self.host.contents)
        group = self.deployment.group
        self.host.installations[group.group_id] = Installation(
            application_name=group.application.name,
            deployment_group_name=group.name,
            deployment_id=self.deployment.deployment_id,
            revision=self.deployment.revision,
            appspec=spec,
            unpacked=bundle.unpacked,
        )
        return Outcome(limits.INSTALL_SECONDS)

    def _refuse_conflicts(self, spec: dict[str, Any], paths: list[str]) -> None:
        """Files of the image, and of another group (or of this one before it was created anew) are in no cleanup list of this group."""
        behavior = spec["file_exists_behavior"] or self.deployment.settings.get("fileExistsBehavior") or "DISALLOW"
        if behavior != "DISALLOW":
            return
        own = self.deployment.group.group_id
        installed = {
            group_id: set(appspecs.installed_paths(installation.appspec, installation.unpacked.files))
            for group_id, installation in self.host.installations.items()
        }
        mine = installed.pop(own, set())
        others = set().union(*installed.values(), set(self.host.contents.files) - mine)
        for path in paths:
            if path in others:
                raise BundleError(
                    f"The deployment failed because a specified file already exists at this location: {path}"
                )

    def _current(self) -> tuple[dict[str, Any], Bundle]:
        """AppSpec and bundle of this deployment; the agent reads the AppSpec first in BeforeInstall."""
        if self.bundle is None:
            raise BundleError(f"No such file or directory @ rb_sysopen - {self._folder()}/bundle.tar")
        if self.bundle.appspec is None:
            archive = f"{self._folder()}/deployment-archive"
            raise BundleError(
                "The CodeDeploy agent did not find an AppSpec file within the unpacked revision directory at"
                f' revision-relative path "appspec.yml". The revision was unpacked to directory "{archive}", and the'
                f' AppSpec file was expected but not found at path "{archive}/appspec.yml".'
            )
        if self.appspec is None:
            self.appspec = appspecs.parse(self.bundle.appspec, "windows" if self._on_windows() else "linux")
        return self.appspec, self.bundle

    def _hooks(self, event: str) -> tuple[list[dict[str, Any]], Unpacked]:
        if not self._from_last_install(event):
            spec, bundle = self._current()
            return spec["hooks"].get(event) or [], bundle.unpacked
        last = self.host.installations.get(self.deployment.group.group_id)
        return ([], Unpacked()) if last is None else (last.appspec["hooks"].get(event) or [], last.unpacked)

    def _run_hooks(self, event: str) -> Outcome:
        scripts, unpacked = self._hooks(event)
        log, seconds = Log(), 0.0
        if scripts:
            log.lines.append(f"LifecycleEvent - {event}")
        for script in scripts:
            ended = self._run(script, unpacked, event, log)
            seconds += ended.seconds
            if ended.failed:
                return Outcome(seconds, ended.code, script["location"], ended.message, log.text())
        return Outcome(seconds or limits.EMPTY_EVENT_SECONDS, log=log.text())

    def _run(self, script: dict[str, Any], unpacked: Unpacked, event: str, log: Log) -> Outcome:
        location, archive = script["location"], f"{self._folder(event)}/deployment-archive"
        if not unpacked.exists(location):
            message = f"Script does not exist at specified location: {archive}/{location}"
            return Outcome(limits.EMPTY_EVENT_SECONDS, "ScriptMissing", message=message)
        log.lines.append(f"Script - {location}")
        user = f" run as user {script['runas']}" if script["runas"] is not None else ""
        what = f"Script at specified location: {location}{user}"
        failed = None if self._on_windows() else failure_to_start(script, unpacked, archive, self.host.contents)
        if failed:
            log.lines.extend(failed.log)
            return Outcome(limits.EMPTY_EVENT_SECONDS, "ScriptFailed", message=f"{what} {failed.ending}")
        return self._let_run(script, what, {**self._facts(event), "script": location}, unpacked, log)

    def _let_run(
        self, script: dict[str, Any], what: str, facts: dict[str, str], unpacked: Unpacked, log: Log
    ) -> Outcome:
        slow = faults.take("hook-slow", **facts)
        seconds = limits.SCRIPT_SECONDS + float(slow["seconds"] if slow else 0)
        if seconds > script["timeout"]:
            message = (
                f"Script at specified location: {script['location']} failed to complete in {script['timeout']} seconds"
            )
            return Outcome(script["timeout"], "ScriptTimedOut", message=message)
        failure = faults.take("hook-fails", **facts)
        if failure is None:
            self._leave_traces(unpacked.script(script["location"]))
            return Outcome(seconds)
        log.lines.extend(f"[stderr]{line}" for line in str(failure["log"]).splitlines())
        return Outcome(seconds, "ScriptFailed", message=f"{what} failed with exit code {failure['exit_code']}")

    def _leave_traces(self, text: bytes) -> None:
        """Accounts and programs that the script names are there for what comes after it."""
        contents = self.host.contents
        made = joined(contents.made, made_by(text.decode("utf-8", "replace")))
        if made is not contents.made:
            self.host.change(replace(contents, made=made))

    def _on_windows(self) -> bool:
        return "windows" in self.host.contents.platform_name.lower()
