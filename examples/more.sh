#!/bin/sh
# A script of examples/full.yaml that has a file of its own.
set -eu
mkdir -p /var/lib/app
