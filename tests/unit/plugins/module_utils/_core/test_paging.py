# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pages are read to their end, and an end there always is."""

from __future__ import annotations

import itertools
import typing as t
from types import SimpleNamespace

import botocore.client
import pytest
from support.fleets import GROUP, Fleet
from support.modules import run_module

from ansible_collections.slipway.aws.plugins.module_utils._core import paging, waiting
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import Refused
from ansible_collections.slipway.aws.plugins.module_utils._core.paging import items, pages

COMMAND = {
    "document_name": "AWS-RunShellScript",
    "parameters": {"commands": ["true"]},
    "targets": [{"key": "tag:role", "values": ["web"]}],
    "max_errors": "100%",
}
READERS = [
    ("codedeploy", "ListApplications", "codedeploy_application_info", {}),
    ("codedeploy", "ListTagsForResource", "codedeploy_application", {"name": "app", "tags": {"a": "b"}}),
    ("codedeploy", "ListDeploymentConfigs", "codedeploy_deployment_config_info", {}),
    ("codedeploy", "ListDeploymentGroups", "codedeploy_deployment_group_info", {"application_name": "app"}),
    ("codedeploy", "ListDeployments", "codedeploy_deployment_info", GROUP),
    ("codedeploy", "ListOnPremisesInstances", "codedeploy_on_premises_instance_info", {}),
    ("codedeploy", "ListApplicationRevisions", "codedeploy_revision_info", {"application_name": "app"}),
    ("ec2", "DescribeInstances", "codedeploy_fleet_info", GROUP),
    ("autoscaling", "DescribeAutoScalingGroups", "codedeploy_fleet_info", {"auto_scaling_groups": ["web"]}),
    ("ssm", "DescribeInstanceInformation", "codedeploy_fleet_info", GROUP),
    ("ssm", "GetInventory", "codedeploy_fleet_info", GROUP),
    ("ssm", "ListCommandInvocations", "codedeploy_preflight", GROUP),
    ("ssm", "ListCommandInvocations", "ssm_run_command", COMMAND),
    ("ec2", "DescribeTags", "ssm_managed_node_info", {"include_tags": True}),
    ("imagebuilder", "ListComponents", "imagebuilder_component_info", {}),
    ("imagebuilder", "ListImageRecipes", "imagebuilder_image_recipe_info", {}),
    ("imagebuilder", "ListImagePipelines", "imagebuilder_image_pipeline_info", {}),
    ("imagebuilder", "ListImages", "imagebuilder_image_info", {"owner": "Amazon"}),
    ("imagebuilder", "ListImageBuildVersions", "imagebuilder_image_info", {}),
    ("imagebuilder", "ListDistributionConfigurations", "imagebuilder_distribution_configuration_info", {}),
    ("imagebuilder", "ListInfrastructureConfigurations", "imagebuilder_infrastructure_configuration_info", {}),
]
by_reader = pytest.mark.parametrize(
    ("service", "operation", "module", "params"), READERS, ids=[row[1] for row in READERS]
)


Endless = t.Callable[[str, str, t.Iterator[str]], None]


class Service:
    """A list operation that answers with the tokens it is given, each page with two items."""

    def __init__(self, *tokens: str | None, member: str = "nextToken") -> None:
        self.tokens, self.member = iter(tokens), member
        self.asked: list[dict[str, t.Any]] = []
        self.meta = SimpleNamespace(method_to_api_mapping={"list_things": "ListThings"})
        self.deadline: float | None = None

    def client(self, _name: str) -> Service:
        return self

    def list_things(self, **asked: t.Any) -> dict[str, t.Any]:
        self.asked.append(asked)
        count = len(self.asked)
        token = next(self.tokens)
        return {"things": [2 * count - 1, 2 * count], **({self.member: token} if token else {})}


def read(service: Service, most: int | None = None, **asked: t.Any) -> list[t.Any]:
    return items(t.cast(t.Any, service), "things", "list_things", "things", most, **asked)


