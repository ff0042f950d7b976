#!/bin/sh
# May run twice: SSM Agent repeats it after a reboot.
set -eu
rm -rf /opt/performance-history /etc/systemd/system/sysstat-collect.timer.d
dnf remove -y -q sysstat
systemctl daemon-reload
