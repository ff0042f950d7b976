#!/bin/sh
# Runs instead of uninstall.sh and install.sh when the package is updated in place; collecting goes on.
set -eu
cp performance-history.conf /etc/systemd/system/sysstat-collect.timer.d/performance-history.conf
cp VERSION /opt/performance-history/VERSION
systemctl daemon-reload
systemctl restart sysstat-collect.timer
