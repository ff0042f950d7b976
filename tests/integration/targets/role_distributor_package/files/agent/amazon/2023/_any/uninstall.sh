#!/bin/sh
rm -f /opt/agent
