# ./dev test. Sourced by ./dev.
source dev-tools/format.sh
source dev-tools/fuzz.sh

# Seconds that each fuzz target gets in ./dev test: enough to see that it still builds, runs and survives its corpus.
fuzz_seconds=5

verb_test() {
    local fast='' folders
    [ $# -le 1 ] || die "test takes --fast or nothing, not \"$*\""
    case ${1:-} in
        --fast) fast=yes ;;
        "") ;;
        *) die "test takes --fast or nothing, not \"$1\"" ;;
    esac
    if [ -n "$fast" ]; then
        prepare build lint
    else
        prepare build lint up test
        ensure_python_packages
    fi
    mapfile -t folders < <(swift_folders)

    step "format" swift format lint --strict --parallel --recursive Package.swift "${folders[@]}"
    step "lint" "$PYTHON" dev-tools/lint.py
    step "lint's own tests" "$PYTHON" -m unittest discover -s dev-tools -p 'test_*.py'
    step "build, debug" swift build --build-tests
    step "unit tests, debug" dev-tools/run-tests --skip-build --skip '^EndToEnd\.'
    if [ -z "$fast" ]; then
        step "the benchmarks' own tests" "$PYTHON" -m unittest discover -s Benchmarks/tests -t Benchmarks
        step "the player, in chromium" "$PYTHON" -m unittest discover -s Tests/PlayerTests
        optimized
        sanitizers
        end_to_end
        fuzz_smoke
    fi
    echo "all passed in $SECONDS s"
}

# The cores as users run them: the optimizer has broken what passes every test without it.
optimized() {
    local options=(-c release -Xswiftc -enable-testing --scratch-path .build/optimized)
    step "build, optimized cores" env SLUICE_OPTIMIZED=1 swift build --build-tests "${options[@]}"
    step "cores, optimized" env SLUICE_OPTIMIZED=1 dev-tools/run-tests --skip-build "${options[@]}"
}

# The shells whose memory and threads the compiler does not check.
sanitizers() {
    [ -d Tests/ReactorTests ] || return 0
    local locks=$PWD/.build/dev/tsan-locks.so clang
    # What is only much of what others do.
    local much='^RegistryTests\.ClaimRaceTests'
    clang=$(dirname "$(command -v swift)")/clang
    [ -x "$clang" ] || clang=$(dirname "$(readlink -f "$(command -v swift)")")/clang
    step "build, thread sanitizer" \
        env SLUICE_SANITIZED=1 swift build --build-tests --sanitize=thread --scratch-path .build/tsan
    step "build, locks for the thread sanitizer" \
        "$clang" -shared -fPIC -O1 -Wall -Werror -o "$locks" dev-tools/tsan-locks.c
    step "shells, thread sanitizer" env SLUICE_SANITIZED=1 TSAN_OPTIONS=halt_on_error=1 LD_PRELOAD="$locks" \
        dev-tools/run-tests --skip-build --sanitize=thread --scratch-path .build/tsan --skip "$much"
    # The Swift runtime keeps what it allocates once: leaks are not looked for. Freed memory is kept for a while to catch
    # who still uses it: how much is used cannot be measured.
    step "build, address sanitizer" \
        env SLUICE_SANITIZED=1 swift build --build-tests --sanitize=address --scratch-path .build/asan
    step "shells, address sanitizer" env SLUICE_SANITIZED=1 ASAN_OPTIONS=detect_leaks=0 \
        dev-tools/run-tests --skip-build --sanitize=address --scratch-path .build/asan \
        --skip '^ReactorTests\.TCPMemoryTests' --skip "$much"
}

# The programs as users run them: built for release, driven by the debug build of the tests.
end_to_end() {
    [ -d Tests/EndToEnd ] || return 0
    local release=(-c release --static-swift-stdlib)
    step "build, release" swift build "${release[@]}"
    step "end to end" env SLUICE_PROGRAMS="$PWD/$(swift build "${release[@]}" --show-bin-path | sed "s|^$PWD/||")" \
        dev-tools/run-tests --skip-build --filter '^EndToEnd\.'
}

fuzz_smoke() {
    [ -z "$(fuzz_targets)" ] || fuzz_all "$fuzz_seconds"
}
