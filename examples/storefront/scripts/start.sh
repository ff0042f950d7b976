#!/bin/sh
set -eu
systemctl daemon-reload
systemctl enable --quiet storefront
systemctl start storefront
