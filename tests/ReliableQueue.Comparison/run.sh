#!/usr/bin/env bash
# The same kill -9 load on ReliableQueue, Celery and BullMQ, each on a Redis of its own on this machine. Not part of tests/run.sh: it installs Celery (Debian's packages) and
# BullMQ (npm) and takes about half an hour. Arguments go to the program: --kills, --messages, --report PATH.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

if ! /usr/bin/python3 -c 'import celery, redis' 2>/dev/null; then
    echo "Installing python3-celery and python3-redis."
    apt-get update -qq && apt-get install -y -qq python3-celery python3-redis
fi

say() { printf '%s\n' "$*"; }
work="$(mktemp -d "${TMPDIR:-/tmp}/reliablequeue-comparison.XXXXXX")"
trap 'rm -rf "$work"' EXIT
source tests/redis.sh
provide_redis

program=tests/ReliableQueue.Comparison/bin/Release/net10.0
dotnet build tests/ReliableQueue.Comparison --configuration Release --nologo --verbosity quiet
[ -d "$program/BullMQ/node_modules/ioredis" ] || npm install --prefix "$program/BullMQ" --no-package-lock --no-audit --no-fund --silent
"$program/ReliableQueue.Comparison" compare "$@"
