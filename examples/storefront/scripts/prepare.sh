#!/bin/sh
set -eu
if ! command -v python3 >/dev/null; then
    echo "python3 is missing on this host; bake it into the image" >&2
    exit 1
fi
mkdir -p /opt/storefront
