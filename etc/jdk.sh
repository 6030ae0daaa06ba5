# Finds a JDK. Read by ./nuthatch and ./verify; needs their `say` and `fail`.

JAVA_WANTED=25

# Prints the feature release (25) of the JDK in folder $1, or nothing if there is no JDK. Reads its `release` file: to
# ask `java -version` would take longer than a start.
release_of() {
    [ -x "$1/bin/java" ] && [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || return 0
    while IFS='=' read -r name value; do
        if [ "$name" = JAVA_VERSION ]; then
            value=${value#\"}
            value=${value%%[!0-9]*}
            printf '%s' "$value"
            return 0
        fi
    done <"$1/release"
}

is_new_enough() {
    release=$(release_of "$1")
    [ "${release:-0}" -ge "$JAVA_WANTED" ]
}

# Sets java_home: what is asked for, else JAVA_HOME, else the java on the PATH, else the newest of the usual folders.
find_jdk() {
    if [ -n "${NUTHATCH_JAVA_HOME:-}" ]; then
        java_home=$NUTHATCH_JAVA_HOME
        is_new_enough "$java_home" || fail "NUTHATCH_JAVA_HOME is $java_home, which is not a JDK $JAVA_WANTED or later."
        return
    fi
    java_home=${JAVA_HOME:-}
    if [ -n "$java_home" ] && is_new_enough "$java_home"; then
        return
    fi
    java_found=$(command -v java || true)
    if [ -n "$java_found" ]; then
        java_found=$(readlink -f "$java_found" 2>/dev/null || printf '%s' "$java_found")
        java_home=${java_found%/bin/java}
        if is_new_enough "$java_home"; then
            return
        fi
    fi
    java_home=
    newest=0
    for folder in /usr/lib/jvm/* /usr/java/* /usr/local/java/* /opt/* /opt/java/* "${HOME:-/root}"/.sdkman/candidates/java/* \
        "${HOME:-/root}"/.jdks/* /Library/Java/JavaVirtualMachines/*/Contents/Home \
        /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home; do
        if [ -d "$folder" ] && is_new_enough "$folder" && [ "$release" -gt "$newest" ]; then
            newest=$release
            java_home=$folder
        fi
    done
    if [ -z "$java_home" ]; then
        say "no JDK $JAVA_WANTED or later found: not in JAVA_HOME (${JAVA_HOME:-not set}), on the PATH, or in the usual folders."
        fail "Install one (for instance Temurin, from https://adoptium.net), or set NUTHATCH_JAVA_HOME to where it is."
    fi
}
