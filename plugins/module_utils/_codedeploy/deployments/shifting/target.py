# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a deployment that moves traffic leads to, and what it finds. Pure. Private to this collection."""

from __future__ import annotations

import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.shifting import appspec
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape


class Source(t.NamedTuple):
    """What the task asks for: an AppSpec as it is, or what one is written from."""

    platform: str
    options: Shape  # of `ecs` or `lambda`, those that were given
    spec: appspec.AppSpec | None = None  # as the user wrote it
    until: str = "finished"
    repair: bool = False
    location: Shape | None = None  # of the AppSpec in S3, which gives the platform and the spec once it is read
    rollback_of: str | None = None  # the deployment that this one takes back


class Target(t.NamedTuple):
    """Found by looking at the alias or the service."""

    spec: appspec.AppSpec  # what is sent
    before: Shape  # what serves now
    after: Shape  # what will serve
    reason: str | None  # why there is something to do; None where it has all traffic already
    problems: tuple[Shape, ...] = ()
    copied: t.Mapping[str, t.Any] = {}  # options that were not given, with their values of the live service
    repair: t.Any = None  # the alias whose weights are to be removed first
    moves: bool = True  # whether a deployment is needed after that
    fargate: bool = False  # whether new tasks will run on Fargate

    @property
    def revision(self) -> Shape:
        return appspec.revision_of(self.spec)
