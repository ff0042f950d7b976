#!/bin/sh
set -eu
export DEBIAN_FRONTEND=noninteractive
apt-get update -q
apt-get install -y -q sysstat
# Ubuntu installs sysstat switched off.
sed -i 's/^ENABLED=.*/ENABLED="true"/' /etc/default/sysstat
mkdir -p /opt/performance-history /etc/systemd/system/sysstat-collect.timer.d
cp performance-history.conf /etc/systemd/system/sysstat-collect.timer.d/performance-history.conf
cp VERSION /opt/performance-history/VERSION
systemctl daemon-reload
systemctl enable --now sysstat sysstat-collect.timer
