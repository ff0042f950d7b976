# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options that choose hosts, in a pair with _codedeploy.survey.SELECTION_OPTIONS. Private to this collection."""

from __future__ import annotations


class ModuleDocFragment:
    SELECTION = r"""
options:
  application_name:
    description:
      - Name of the application of O(deployment_group_name).
    type: str
  deployment_group_name:
    description:
      - The deployment group whose hosts are selected. Specify either a deployment group or a selection of your own.
    type: str
  ec2_tag_filters:
    description:
      - Select the instances that match any of these filters, as a deployment group does.
    type: list
    elements: dict
    suboptions:
      key:
        description: Tag key.
        type: str
      value:
        description: Tag value.
        type: str
      type:
        description: What to compare. If not set, it depends on which of the key and the value are specified.
        type: str
        choices: [KEY_ONLY, VALUE_ONLY, KEY_AND_VALUE]
  ec2_tag_set:
    description:
      - Select the instances that match at least one filter of every list.
    type: dict
    suboptions:
      ec2_tag_set_list:
        description: Lists of filters in the form of O(ec2_tag_filters).
        type: list
        elements: list
        required: true
  auto_scaling_groups:
    description:
      - Select the instances of these Auto Scaling groups.
    type: list
    elements: str
  instance_ids:
    description:
      - Select the instances with these IDs.
    type: list
    elements: str
"""
