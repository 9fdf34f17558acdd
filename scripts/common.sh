# shellcheck shell=bash
# What the scripts beside this file share. Sourced, never run.

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)"
# shellcheck disable=SC2034  # used by those who source this
venv="$root/build/venv"

say() { printf '==> %s\n' "$*" >&2; }

fail() {
    printf 'Error: %s\n' "$*" >&2
    exit 1
}

# As many compilers at once as there are cores, but no more than memory allows: one that works
# on Boost.Asio takes up to 1.5 GiB.
jobs() {
    local cores available_kib by_memory
    cores="$(nproc)"
    available_kib="$(awk '/^MemAvailable:/ { print $2 }' /proc/meminfo)"
    by_memory=$((available_kib / (1536 * 1024)))
    if ((by_memory < 1)); then
        echo 1
    elif ((by_memory < cores)); then
        echo "$by_memory"
    else
        echo "$cores"
    fi
}

# Configures build/PRESET; silent unless it fails.
configure_preset() {
    local preset="$1" tool output
    local options=()
    for tool in g++ cmake ninja; do
        command -v "$tool" >/dev/null || fail "$tool is not installed; scripts/setup installs what is missing"
    done

    # A build folder that was made at another place keeps that place's paths: start it anew.
    local cache="$root/build/$preset/CMakeCache.txt"
    if [[ -f "$cache" ]] && ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$cache"; then
        options+=(--fresh)
    fi

    if ! output="$(cd "$root" && cmake "${options[@]}" --preset "$preset" 2>&1)"; then
        printf '%s\n' "$output" >&2
        fail "cmake could not configure build/$preset; scripts/setup installs missing libraries"
    fi
}

# Builds all of build/PRESET, or the targets named after it; silent when it is up to date.
build_preset() {
    local preset="$1" count
    configure_preset "$preset"
    if [[ "$(ninja -C "$root/build/$preset" -n "${@:2}")" == *"no work to do"* ]]; then
        return
    fi
    count="$(jobs)"
    say "Building build/$preset, $count at a time"
    (cd "$root" && cmake --build --preset "$preset" --parallel "$count")
}

# Our own C++ files, headers included, as NUL-terminated paths relative to the root.
own_sources() {
    (cd "$root" && find src tests bench -type f \( -name '*.cpp' -o -name '*.hpp' \) -print0 | sort -z)
}