@pytest.mark.parametrize("member", ["nextToken", "NextToken"])
def test_every_page_is_read_with_the_token_of_the_one_before(member: str) -> None:
    service = Service("a", "b", None, member=member)
    assert read(service, owner="Self") == [1, 2, 3, 4, 5, 6]
    assert service.asked == [{"owner": "Self"}, {"owner": "Self", member: "a"}, {"owner": "Self", member: "b"}]


def test_no_page_is_read_that_nobody_wants() -> None:
    service = Service("a", "b", None)
    assert read(service, 3) == [1, 2, 3]
    assert len(service.asked) == 2


@pytest.mark.parametrize(("tokens", "calls"), [("aa", 2), ("aba", 3), ("abcb", 4)])
def test_a_token_that_comes_again_ends_it(tokens: str, calls: int) -> None:
    service = Service(*itertools.islice(itertools.cycle(tokens), 100))
    with pytest.raises(Refused, match="ListThings with a page token that it had given before"):
        read(service)
    assert len(service.asked) == calls


def test_ever_new_tokens_end_at_the_limit() -> None:
    service = Service(*map(str, range(5_000)))
    with pytest.raises(Refused, match="ListThings with more than 2000 pages"):
        read(service)
    assert len(service.asked) == 2_000


def test_ever_new_tokens_end_with_the_time_of_the_task(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = itertools.count(100, 10)
    service = Service(*map(str, range(5_000)))
    monkeypatch.setattr(waiting, "time", SimpleNamespace(monotonic=lambda: 100.0))
    monkeypatch.setattr(paging, "time", SimpleNamespace(monotonic=lambda: float(next(clock))))
    service.deadline = waiting.deadline({"wait_timeout": 600, "follow": {"spent": 500}})
    with pytest.raises(Refused, match="ListThings with more pages when wait_timeout expired"):
        read(service)
    assert len(service.asked) == (100 + waiting.GRACE) / 10 + 2


def test_a_task_without_a_time_limit_has_no_deadline() -> None:
    assert waiting.deadline({}) is None
    assert waiting.deadline({"wait_timeout": None, "follow": {"spent": 5}}) is None


def test_pages_come_as_they_are() -> None:
    assert list(pages(t.cast(t.Any, Service("a", None)), "things", "list_things")) == [
        {"things": [1, 2], "nextToken": "a"},
        {"things": [3, 4]},
    ]


@pytest.fixture
def endless(world: None, monkeypatch: pytest.MonkeyPatch) -> Endless:
    """Makes an operation of the emulator answer with these tokens, whatever it is asked."""
    fleet = Fleet()
    fleet.launch(1)
    fleet.group()
    ask = botocore.client.BaseClient._make_api_call

    def never_ending(service: str, operation: str, tokens: t.Iterator[str]) -> None:
        def call(client: t.Any, name: str, asked: dict[str, t.Any]) -> t.Any:
            model = client.meta.service_model
            if (model.service_name, name) != (service, operation):
                return ask(client, name, asked)
            operation_model = model.operation_model(name)
            ((tells, asks),) = [
                (tells, asks)
                for tells, asks in paging.TOKENS.items()
                if tells in operation_model.output_shape.members and asks in operation_model.input_shape.members
            ]
            answer = ask(client, name, {key: value for key, value in asked.items() if key != asks})
            return {**answer, tells: next(tokens)}

        monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", call)

    return never_ending


@by_reader
def test_no_module_reads_for_ever(
    endless: Endless,
    monkeypatch: pytest.MonkeyPatch,
    service: str,
    operation: str,
    module: str,
    params: dict[str, t.Any],
) -> None:
    """The name and place of the token are those of the service's model."""
    monkeypatch.setattr(paging, "MOST_PAGES", 5)
    endings = {"a page token that it had given": itertools.cycle("ab"), "5 pages": map(str, itertools.count())}
    for cause, tokens in endings.items():
        endless(service, operation, tokens)
        outcome = run_module(module, params)
        assert outcome.failed
        assert operation in outcome.msg and cause in outcome.msg
