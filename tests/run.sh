#!/usr/bin/env bash
# Builds everything and runs every test, on a fresh machine too. The last line is "N passed, N failed"; exit code 0 only when something ran and nothing failed.
#
#   RELIABLEQUEUE_TEST_REDIS=host:port   a Redis for the tests that do not harm theirs; without it, and for the others, redis-server is looked for, then a Docker engine
#   CI=true                              may install redis-server and gcc (root may always)
#   RELIABLEQUEUE_TEST_LIMIT=900         seconds one project may take
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

limit="${RELIABLEQUEUE_TEST_LIMIT:-900}"
oldest_client=2.8.16
work="$(mktemp -d "${TMPDIR:-/tmp}/reliablequeue-tests.XXXXXX")"
children=()

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1

say() { printf '%s\n' "$*"; }

# Ends what this script started, by process id, and nothing else. `timeout` leads a process group, so what a test started ends with it.
clean_up() {
    trap - EXIT INT TERM HUP
    local pid
    for pid in ${children[@]+"${children[@]}"}; do
        kill -TERM -- "-$pid" 2>/dev/null || kill -TERM "$pid" 2>/dev/null || true
    done
    wait || true
    rm -rf "$work"
}
trap clean_up EXIT
trap 'clean_up; exit 130' INT
trap 'clean_up; exit 143' TERM HUP

# ---------------------------------------------------------------- a Redis and a linker

source tests/redis.sh
provide_redis
source tests/linker.sh
provide_linker

# ---------------------------------------------------------------- build

started=$SECONDS
say "Building in Release, warnings are errors."
run() { # one command in a process group of its own, so that it can be ended
    timeout --kill-after=10 1200 "$@" &
    children+=("$!")
    wait "$!" || { say "FAILED: $*"; say "0 passed, 1 failed"; exit 1; }
}
run dotnet restore ReliableQueue.sln
run dotnet build ReliableQueue.sln --configuration Release --no-restore -warnaserror -p:UseSharedCompilation=false
# The tests of the Redis broker once more, on the oldest client that the package accepts.
run dotnet build tests/ReliableQueue.Redis.Tests --configuration Release -warnaserror -p:UseSharedCompilation=false -p:RedisClient="$oldest_client"
# A version that no package cache has seen: the tests that use the packages as applications do get these and no others.
version="0.1.0-test.$(date +%Y%m%d%H%M%S)$$"
for project in src/*/*.csproj; do
    run dotnet pack "$project" --configuration Release --no-build --output "$work/packages" -warnaserror -p:Version="$version"
done
export RELIABLEQUEUE_PACKAGES="$work/packages"
say "Built and packed in $((SECONDS - started)) s."

# ---------------------------------------------------------------- test

passed=0
failed=0

fail() {
    say "FAILED: $*"
    failed=$((failed + 1))
}

begin() { # a project's tests in the background: output, exit code and duration go to files; then its program, where that is not the default one, and filters
    local name="$1" program="${2:-tests/$1/bin/Release/net10.0/$1}"
    shift $(($# > 1 ? 2 : 1))
    (
        began=$SECONDS
        code=0
        timeout --kill-after=10 "$limit" "$program" -noColor -failSkips "$@" -xml "$work/$name.xml" >"$work/$name.log" 2>&1 &
        inner=$!
        trap 'kill -TERM "$inner" 2>/dev/null' TERM
        wait "$inner" || code=$?
        printf '%s %s\n' "$code" "$((SECONDS - began))" >"$work/$name.end"
    ) &
    children+=("$!")
    waiting+=("$name:$!")
}

count() { # an attribute of the results' <assembly> elements, summed
    grep -o '<assembly [^>]*' "$1" | grep -o " $2=\"[0-9]*\"" | tr -dc '0-9\n' | awk '{ sum += $1 } END { print sum + 0 }'
}

finish() { # waits for what was begun and adds up; a project that leaves no results has failed
    local entry name code seconds results ran skipped
    for entry in ${waiting[@]+"${waiting[@]}"}; do
        name="${entry%%:*}"
        wait "${entry##*:}" || true
        read -r code seconds <"$work/$name.end" || { code=1; seconds=0; }
        results="$work/$name.xml"
        if [ ! -s "$results" ]; then
            cat "$work/$name.log"
            fail "$name left no results: exit code $code after $seconds s$([ "$code" != 124 ] || printf ', the limit')."
            continue
        fi
        ran=$(count "$results" passed)
        skipped=$(count "$results" skipped)
        passed=$((passed + ran))
        failed=$((failed + $(count "$results" failed) + $(count "$results" errors)))
        [ "$code" = 0 ] || cat "$work/$name.log"
        [ "$skipped" = 0 ] || fail "$name skipped $skipped tests; a test that does not run proves nothing."
        if [ "$code" != 0 ] && [ "$(($(count "$results" failed) + $(count "$results" errors) + skipped))" = 0 ]; then
            fail "$name ended with exit code $code although no test failed."
        fi
        say "$name: $ran passed in $seconds s."
    done
    waiting=()
}

# What kills processes or measures time runs alone; the rest shares the machine.
waiting=()
alone=()
for project in tests/*/*Tests.csproj tests/*/*Simulation.csproj; do
    name="$(basename "$project" .csproj)"
    if ! grep -q "$name.csproj" ReliableQueue.sln || [ ! -x "tests/$name/bin/Release/net10.0/$name" ]; then
        fail "$project is not in ReliableQueue.sln, so it was not built."
    elif grep -q '<RunsAlone>true</RunsAlone>' "$project"; then
        alone+=("$name")
    else
        begin "$name"
    fi
done
# What breaks scripts from within does it in the server, whichever client called.
begin "ReliableQueue.Redis.Tests.client-$oldest_client" "tests/ReliableQueue.Redis.Tests/bin/client-$oldest_client/Release/net10.0/ReliableQueue.Redis.Tests" \
    -class- ReliableQueue.Redis.Tests.Scripts.BrokenScriptTests
finish
for name in ${alone[@]+"${alone[@]}"}; do
    begin "$name"
    finish
done

say "All of it took $SECONDS s."
[ "$passed" -gt 0 ] || failed=$((failed + 1))
say "$passed passed, $failed failed"
[ "$failed" = 0 ]
