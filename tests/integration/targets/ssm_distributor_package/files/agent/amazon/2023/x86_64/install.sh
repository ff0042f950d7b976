#!/bin/sh
touch /var/tmp/agent
