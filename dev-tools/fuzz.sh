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
    if [ -z "$target" ]; then
        fuzz_all "$amount"
        return
    fi
    step "build fuzz-$target" "${fuzz_build[@]}" --product "fuzz-$target"
    if [ -f "$amount" ]; then
        (fuzz_run "$target" "$amount") || die "fuzz-$target fails on $amount"
        return
    fi
    fuzz_begin "$target" "$amount"
    fuzz_end
}

fuzz_build=(
    env SLUICE_FUZZ=1 swift build -c release --scratch-path .build/fuzz
    -Xswiftc -sanitize=fuzzer,address -Xswiftc -use-ld=lld
)

# fuzz_run TARGET ARGUMENT…: the runtime's own crash report would stand in the way of libFuzzer's, and it keeps what it
# allocates once.
fuzz_run() {
    local program=.build/fuzz/release/fuzz-$1
    shift
    exec env SWIFT_BACKTRACE=enable=no ASAN_OPTIONS=detect_leaks=0 "$program" "$@"
}

# Which target each process that runs now is.
declare -A fuzzing=()

# Builds all targets at once, and runs each for so many seconds, as many at a time as there are cores.
fuzz_all() {
    local target
    step "build, fuzzing" "${fuzz_build[@]}"
    for target in $(fuzz_targets); do
        [ ${#fuzzing[@]} -lt "$(nproc)" ] || fuzz_end
        fuzz_begin "$target" "$1"
    done
    while [ ${#fuzzing[@]} -gt 0 ]; do fuzz_end; done
}

# Begins to run one target for so many seconds.
fuzz_begin() {
    local target=$1 amount=$2
    local corpus=.build/fuzz-corpus/$target crashes=.build/fuzz-crashes/$target
    local inputs=("$corpus")
    mkdir -p "$corpus" "$crashes" .build/dev
    [ ! -d "Fuzz/$target/seeds" ] || inputs+=("Fuzz/$target/seeds")
    fuzz_run "$target" -max_total_time="$amount" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
        -artifact_prefix="$crashes/" "${inputs[@]}" >".build/dev/libfuzzer-$target.log" 2>&1 </dev/null &
    fuzzing[$!]=$target
    running="${!fuzzing[*]}"
}

# Waits for the next one that ends, and says what has come of it.
fuzz_end() {
    local pid code=0 target log file
    wait -n -p pid "${!fuzzing[@]}" || code=$?
    target=${fuzzing[$pid]}
    unset "fuzzing[$pid]"
    running="${!fuzzing[*]}"
    log=.build/dev/libfuzzer-$target.log
    printf '%-44s' "fuzz $target"
    if [ $code != 0 ]; then
        echo "FAILED"
        tail -n 60 "$log"
        file=$(sed -n 's/.*Test unit written to //p' "$log" | tail -n 1)
        stop_running
        die "fuzz-$target failed (exit $code)${file:+; run it again with: ./dev fuzz $target $file}"
    fi
    awk '/^stat::number_of_executed_units/ { runs = $2 }
        / cov: / { for (i = 1; i < NF; i++) if ($i == "cov:") edges = $(i + 1) }
        END { printf "ok, %d runs, %d edges\n", runs, edges }' "$log"
}
