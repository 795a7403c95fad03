# ./dev format. Sourced by ./dev.

# The folders that hold Swift, as far as they exist.
swift_folders() {
    local folder
    for folder in Sources Tests Fuzz Benchmarks; do [ ! -d "$folder" ] || echo "$folder"; done
}

verb_format() {
    [ $# -eq 0 ] || die "format takes no argument"
    prepare build
    local folders
    mapfile -t folders < <(swift_folders)
    swift format format --in-place --parallel --recursive Package.swift "${folders[@]}"
}
