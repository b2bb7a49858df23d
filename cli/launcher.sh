# shellcheck shell=bash
# What ./howdah and ./examples/shop/run have in common: they find Java, and build what they run when there is no build,
# or when it is out of date. Sourced, with these set:
#   root       the folder of the project
#   program    what the messages begin with
#   stamp      a file that says when it was built
#   log        where the build's output goes
#   modules    options of Maven that say what is built
#   sources    what it is built of, as patterns relative to root

# stdout belongs to the command
say() { printf '%s: %s\n' "$program" "$*" >&2; }
die() { say "$@"; exit 1; }

find_java() {
  if [ -n "${JAVA_HOME:-}" ]; then
    java=$JAVA_HOME/bin/java
    [ -x "$java" ] || die "JAVA_HOME is $JAVA_HOME, but there is no bin/java in it."
  else
    java=$(command -v java) || die "found no Java: install JDK 17 or newer, or set JAVA_HOME."
  fi
  version=$("$java" -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p' | head -n 1)
  [ "${version:-0}" -ge 17 ] || die "$java is Java ${version:-of an unknown version}; Howdah needs 17 or newer. Set JAVA_HOME to one."
}

is_current() {
  [ -e "$stamp" ] || return 1
  # a folder is newer when a file in it was added, removed or renamed
  local newer
  # shellcheck disable=SC2068
  newer=$(cd "$root" && find ${sources[@]} -newer "$stamp" -print -quit 2>/dev/null)
  [ -z "$newer" ]
}

build() {
  mkdir -p "$root/target"
  if [ -e "$stamp" ]; then say "sources have changed, building again ..."; else say "building, once (the first time also downloads the dependencies) ..."; fi
  local begin=$SECONDS pending=$root/target/$program-built.$$
  # dated at the start: what is edited during the build is built the next time
  touch "$pending"
  # without the quality tools: ./check runs them, and this should be quick
  if ! (cd "$root" && ./mvnw -B -ntp -P '!quality' package -DskipTests ${modules[@]+"${modules[@]}"}) >"$log" 2>&1 </dev/null 9>&-; then
    rm -f "$pending"
    say "the build failed after $((SECONDS - begin)) s. The end of $log:"
    tail -n 40 "$log" >&2
    exit 1
  fi
  mv "$pending" "$stamp"
  say "built in $((SECONDS - begin)) s (log: ${log#"$PWD/"})"
}

build_if_needed() {
  is_current && return
  # One build at a time, whatever it builds: who comes second waits, then finds the build done. The lock is on a script,
  # which, unlike a lock file, is there already and survives 'mvn clean'.
  exec 9<"$root/howdah"
  if command -v flock >/dev/null && ! flock -n 9; then
    say "waiting for another build ..."
    flock 9
  fi
  is_current || build
  exec 9<&-
}
