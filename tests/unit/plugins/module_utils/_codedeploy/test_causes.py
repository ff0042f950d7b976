# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One remedy a cause: for every cause of a host, alone and together with every other, and for every problem of a group."""

from __future__ import annotations

import itertools
import re
import typing as t
from pathlib import Path

import pytest
import yaml

from ansible_collections.slipway.aws.plugins.doc_fragments._deployment import ModuleDocFragment
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy import agent as agents
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy import causes as table
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.causes import (
    GROUP_REMEDIES,
    HOST_REMEDIES,
    IGNORABLE,
)
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments import bundles
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.host_access import Denial
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.preflight import words

SOURCES = Path(__file__).parents[5] / "plugins" / "module_utils"
SOUND = {
    "instanceId": "i-1", "state": "running", "instanceProfile": "arn", "ssmPing": "Online", "platform": "linux",
    "lifecycleState": "InService", "autoScalingGroup": "shop",
    "agent": {**agents.NOTHING, "status": "running", "version": "1.8.1", "source": "command"},
}  # fmt: skip


def silent(cause: str) -> dict[str, t.Any]:
    return {"agent": agents.nothing_known(cause, f"because of {cause}")}


def agent(**known: t.Any) -> dict[str, t.Any]:
    return {"agent": {**agents.NOTHING, "source": "command", **known}}


# What is found out about a host -> the cause that is told, the earlier ones before the later ones when several are found.
FOUND: dict[str, dict[str, t.Any]] = {
    "on_premises": {"onPremises": True, **silent("on_premises")},
    "instance_warm": {"state": "stopped", "lifecycleState": "Warmed:Stopped"},
    "instance_stopped": {"state": "stopped"},
    "instance_pending": {"state": "pending"},
    "instance_terminated": {"state": "shutting-down"},
    "no_instance_profile": {"instanceProfile": None},
    "ssm_unmanaged": {"ssmPing": None, **silent("probe_missing")},
    "ssm_unreachable": {"ssmPing": "ConnectionLost", **silent("probe_missing")},
    "agent_absent": agent(status="absent"),
    "agent_stopped": agent(status="stopped", version="1.8.1"),
    "agent_old": agent(status="running", version="1.0.0"),
    "agent_unknown": agent(source=None),
    **{cause: silent(cause) for cause in HOST_REMEDIES if cause.startswith(("probe_", "inventory_"))},
}
OF_BUNDLE = ("platform_mismatch", "bundle_type_unsupported", "bundle_denied")
ORDER = list(FOUND)


def verdict(*causes: str) -> agents.Verdict:
    """The later of two that say something of the same thing does not count, as it cannot be found then."""
    host = dict(SOUND)
    for cause in sorted(causes, key=ORDER.index, reverse=True):
        host.update(FOUND[cause])
    return agents.verdict(host, "1.6.0")


def test_every_cause_of_a_host_can_be_told() -> None:
    assert {*FOUND, *OF_BUNDLE, "instance_missing"} == set(HOST_REMEDIES)


@pytest.mark.parametrize("cause", FOUND)
def test_a_cause_alone_is_told_as_itself(cause: str) -> None:
    found = verdict(cause)
    assert found.cause == cause and found.verdict != "ready" and found.reason


@pytest.mark.parametrize(("one", "other"), itertools.combinations(FOUND, 2))
def test_of_two_causes_what_ec2_tells_comes_before_what_ssm_and_a_probe_tell(one: str, other: str) -> None:
    assert verdict(one, other).cause == verdict(other, one).cause == one


def test_what_cannot_be_installed_is_told_whatever_state_the_host_is_in() -> None:
    host = {**SOUND, **FOUND["instance_stopped"], "platform": "windows"}
    denials = {"arn": Denial("bundle_denied", "no right", True)}
    table = {
        "platform_mismatch": bundles.Bundle("tgz", "linux", denials=denials),
        "bundle_type_unsupported": bundles.Bundle("tgz", "windows", denials=denials),
        "bundle_denied": bundles.Bundle("zip", "windows", denials=denials),
    }
    assert {cause: getattr(bundles.unfit(bundle, host), "cause", None) for cause, bundle in table.items()} == {
        cause: cause for cause in OF_BUNDLE
    }
    assert bundles.unfit(bundles.Bundle("zip", "windows"), host) is None


def test_a_message_has_each_remedy_once() -> None:
    causes = [cause for cause in FOUND for _twice in range(2)]
    named = [
        {"id": f"i-{number}", "privateIpAddress": None, "reason": "so", "cause": cause, "remedy": HOST_REMEDIES[cause]}
        for number, cause in enumerate(causes)
    ]
    found = {"verdict": "not_ready", "notReady": named, "unknown": [], "problems": [], "probe": "command"}
    said = words.problem({"fail_on": "not_ready", "probe": "command"}, {"preflight": found, "hosts": named}) or ""
    assert all(said.count(remedy) == 1 for remedy in {HOST_REMEDIES[cause] for cause in causes})


def test_every_problem_that_is_told_has_its_remedy_and_no_remedy_is_left_over() -> None:
    text = "\n".join(path.read_text() for path in SOURCES.rglob("*.py"))
    told = set(re.findall(r'\bproblem\(\s*"(\w+)"', text)) | {cause for cause, _words in bundles.ANSWERS.values()}
    told |= {f"{kind}_hook_missing" for kind in ("launch", "termination")} | {*OF_BUNDLE, "no_instance_role"}
    assert told == set(GROUP_REMEDIES)


def test_what_may_be_ignored_is_documented_and_known() -> None:
    options = yaml.safe_load(ModuleDocFragment.FORESEEN)["options"]
    assert options["ignore_problems"]["choices"] == list(IGNORABLE)
    assert set(IGNORABLE) < set(GROUP_REMEDIES)


def test_a_way_through_is_named_only_where_there_is_one() -> None:
    one = table.problem("too_many_hosts", "so many", True)
    assert table.way_through([one, one]).endswith("ignore_problems: [too_many_hosts].")
    assert table.way_through([one, table.problem("no_instances", "none", True)]) == ""
