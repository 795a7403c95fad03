# ./dev fuzz. Sourced by ./dev.
#
# Fuzz/<target>/main.swift is one target, built as the program fuzz-<target>; Package.swift names it only where
# SLUICE_FUZZ is set, so that no other build links libFuzzer. Fuzz/<target>/seeds holds first inputs, if there are any,
# and .build/fuzz-corpus/<target> what libFuzzer has found to be worth keeping.

fuzz_targets() {
    local main
    for main in Fuzz/*/main.swift; do
        [ ! -f "$main" ] || basename "$(dirname "$main")"
    done
}

verb_fuzz() {
    local target=${1:-} amount=${2:-60} targets
    [ $# -le 2 ] || die "fuzz takes a target and seconds or a file, not \"$*\""
    mapfile -t targets < <(fuzz_targets)
    [ ${#targets[@]} -gt 0 ] || die "this tree has no Fuzz/*/main.swift: there is nothing to fuzz"
    if [ -n "$target" ]; then
        [[ " ${targets[*]} " = *" $target "* ]] || die "there is no fuzz target \"$target\"; there are: ${targets[*]}"
        targets=("$target")
    fi
    [ -f "$amount" ] || [[ $amount =~ ^[1-9][0-9]*$ ]] ||
        die "\"$amount\" is neither a number of seconds nor a file to run"
    prepare build
    for target in "${targets[@]}"; do
        step "build fuzz-$target" env SLUICE_FUZZ=1 swift build -c release --scratch-path .build/fuzz \
            --product "fuzz-$target" -Xswiftc -sanitize=fuzzer,address -Xswiftc -use-ld=lld
        fuzz_one "$target" "$amount"
    done
}

# Runs one target for so many seconds, or on one file.
fuzz_one() {
    local target=$1 amount=$2 program=.build/fuzz/release/fuzz-$1
    # The runtime's own crash report would stand in the way of libFuzzer's, and it keeps what it allocates once.
    export SWIFT_BACKTRACE=enable=no ASAN_OPTIONS=detect_leaks=0
    if [ -f "$amount" ]; then
        "$program" "$amount" || die "fuzz-$target fails on $amount"
        return
    fi
    local corpus=.build/fuzz-corpus/$target crashes=.build/fuzz-crashes/$target log=.build/dev/libfuzzer-$target.log
    local inputs=("$corpus")
    mkdir -p "$corpus" "$crashes" .build/dev
    [ ! -d "Fuzz/$target/seeds" ] || inputs+=("Fuzz/$target/seeds")
    printf '%-44s' "fuzz $target, $amount s"
    "$program" -max_total_time="$amount" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
        -artifact_prefix="$crashes/" "${inputs[@]}" >"$log" 2>&1 </dev/null &
    running=$!
    local code=0
    wait "$running" || code=$?
    running=
    if [ $code != 0 ]; then
        echo "FAILED"
        tail -n 60 "$log"
        local file
        file=$(sed -n 's/.*Test unit written to //p' "$log" | tail -n 1)
        die "fuzz-$target failed (exit $code)${file:+; run it again with: ./dev fuzz $target $file}"
    fi
    awk '/^stat::number_of_executed_units/ { runs = $2 }
        / cov: / { for (i = 1; i < NF; i++) if ($i == "cov:") edges = $(i + 1) }
        END { printf "ok, %d runs, %d edges\n", runs, edges }' "$log"
}
