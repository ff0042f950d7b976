#!/bin/sh
set -eu
dnf install -y -q sysstat
mkdir -p /opt/performance-history /etc/systemd/system/sysstat-collect.timer.d
cp performance-history.conf /etc/systemd/system/sysstat-collect.timer.d/performance-history.conf
cp VERSION /opt/performance-history/VERSION
systemctl daemon-reload
systemctl enable --now sysstat sysstat-collect.timer
