#!/bin/sh
# May run twice: SSM Agent repeats it after a reboot.
set -eu
export DEBIAN_FRONTEND=noninteractive
rm -rf /opt/performance-history /etc/systemd/system/sysstat-collect.timer.d
apt-get purge -y -q sysstat
systemctl daemon-reload
