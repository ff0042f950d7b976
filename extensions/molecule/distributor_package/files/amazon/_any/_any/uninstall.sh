#!/bin/sh
echo removed
