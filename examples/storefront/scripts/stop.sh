#!/bin/sh
# Runs from the bundle that is live, before the new one is installed; there is none the first time.
set -eu
if systemctl is-active --quiet storefront; then
    systemctl stop storefront
fi
