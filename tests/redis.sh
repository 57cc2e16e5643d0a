# Sourced by run.sh. Finds a Redis for the tests, or installs redis-server where that is welcome. Nothing is started here and no system service stays behind.

# The fixture of the tests takes a container where a Docker engine answers, and otherwise the program: tests/ReliableQueue.TestKit/RedisWays.cs. The program is wanted with an
# engine as well, for the tests with a Sentinel, and is then taken out of the image.
redis_is_there() {
    if command -v redis-server >/dev/null; then
        say "Redis: $(command -v redis-server), or a container where a Docker engine answers, started by the tests that need one."
    elif command -v docker >/dev/null && docker info >/dev/null 2>&1; then
        local image
        image="$(docker create redis:7)"
        mkdir -p "$work/bin"
        docker cp "$image:/usr/local/bin/redis-server" "$work/bin/redis-server" >/dev/null
        docker rm "$image" >/dev/null
        export PATH="$work/bin:$PATH"
        "$work/bin/redis-server" --version >/dev/null 2>&1 || rm "$work/bin/redis-server"
        say "Redis: out of the image redis:7 of the Docker engine."
    elif [ -n "${RELIABLEQUEUE_TEST_REDIS:-}" ]; then
        say "Redis: $RELIABLEQUEUE_TEST_REDIS. Tests that kill, freeze or configure a server fail without a redis-server program."
    else
        return 1
    fi
}

# Debian asks policy-rc.d before a package starts its service: 101 forbids it. What stood there before is put back.
install_redis() {
    local root=() policy=/usr/sbin/policy-rc.d code=0
    [ "$(id -u)" = 0 ] || root=(sudo -n)
    say "Redis: none found; installing the redis-server package."
    ${root[@]+"${root[@]}"} apt-get update
    [ ! -e "$policy" ] || ${root[@]+"${root[@]}"} mv "$policy" "$policy.before-tests"
    printf '#!/bin/sh\nexit 101\n' | ${root[@]+"${root[@]}"} tee "$policy" >/dev/null
    ${root[@]+"${root[@]}"} chmod 755 "$policy"
    ${root[@]+"${root[@]}"} env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install --yes --no-install-recommends redis-server || code=$?
    ${root[@]+"${root[@]}"} rm -f "$policy"
    [ ! -e "$policy.before-tests" ] || ${root[@]+"${root[@]}"} mv "$policy.before-tests" "$policy"
    [ "$code" = 0 ] || return "$code"

    # The package enables its service for the next boot; the tests start servers of their own.
    if [ -d /run/systemd/system ]; then
        ${root[@]+"${root[@]}"} systemctl disable --now redis-server.service >/dev/null 2>&1 || true
    fi
}

provide_redis() {
    if redis_is_there; then
        return
    fi
    if command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || [ "${CI:-}" = true ]; }; then
        install_redis && redis_is_there && return
    fi
    say "The tests need a Redis. Give them one in one of three ways:"
    say "  1. install redis-server 6.2 or newer (Debian, Ubuntu: sudo apt-get install redis-server); the tests start their own"
    say "  2. start a Docker engine that this user may use"
    say "  3. RELIABLEQUEUE_TEST_REDIS=host:port bash tests/run.sh, a Redis whose data may be lost; tests that kill or configure a server fail all the same"
    say "0 passed, 1 failed"
    exit 1
}
