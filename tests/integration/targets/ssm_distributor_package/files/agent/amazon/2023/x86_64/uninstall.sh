#!/bin/sh
rm -f /var/tmp/agent
