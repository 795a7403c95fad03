# Runs the steps of a verb one after another. Sourced by ./dev.

# Seconds that one step may take; a step that hangs fails instead of the whole run.
step_limit=900
running=

trap 'stop_running; exit 130' INT
trap 'stop_running; exit 143' TERM

# Ends the processes whose numbers are in `running`.
stop_running() {
    [ -z "$running" ] || { kill -TERM $running 2>/dev/null && wait $running 2>/dev/null; } || true
}

# step NAME COMMAND…: prints the name and the time it took; on failure prints all that it said and ends the script.
step() {
    local name=$1 began=$SECONDS code=0 log
    shift
    log=.build/dev/${name//[^A-Za-z0-9]/-}.log
    mkdir -p .build/dev
    printf '%-44s' "$name"
    timeout --kill-after=20 "$step_limit" "$@" >"$log" 2>&1 </dev/null &
    running=$!
    wait "$running" || code=$?
    running=
    if [ $code = 0 ]; then
        printf 'ok %5d s\n' $((SECONDS - began))
        return
    fi
    printf 'FAILED %d s\n' $((SECONDS - began))
    cat "$log"
    [ $code != 124 ] || echo "./dev: stopped after the $step_limit s that a step may take" >&2
    die "the step \"$name\" failed (exit $code); its output is above and in $log"
}
