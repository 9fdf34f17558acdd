# shellcheck shell=bash
# An empty Debian 12 in a folder, for the scripts that try something in it. Sourced, never run; needs root.

trees=()
bridge=

# Makes it at $1, from now on the tree: a copy of the tree $2, or anew with debootstrap. What is mounted
# there goes with the script, and so does the tree itself.
make_tree() {
    ((EUID == 0)) || fail "only root can make a Debian tree"
    mkdir -p "$(dirname "$1")"
    mkdir "$1" || fail "remove what is there first"
    tree="$1"
    trees+=("$tree")
    trap remove_trees EXIT
    if [[ -n "${2:-}" ]]; then
        say "Copying $2"
        cp -a "$2/." "$tree/"
    else
        command -v debootstrap >/dev/null || fail "debootstrap is not installed"
        say "Making an empty Debian 12"
        debootstrap --variant=minbase bookworm "$tree" "${DEBIAN_MIRROR:-http://deb.debian.org/debian}" >/dev/null
    fi
    mount -t proc proc "$tree/proc"
    mount -t devpts -o newinstance,ptmxmode=0666 devpts "$tree/dev/pts"
    rm -f "$tree/dev/ptmx"
    ln -s pts/ptmx "$tree/dev/ptmx"
    printf '#!/bin/sh\nexit 101\n' >"$tree/usr/sbin/policy-rc.d"
    chmod +x "$tree/usr/sbin/policy-rc.d"
    cp /etc/resolv.conf "$tree/etc/"
    printf '127.0.0.1 localhost\n::1 localhost\n' >"$tree/etc/hosts"
    # For pip, also behind a proxy that shows certificates of its own.
    cp /etc/ssl/certs/ca-certificates.crt "$tree/etc/host-certificates.crt"
    in_tree apt-get -qq update
}

remove_trees() {
    local each
    if [[ -n "$bridge" ]]; then
        end_bridge || true
    fi
    for each in "${trees[@]}"; do
        umount -q "$each/dev/pts" || true
        umount -q "$each/proc" || true
        if ! mountpoint -q "$each/dev/pts" && ! mountpoint -q "$each/proc"; then
            rm -rf --one-file-system "$each"
        fi
    done
}

in_tree() { in_tree_as 0:0 "$@"; }

in_tree_as() { (enter_tree "$@"); }

# Becomes the command, so that in the background it has the command's process ID.
enter_tree() {
    exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
        DEBIAN_FRONTEND=noninteractive PIP_CERT=/etc/host-certificates.crt PIP_ROOT_USER_ACTION=ignore \
        PIP_DISABLE_PIP_VERSION_CHECK=1 chroot --userspec="$1" "$tree" "${@:2}"
}

# Starts the bridge in the background as the user $1, and waits until it serves.
start_bridge() {
    enter_tree "$@" 2>"$tree/bridge.log" &
    bridge=$!
    local attempt
    for ((attempt = 0; attempt < 300; ++attempt)); do
        ! grep -qs 'Waiting for connection' "$tree/bridge.log" || return 0
        sleep 0.1
    done
    fail_with_log "the bridge did not start"
}

# Its exit status, which is said, is this one's.
end_bridge() {
    local status=0
    kill "$bridge" || true
    wait "$bridge" || status=$?
    bridge=
    echo "The bridge ended with $status"
    return "$status"
}

fail_with_log() {
    cat "$tree/bridge.log"
    fail "$@"
}

install_in_tree() {
    in_tree apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}
