# ./dev up. Sourced by ./dev.

verb_up() {
    [ $# -eq 0 ] || die "up takes no argument"
    prepare build up
    local build=(-c release --static-swift-stdlib) program
    for program in sluice-proxy sluice-origin; do
        step "build, release: $program" swift build "${build[@]}" --product "$program"
    done
    trap - INT TERM
    exec dev-tools/run-up "$(swift build "${build[@]}" --show-bin-path)"
}
