# Sourced by run.sh. Finds a Redis for the tests, or installs redis-server where that is welcome. Nothing is started here and no system service stays behind.

redis_is_there() {
    if [ -n "${RELIABLEQUEUE_TEST_REDIS:-}" ]; then
        say "Redis: $RELIABLEQUEUE_TEST_REDIS (RELIABLEQUEUE_TEST_REDIS)."
    elif command -v redis-server >/dev/null; then
        say "Redis: $(command -v redis-server), started by the tests, one for each that needs it."
    elif command -v docker >/dev/null && docker info >/dev/null 2>&1; then
        container="reliablequeue-tests-$$"
        say "Redis: a container of the Docker engine."
        docker run --detach --rm --name "$container" --publish 127.0.0.1::6379 redis:7 >/dev/null
        RELIABLEQUEUE_TEST_REDIS="$(docker port "$container" 6379/tcp | head -n 1)"
        export RELIABLEQUEUE_TEST_REDIS
    else
        return 1
    fi
}

# Debian asks policy-rc.d before a package starts its service: 101 forbids it. What stood there before is put back.
install_redis() {
    local root=() policy=/usr/sbin/policy-rc.d
    [ "$(id -u)" = 0 ] || root=(sudo -n)
    say "Redis: none found; installing the redis-server package."
    "${root[@]}" apt-get update
    [ ! -e "$policy" ] || "${root[@]}" mv "$policy" "$policy.before-tests"
    printf '#!/bin/sh\nexit 101\n' | "${root[@]}" tee "$policy" >/dev/null
    "${root[@]}" chmod 755 "$policy"
    local code=0
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install --yes --no-install-recommends redis-server || code=$?
    "${root[@]}" rm -f "$policy"
    [ ! -e "$policy.before-tests" ] || "${root[@]}" mv "$policy.before-tests" "$policy"
    [ "$code" = 0 ] || return "$code"

    # The package enables its service for the next boot; the tests start servers of their own.
    if command -v systemctl >/dev/null && [ -d /run/systemd/system ]; then
        "${root[@]}" systemctl disable --now redis-server.service >/dev/null 2>&1 || true
    fi
    if [ -s /run/redis/redis-server.pid ] && [ "$(cat "/proc/$(cat /run/redis/redis-server.pid)/comm" 2>/dev/null)" = redis-server ]; then
        "${root[@]}" kill "$(cat /run/redis/redis-server.pid)"
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
    say "  3. RELIABLEQUEUE_TEST_REDIS=host:port bash tests/run.sh, a Redis whose data may be lost"
    say "0 passed, 1 failed"
    exit 1
}
