#!/usr/bin/python
# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: show_failure
version_added: 1.0.0
short_description: Show the report of a registered failure, and fail
description:
  - Show the report of a failed task of this collection that was run with C(failed_when=false), and then fail with a message of one
    sentence.
  - A play can use this to do something between the failure and the end of the play, such as publishing the result. The report is
    then shown once, at the end of the output.
author:
  - Slipway contributors (@slipway-aws)
options:
  result:
    description:
      - The registered result of the failed task.
      - For M(slipway.aws.codedeploy_deployment) and M(slipway.aws.codedeploy_preflight), the report names hosts, causes and how to
        fix them. For other modules it consists of their message.
    type: dict
    required: true
  fail:
    description:
      - Whether this task fails. With V(false), it only shows the report.
    type: bool
    default: true
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying the resource.
    support: full
    details: Does the same in check mode.
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    support: N/A
    details: Changes nothing.
  idempotent:
    description: When run twice in a row outside check mode, with the same arguments, the second run changes nothing.
    support: full
    details: Changes nothing.
notes:
  - Only the message is shown when the output is read by a program, for example with the callback C(ansible.posix.json), and when
    the task has C(no_log). The registered result contains all the details.
seealso:
  - module: slipway.aws.codedeploy_deployment
  - module: slipway.aws.codedeploy_preflight
"""

EXAMPLES = r"""
- name: Check whether every host is ready for a deployment
  slipway.aws.codedeploy_preflight:
    application_name: storefront
    deployment_group_name: production
  failed_when: false
  register: checked

- name: Publish the verdict
  ansible.builtin.set_stats:
    data:
      slipway_verdict: "{{ checked.preflight.verdict | default('failed') }}"

- name: Fail if a host is not ready
  slipway.aws.show_failure:
    result: "{{ checked }}"
  when: checked.msg is defined
"""

RETURN = r"""
msg:
  description: The failure, in one sentence.
  returned: always
  type: str
  sample: "Failed to deploy to storefront/production: d-ABCDEF123 failed on 1 of 6 hosts, rolled back."
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.slipway.aws.plugins.module_utils._text import all_shown

ARGUMENT_SPEC = {
    "result": {"type": "dict", "required": True},
    "fail": {"type": "bool", "default": True},
}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    told = all_shown({"msg": str(module.params["result"].get("msg") or "The previous task failed without a message.")})
    if module.params["fail"]:
        module.fail_json(**told)
    module.exit_json(**told)


if __name__ == "__main__":
    main()
