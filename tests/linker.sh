# Sourced by run.sh. Finds a linker for the application that is compiled to machine code, or installs gcc where that is welcome.

linker_is_there() {
    command -v clang >/dev/null || command -v gcc >/dev/null
}

install_linker() {
    local root=()
    [ "$(id -u)" = 0 ] || root=(sudo -n)
    say "Linker: none found; installing the gcc package."
    ${root[@]+"${root[@]}"} apt-get update
    ${root[@]+"${root[@]}"} env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends gcc libc6-dev
}

provide_linker() {
    if linker_is_there; then
        return
    fi
    if command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || [ "${CI:-}" = true ]; }; then
        install_linker && linker_is_there && return
    fi
    say "The native application needs a linker: install gcc or clang (Debian, Ubuntu: sudo apt-get install gcc libc6-dev)."
    say "0 passed, 1 failed"
    exit 1
}
