# ./dev coverage. Sourced by ./dev.

verb_coverage() {
    [ $# -eq 0 ] || die "coverage takes no argument"
    prepare build test
    local run=(--enable-code-coverage --scratch-path .build/coverage)
    step "unit tests with coverage" dev-tools/run-tests "${run[@]}" --skip '^EndToEnd\.'
    # swift test has llvm-cov, its own and not Debian's, write the figures down as JSON.
    "$PYTHON" dev-tools/coverage.py "$(swift test "${run[@]}" --show-codecov-path)"
}
