# Sourced by ./airpost and ./mvnw: sets JAVA_HOME to a JDK 25 or later, whatever the machine's default Java is:
# $JAVA_HOME if that is one, else the first found where Debian, Temurin and SDKMAN put theirs.
jdk25() {
    [ -x "$1/bin/javac" ] && "$1/bin/javac" -version 2>&1 | awk '{ split($2, v, "."); exit !(v[1] >= 25) }'
}
find_jdk25() {
    for home in "${JAVA_HOME:-}" /usr/lib/jvm/*25* /opt/java/* "${HOME:-/root}"/.sdkman/candidates/java/25* /usr/lib/jvm/*; do
        if [ -n "$home" ] && jdk25 "$home"; then
            JAVA_HOME=$home
            export JAVA_HOME
            return 0
        fi
    done
    echo "$1: no JDK 25 found; set JAVA_HOME to one (Debian: Temurin's package temurin-25-jdk)" >&2
    return 1
}
