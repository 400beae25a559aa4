#!/bin/sh
# What examples/full.yaml puts into the container as /usr/local/bin/app.
echo "the application of $(hostname)"
