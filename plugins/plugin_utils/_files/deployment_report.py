# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A deployment that is over -> the blocks of a report: what happened, where, when, and who did it. Pure.

It says nothing of the moment in which it is made, so that a report of the same deployment is the same.
"""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.slipway.aws.plugins.plugin_utils._files.document import (
    Bar,
    Block,
    Data,
    Heading,
    Log,
    Paragraph,
    Table,
    Timeline,
)
from ansible_collections.slipway.aws.plugins.plugin_utils._files.masking import masked
from ansible_collections.slipway.aws.plugins.plugin_utils._screen.failure import (
    fleets_in_words,
    in_words,
    moves_traffic,
    serving,
)

Map = t.Mapping[str, t.Any]

MOST_TARGETS = 200  # in the timeline, failed ones first
MOST_LOGS = 20
TONES = {"Succeeded": "good", "Failed": "bad"}
ORDER = ("Failed", "Unknown", "Ready", "InProgress", "Pending", "Skipped", "Succeeded")


class Story(t.NamedTuple):
    """What is told of."""

    result: Map  # of the task that deployed
    deployments: t.Sequence[Map]  # it and its rollback, as codedeploy_deployment_info returns them with all targets
    verdict: str
    about: Map  # who and where, by what it is called

    @property
    def deployment(self) -> Map:
        told = self.result.get("deployment") or {}
        return {
            **told,
            **next((one for one in self.deployments if one["deployment_id"] == told.get("deployment_id")), {}),
        }

    @property
    def rollback(self) -> Map:
        told = (self.result.get("rollback") or {}).get("deployment") or {}
        return {
            **told,
            **next((one for one in self.deployments if one["deployment_id"] == told.get("deployment_id")), {}),
        }


def title(story: Story) -> list[str]:
    one = story.deployment
    name = f"{one.get('application_name')}/{one.get('deployment_group_name')}"
    return ["Deployment ", _said(one.get("deployment_id")), " to ", _said(name), f": {story.verdict}"]


def blocks(story: Story) -> list[Block]:
    return [
        Table(("", ""), _summary(story)),
        *_first_error(story),
        *_problems(story),
        *_rollback(story),
        *_fleets(story),
        *_timeline("Timeline", story, story.deployment),
        *(_timeline("Timeline of the rollback", story, story.rollback) if story.rollback else []),
        *_logs(story),
    ]


def _summary(story: Story) -> list[tuple[str, str]]:
    one = story.deployment
    began, ended = one.get("create_time"), one.get("complete_time")
    rows = {
        "Result": story.verdict,
        **{str(name): _said(value) for name, value in story.about.items()},
        "Created by": _said(one.get("creator")),
        "Description": _said(one.get("description")),
        "From": _said(_before(story)),
        "To": _said(_after(story)),
        "Configuration": _said(one.get("deployment_config_name")),
        "Created": _said(_clock(began)),
        "Ended": _said(_clock(ended)),
        "Duration": _duration(began, ended),
        "Targets": ", ".join(f"{count} {status.replace('_', ' ')}" for status, count in _overview(one)),
    }
    return [(name, value) for name, value in rows.items() if value]


def _overview(deployment: Map) -> list[tuple[str, int]]:
    return [(name, count) for name, count in (deployment.get("deployment_overview") or {}).items() if count]


def _before(story: Story) -> str:
    if moves_traffic(story.result):
        return serving(story.result["previous_target"]) if story.result.get("previous_target") else ""
    return in_words(story.deployment.get("previous_revision"))


def _after(story: Story) -> str:
    if moves_traffic(story.result) and story.result.get("target"):
        return serving(story.result["target"])
    return in_words(story.deployment.get("revision"))


class _Failure(t.NamedTuple):
    """An event that failed on a target."""

    target: Map
    event: Map

    @property
    def at(self) -> str:
        return str(self.event.get("end_time") or self.event.get("start_time") or "")


def _failures(deployment: Map) -> list[_Failure]:
    """In the order of time."""
    found = [
        _Failure(target, event)
        for target in deployment.get("targets") or []
        for event in target.get("lifecycle_events") or []
        if event.get("status") == "Failed"
    ]
    return sorted(found, key=lambda one: one.at or "~")


def _first_error(story: Story) -> list[Block]:
    if "msg" not in story.result:
        return []
    error = story.deployment.get("error_information") or {}
    first = next(iter(_failures(story.deployment)), None)
    told: list[Block] = [Heading("First error")]
    if first:
        said = first.event.get("diagnostics") or {}
        known = _known(story, first.target)
        named = {
            "Target": _name(story, first.target),
            "Event": first.event.get("lifecycle_event_name"),
            "At": _clock(first.event.get("end_time")),
            "Script": said.get("script_name") or known.get("function_name"),
            "Code": said.get("error_code"),
            "Message": said.get("message"),
            "Hint": known.get("hint") or error.get("hint"),
        }
        told.append(Table(("", ""), [(name, _said(value)) for name, value in named.items() if value]))
        told += [Log(_output(first))] if _output(first) else []
        return told
    told.append(Paragraph([_said(story.result["msg"])]))
    return told + ([Paragraph(["Hint: ", _said(error["hint"])])] if error.get("hint") else [])


def _problems(story: Story) -> list[Block]:
    rows = [(_said(one.get("message")), _said(one.get("remedy"))) for one in story.result.get("problems") or []]
    return [Heading("Problems"), Table(("What is wrong", "How to fix it"), rows)] if rows else []


def _rollback(story: Story) -> list[Block]:
    told, by = story.result.get("rollback") or {}, story.rollback
    if by:
        rows = {
            "Deployment": _said(by.get("deployment_id")),
            "Result": _said(by.get("status")),
            "To": _said(in_words(by.get("revision"))),
            "Targets": ", ".join(f"{count} {status}" for status, count in _overview(by)),
        }
        return [Heading("Rollback"), Table(("", ""), [row for row in rows.items() if row[1]])]
    if "msg" not in story.result:
        return []
    why = told.get("message")
    return [Heading("Rollback"), Paragraph(["Not rolled back", *([": ", _said(why)] if why else []), "."])]


def _fleets(story: Story) -> list[Block]:
    told = fleets_in_words(story.result)
    return [Heading("Hosts"), Paragraph([_said(told)])] if told else []


def _timeline(heading: str, story: Story, deployment: Map) -> list[Block]:
    targets = sorted(deployment.get("targets") or [], key=lambda one: _rank(str(one.get("status"))))
    moments = [at for one in targets for event in _events(one) for at in _span(event)]
    if not moments:
        return []
    shown, begin = targets[:MOST_TARGETS], min(moments)
    whole = max((max(moments) - begin).total_seconds(), 1.0)
    more = len(targets) - len(shown)
    return [
        Heading(heading),
        Timeline([(_name(story, one), _bars(one, begin, whole)) for one in shown]),
        Table(
            ("Target", "Result", "Began", "Ended", "Duration", "Failed in", "Events"),
            [_row(story, one) for one in shown],
        ),
        *([Paragraph([f"And {more} more targets."])] if more else []),
    ]


def _rank(status: str) -> int:
    return ORDER.index(status) if status in ORDER else len(ORDER)


def _events(target: Map) -> list[Map]:
    return [one for one in target.get("lifecycle_events") or [] if one.get("start_time")]


def _span(event: Map) -> list[datetime.datetime]:
    return [datetime.datetime.fromisoformat(event[name]) for name in ("start_time", "end_time") if event.get(name)]


def _bars(target: Map, begin: datetime.datetime, whole: float) -> list[Bar]:
    bars = []
    for event in _events(target):
        span = _span(event)
        start = (span[0] - begin).total_seconds()
        seconds = (span[-1] - span[0]).total_seconds()
        text = f"{event.get('lifecycle_event_name')}: {event.get('status')}, {seconds:.0f} s"
        tone = TONES.get(str(event.get("status")), "other")
        bars.append(Bar(100 * start / whole, 100 * seconds / whole, tone, text))
    return bars


def _row(story: Story, target: Map) -> tuple[str, ...]:
    events = _events(target)
    began = min((one["start_time"] for one in events), default="")
    ended = max((one["end_time"] for one in events if one.get("end_time")), default="")
    failed = next((one for one in target.get("lifecycle_events") or [] if one.get("status") == "Failed"), {})
    spent = ", ".join(
        f"{one.get('lifecycle_event_name')} {_duration(one['start_time'], one.get('end_time'))}" for one in events
    )
    return (
        _said(_name(story, target)),
        _said(target.get("status")),
        _said(_clock(began)),
        _said(_clock(ended)),
        _duration(began, ended),
        _said(failed.get("lifecycle_event_name")),
        _said(spent),
    )


def _logs(story: Story) -> list[Block]:
    """The end of the output of what failed besides the first, of hosts whose output differs."""
    failures = [*_failures(story.deployment), *_failures(story.rollback)]
    first = {_output(one) for one in _failures(story.deployment)[:1]}
    by_log = {_output(one): one for one in reversed(failures) if _output(one) not in {"", *first}}
    told: list[Block] = []
    for log, one in list(reversed(by_log.items()))[:MOST_LOGS]:
        script = (one.event.get("diagnostics") or {}).get("script_name") or one.event.get("lifecycle_event_name")
        told += [Paragraph([_said(_name(story, one.target)), ", ", _said(script), ":"]), Log(log)]
    return [Heading("Output of other scripts that failed"), *told] if told else []


def _output(failure: _Failure) -> str:
    return masked(str((failure.event.get("diagnostics") or {}).get("log_tail") or ""))


def _known(story: Story, target: Map) -> Map:
    """What the task has found out of a failed target: its name, its address, a hint."""
    failed = story.result.get("failed_targets") or []
    return next((one for one in failed if one.get("target_id") == target.get("target_id")), {})


def _name(story: Story, target: Map) -> str:
    known = _known(story, target)
    named = [str(target.get("target_id")), known.get("private_ip_address"), known.get("name")]
    return " ".join(str(one) for one in named if one)


def _said(value: t.Any) -> str:
    """Text that is not ours; nothing of nothing."""
    return Data(masked(str(value))) if value not in (None, "", "nothing") else ""


def _clock(moment: t.Any) -> str:
    return f"{datetime.datetime.fromisoformat(moment):%Y-%m-%d %H:%M:%S %Z}" if moment else ""


def _duration(start: t.Any, end: t.Any) -> str:
    if not start or not end:
        return ""
    seconds = (datetime.datetime.fromisoformat(end) - datetime.datetime.fromisoformat(start)).total_seconds()
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
