#!/bin/sh
# The host counts as deployed to when the version just installed answers.
set -eu
wanted=$(cat /opt/storefront/VERSION)
for attempt in 1 2 3 4 5 6 7 8 9 10; do
    live=$(python3 -c 'import json, urllib.request as u; print(json.load(u.urlopen("http://127.0.0.1:8080/health", timeout=3))["version"])' || true)
    if [ "$live" = "$wanted" ]; then
        echo "storefront $live answers"
        exit 0
    fi
    echo "attempt $attempt: storefront answers '$live', not $wanted"
    sleep 2
done
exit 1
