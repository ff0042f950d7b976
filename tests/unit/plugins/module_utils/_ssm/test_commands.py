# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Commands to instances of which Systems Manager takes some not: it refuses a whole call for one of them."""

from __future__ import annotations

import datetime
import typing as t

import botocore.exceptions
import pytest

from ansible_collections.slipway.aws.plugins.module_utils._ssm import commands


class Ssm:
    """Takes no command for these instances."""

    def __init__(self, bad: set[str]) -> None:
        self.bad = bad
        self.asked: list[str] = []

    def client(self, _service: str) -> Ssm:
        return self

    def send_command(self, InstanceIds: list[str], **_asked: t.Any) -> dict[str, t.Any]:
        if self.bad & set(InstanceIds):
            error = {"Error": {"Code": "InvalidInstanceId", "Message": "Instances not in a valid state for account"}}
            raise botocore.exceptions.ClientError(error, "SendCommand")
        self.asked += InstanceIds
        return {
            "Command": {"CommandId": f"c-{len(self.asked)}", "RequestedDateTime": datetime.datetime.now(datetime.UTC)}
        }


@pytest.mark.parametrize(
    "bad", [set(), {"i-0"}, {"i-59"}, {"i-7", "i-8", "i-55"}, {f"i-{number}" for number in range(60)}]
)
def test_the_others_get_it_once(bad: set[str]) -> None:
    ids = [f"i-{number}" for number in range(60)]
    ssm = Ssm(bad)
    sent, refused = commands.send_to_ids(t.cast("t.Any", ssm), ids, {"DocumentName": "Probe"})
    assert sorted(refused) == sorted(bad) and ssm.asked == [one for one in ids if one not in bad]
    assert len({one.command_id for one in sent}) == len(sent)
