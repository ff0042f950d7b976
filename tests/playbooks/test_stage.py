# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A play on the stage of the tests is the play of a user: what it does in one process instead of many is not seen."""

from __future__ import annotations

from pathlib import Path

from support.plays import Emulator, Player

PLAY = r"""
- hosts: localhost
  gather_facts: false
  tasks:
    - name: Add a host
      ansible.builtin.add_host:
        name: other
- hosts: localhost,other
  connection: local
  gather_facts: false
  tasks:
    - name: Work something out
      ansible.builtin.set_fact:
        numbers: "{{ [1, 2, 3] | reverse | list if inventory_hostname == 'other' else ['{{ 1 }}'] }}"
    - name: Show it
      ansible.builtin.debug:
        msg: "{{ item }} of {{ numbers | length }} C:\\n {{ '\\n' }} {{ numbers | slipway.aws.given }}"
      loop: "{{ numbers }}"
      when: item != 2
    - name: Skip what starts something
      slipway.aws.codedeploy_application_info:
      when: [numbers | length > 1, undefined_one is defined]
    - name: Start something on one host only
      ansible.builtin.command: echo {{ numbers | first }}
      when: numbers | length > 1
      register: said
      changed_when: false
    - name: Use what it said
      ansible.builtin.assert:
        that: [said is skipped or said.stdout == '3', "'rescued' not in numbers"]
        quiet: true
    - name: Fail and go on
      block:
        - name: Compare
          ansible.builtin.assert:
            that: numbers | length == 3 and numbers | sum == 6
            fail_msg: "The numbers are {{ numbers }}"
      rescue:
        - name: Show what failed
          ansible.builtin.debug:
            msg: "{{ ansible_failed_task.name }}, {{ ansible_failed_result.msg }}"
    - name: Ignore a variable that is not defined
      ansible.builtin.debug:
        msg: "{{ undefined_one }}"
      ignore_errors: true
    - name: Ignore a condition that is broken
      ansible.builtin.command: echo no
      when: numbers | nosuchfilter
      ignore_errors: true
"""


def test_a_play_ends_as_it_does_for_a_user(play: Player, account: Emulator, tmp_path: Path) -> None:
    written = tmp_path / "play.yml"
    written.write_text(PLAY)
    on_stage, as_users = play(written).output, Player(account, play.folder)(written).output
    assert sorted(on_stage.splitlines()) == sorted(as_users.splitlines())
    assert on_stage.count("ignored=2") == 2 and on_stage.count("rescued=1") == 1
