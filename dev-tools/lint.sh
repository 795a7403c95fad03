# ./dev lint. Sourced by ./dev.
source dev-tools/format.sh

verb_lint() {
    [ $# -eq 0 ] || die "lint takes no argument"
    prepare build lint
    local folders failed=0
    mapfile -t folders < <(swift_folders)
    swift format lint --strict --parallel --recursive Package.swift "${folders[@]}" || failed=1
    "$PYTHON" dev-tools/lint.py || failed=1
    return $failed
}
