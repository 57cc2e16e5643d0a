#!/usr/bin/env bash
# Real processes under load on every broker while processes, brokers and the network fail, for as long as is wanted; then every message is accounted for.
# Exit code 0 only when nothing was lost, nothing was unexpected, and memory and state stayed in their bounds. A release runs it for 60 minutes.
#
#   bash tests/soak.sh --minutes 60 --report docs/reliability-report.md
#
#   --minutes N    length (1)         --seed N    of faults and messages (drawn and printed)
#   --rate N       messages/s (75)    --broker A,B    of redis-always, redis-everysec, sqlite (all)
#   --report PATH  writes the page
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '%s\n' "$*"; }
source tests/redis.sh
work="$(mktemp -d "${TMPDIR:-/tmp}/reliablequeue-soak.XXXXXX")"
trap 'rm -rf "$work"' EXIT
provide_redis

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1
dotnet build tests/ReliableQueue.Soak --configuration Release -warnaserror -p:UseSharedCompilation=false
tests/ReliableQueue.Soak/bin/Release/net10.0/ReliableQueue.Soak "$@"
