# ./dev up. Sourced by ./dev.

verb_up() {
    [ $# -eq 0 ] || die "up takes no argument"
    [ -d Sources/sluice-proxy ] || die "this tree has no Sources/sluice-proxy: there is nothing to start"
    prepare build up
    local build=(-c release --static-swift-stdlib --product sluice-proxy)
    step "build, release" swift build "${build[@]}"
    serve "$(swift build "${build[@]}" --show-bin-path)/sluice-proxy"
}

# Runs the program $1 until it ends or is told to.
serve() {
    local code=0 last=0 stops=0 words=.build/dev/ready.$$
    mkdir -p .build/dev
    rm -f "$words"
    mkfifo "$words"
    # Both ends are open before the program starts and its end is the only one to write after that: when it has said
    # where it serves, or is gone, the reading ends.
    exec 3<>"$words" 4<"$words"
    rm -f "$words"
    "$1" --ready-fd 3 4<&- &
    running=$!
    exec 3>&-
    # The first signal asks it to drain, the second does not ask.
    trap 'stops=$((stops + 1)); if [ "$stops" = 1 ]; then kill -TERM $running; else kill -KILL $running; fi' INT TERM
    print_addresses
    # A signal ends `wait` early, with a status of its own: wait again until the program is gone, then for its status.
    while wait "$running" || code=$?; kill -0 "$running" 2>/dev/null; do code=0; done
    wait "$running" || last=$?
    [ $last = 127 ] || code=$last
    [ "$stops" -gt 0 ] || die "sluice-proxy ended by itself (exit $code)"
    exit $code
}

# Waits until the program says where it serves, and prints every URL: at most 30 s, and no longer than it lives.
print_addresses() {
    local service url status=0 deadline=$((SECONDS + 30)) found=()
    while [ "$stops" = 0 ] && [ $SECONDS -lt $deadline ]; do
        status=0
        read -r -t 1 -u 4 service url || status=$?
        # 1 is the end; more is a second without a word, or a signal.
        [ $status != 1 ] || break
        [ $status != 0 ] || found+=("$service $url")
    done
    exec 4<&-
    [ "$stops" = 0 ] || return 0
    if [ $status != 1 ]; then note "it does not serve within 30 s; the program's own words are above"; fi
    [ ${#found[@]} -gt 0 ] || return 0
    printf '\nSluice is up; Ctrl-C stops it.\n'
    for service in "${found[@]}"; do print_address $service; done
    echo
}

# print_address SERVICE URL
print_address() {
    local page pages=("health healthz" "readiness readyz" "version api/v1/versions" "metrics metrics")
    case $1 in
        media)
            printf '  %-14s%s/\n' "$([[ $2 = https:* ]] && echo HTTPS || echo HTTP) pages" "$2"
            return
            ;;
        api) printf '  %s\n' "HTTP API" ;;
        system)
            printf '  %s\n' "System API"
            pages+=("routes api/v1/routes")
            ;;
        *) printf '  %-14s%s/\n' "$1" "$2"; return ;;
    esac
    for page in "${pages[@]}"; do printf '    %-12s%s\n' "${page% *}" "$2/${page#* }"; done
}
