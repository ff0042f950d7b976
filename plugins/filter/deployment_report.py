# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter `slipway.aws.deployment_report`; its documentation is in deployment_report.yml."""

from __future__ import annotations

import collections.abc as c
import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.slipway.aws.plugins.plugin_utils._files.deployment_report import Story, blocks, title
from ansible_collections.slipway.aws.plugins.plugin_utils._files.document import to_html, to_markdown
from ansible_collections.slipway.aws.plugins.plugin_utils._files.plain import plain

FORMATS = {"markdown": to_markdown, "html": to_html}


def deployment_report(
    result: t.Any, deployments: t.Any = (), verdict: str = "", about: t.Any = None, format: str = "markdown"
) -> str:
    """The report of a deployment; see the documentation of the filter."""
    if not isinstance(result, c.Mapping) or not (result.get("deployment") or {}).get("deployment_id"):
        raise AnsibleFilterError("deployment_report takes the registered result of a task that deployed.")
    if format not in FORMATS:
        raise AnsibleFilterError(f"deployment_report takes format={' or format='.join(FORMATS)}, not {format!r}.")
    result = plain(result)
    story = Story(
        result, plain(list(deployments)), plain(verdict) or result["deployment"].get("status"), plain(about or {})
    )
    return FORMATS[format](title(story), blocks(story))


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, c.Callable[..., t.Any]]:
        return {"deployment_report": deployment_report}
