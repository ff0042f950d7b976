# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A bucket, an application and a directory to push, and the runs that push it."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass
from pathlib import Path

import boto3

from support.modules import CONNECTION, Outcome, run_module

APPSPEC = """\
version: 0.0
os: linux
files:
  - source: /
    destination: /srv/storefront
hooks:
  AfterInstall:
    - location: scripts/after.sh
      timeout: 60
"""
KEYS = {"aws_access_key_id": CONNECTION["access_key"], "aws_secret_access_key": CONNECTION["secret_key"]}


def client(service: str, region: str = CONNECTION["region"]) -> t.Any:
    return boto3.client(service, region_name=region, **KEYS)


@dataclass
class Here:
    """The bucket and the application of the test that runs."""

    bucket: str = ""
    application: str = ""


here = Here()


def run(src: Path, options: dict[str, t.Any], check_mode: bool = False) -> Outcome:
    params = {"application_name": here.application, "src": str(src), "bucket": here.bucket, **options}
    given = {name: value for name, value in params.items() if value is not None}
    return run_module("codedeploy_revision", given, check_mode=check_mode)


def push(src: Path | None, check_mode: bool = False, **options: t.Any) -> Outcome:
    params: dict[str, t.Any] = {"application_name": here.application}
    if src is not None:
        params.update(src=str(src), bucket=here.bucket)
    return run_module("codedeploy_revision", {**params, **options}, check_mode=check_mode)


def calls(outcome: Outcome) -> list[str]:
    return [call.operation for call in outcome.calls]


def registered() -> list[dict[str, t.Any]]:
    return client("codedeploy").list_application_revisions(applicationName=here.application)["revisions"]
