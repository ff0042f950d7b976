#!/bin/sh
# usage: unshare --mount --pid --cgroup --uts --ipc --fork --kill-child sh boot.sh ROOT WORK
# Starts systemd as PID 1 on a copy of the root filesystem ROOT that vanishes with it; WORK is an empty folder.
set -e
mount --make-rprivate /
mount -t tmpfs tmpfs "$2"
mkdir "$2/upper" "$2/work" "$2/root"
mount -t overlay -o "lowerdir=$1,upperdir=$2/upper,workdir=$2/work" overlay "$2/root"
root=$2/root
cp "$2.seed/authorized_keys" "$root/root/.ssh/authorized_keys"
cp "$2.seed/sshd.conf" "$root/etc/ssh/sshd_config.d/test.conf"
mount -t proc proc "$root/proc"
mount -t tmpfs tmpfs "$root/run"
mount -t tmpfs tmpfs "$root/tmp"
mount -t sysfs -o ro sysfs "$root/sys" 2>/dev/null || mount --rbind /sys "$root/sys"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
mount -t tmpfs tmpfs "$root/dev"
for name in null zero random urandom tty full; do
    touch "$root/dev/$name"
    mount --bind "/dev/$name" "$root/dev/$name"
done
mkdir -p "$root/dev/pts" "$root/dev/shm" "$root/run/sshd"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
ln -sf pts/ptmx "$root/dev/ptmx"
ln -sf /proc/self/fd "$root/dev/fd"
hostname slipway-host
cd "$root"
mkdir -p old
pivot_root . old
umount -l /old
exec env -i container=unshare PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --log-target=console --show-status=1
