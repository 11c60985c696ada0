#!/bin/sh
# One way in: ./run.sh demo | test | check | setup | any command of the environment, such as: spark-submit jobs/tick.py
# Makes the environment (.venv) when it is missing or out of date; needs Python 3.11 to 3.13 and, the first time, a network.
set -eu
cd "$(dirname "$0")"

environment=.venv
stamp=$environment/.dangol-stamp
needed_mb=4000

say() { echo "run.sh: $*" >&2; }
fail() { say "$@"; exit 1; }

current() { # what the environment was made from, and where: its scripts hold this folder's name
  cksum pyproject.toml uv.lock
  pwd
}

find_python() {
  for name in python3.11 python3.12 python3.13 python3 python; do
    if "$name" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1; then
      echo "$name"
      return
    fi
  done
  return 1
}

find_uv() { # prints the uv to use: the one on PATH, else one of our own
  if uv --version >/dev/null 2>&1; then
    echo uv
    return
  fi
  own=.cache/uv
  if [ ! -x $own/bin/uv ]; then
    say "installing uv into $own"
    rm -rf $own
    "$1" -m venv $own >/dev/null 2>&1 ||
      fail "$1 cannot make a virtual environment; install its venv package (Debian: python3-venv) or uv, then try again."
    $own/bin/python -m pip install --quiet --retries 1 'uv>=0.5,<1' >$own/pip.log 2>&1 || {
      log=$own.log
      mv $own/pip.log $log
      rm -rf $own
      fail "uv could not be installed; check the network and the free disk, then try again (pip's own words are in $log)."
    }
  fi
  echo $own/bin/uv
}

make_environment() {
  case $(pwd) in *[[:space:]]*) fail "Spark's launcher cannot work under a path with a space, such as $(pwd); move the project." ;; esac
  python=$(find_python) || fail "Python 3.11, 3.12 or 3.13 is needed and none is on PATH; install one, then try again."
  free_mb=$(df -Pk . | awk 'NR == 2 { print int($4 / 1024) }')
  [ "$free_mb" -ge $needed_mb ] || [ -d $environment ] ||
    fail "$needed_mb MB of disk are needed here and $free_mb MB are free; free some, then try again."
  # an environment that was moved here does not work here
  [ ! -f $stamp ] || [ "$(tail -n 1 $stamp)" = "$(pwd)" ] || rm -rf $environment
  export UV_SYSTEM_CERTS=1 # also behind a company's proxy
  uv=$(find_uv "$python") || exit 1
  say "installing the Python packages of uv.lock into $environment"
  # compiled once and here: a shell that lets Python write no bytecode would compile all of it at each start, seconds
  UV_PROJECT_ENVIRONMENT=$environment "$uv" sync --frozen --extra spark --compile-bytecode --python "$python" ||
    fail "the Python packages could not be installed; check the network and the free disk, then try again."
  current >$stamp
}

install_browser() { # the browser tests drive Debian's chromium and read Korean
  ! dpkg -s chromium fonts-noto-cjk >/dev/null 2>&1 || return 0
  say "the browser tests need the packages chromium and fonts-noto-cjk: installing them"
  as_root=
  [ "$(id -u)" = 0 ] || as_root="sudo -n"
  { $as_root apt-get update && DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y --no-install-recommends \
    chromium fonts-noto-cjk; } >.cache/apt.log 2>&1 ||
    say "SKIPPING THE BROWSER TESTS: chromium and fonts-noto-cjk could not be installed (see .cache/apt.log)."
}

check() {
  ruff check
  ruff format --check
  mypy
  lint-imports
  pytest -m "not (spark or broker or browser or registry or real or bench or soak)" "$@"
}

[ $# -gt 0 ] || fail "say what to run: demo, test, check, setup, or a command such as: spark-submit jobs/tick.py"

mkdir -p .cache
[ -f $stamp ] && [ "$(cat $stamp)" = "$(current)" ] && [ -x $environment/bin/python ] || make_environment
# another Spark or Python of this shell must not be mixed in
unset SPARK_HOME SPARK_CONF_DIR PYSPARK_PYTHON PYSPARK_DRIVER_PYTHON PYTHONHOME PYTHONPATH
VIRTUAL_ENV=$(pwd)/$environment
PATH=$VIRTUAL_ENV/bin:$PATH
export VIRTUAL_ENV PATH

command=$1
shift
[ "$command" = check ] || dangol setup
case $command in
  setup) ;;
  check) check "$@" ;;
  demo) exec dangol demo "$@" ;;
  test)
    install_browser
    exec pytest -m "not (bench or soak)" "$@"
    ;;
  soak) exec pytest -m soak "$@" ;;
  *) exec "$command" "$@" ;;
esac
