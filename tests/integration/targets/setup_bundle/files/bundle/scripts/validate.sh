#!/bin/sh
cat /opt/slipway-integration/VERSION
