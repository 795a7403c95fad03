# ./dev bench. Sourced by ./dev.
#
# Benchmarks/run.py [name] runs one benchmark or all of them on the programs of the release build, the ones that
# `./dev up` runs; the last line of each is "BENCH <name> ratio=<ours/peer> …", lower is better.

verb_bench() {
    [ $# -le 1 ] || die "bench takes one name or none"
    [ -f Benchmarks/run.py ] || die "this tree has no Benchmarks/run.py: there is nothing to measure"
    prepare build up bench
    # A slip in the name shall not cost a build.
    "$PYTHON" Benchmarks/run.py --check "$@"
    step "build, release" swift build -c release --static-swift-stdlib
    exec "$PYTHON" Benchmarks/run.py "$@"
}
