"""What this machine's processes use, and how fast the machine is just now."""

import hashlib
import os
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median

PAGE_MIB = os.sysconf("SC_PAGE_SIZE") / 2**20
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
PROBE_ROUNDS, PROBE_BYTES = 5, bytes(16_000_000)


@dataclass(frozen=True)
class Process:
    parent: int
    name: str
    seconds: float
    """Processor time of itself and of its ended children."""
    rss_mib: float


def processes() -> dict[int, Process]:
    """Every process of the machine by its id."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended meanwhile
            head, _, tail = (folder / "stat").read_text().rpartition(")")
            fields = tail.split()
            seconds = sum(map(int, fields[11:15])) / TICKS_PER_SECOND
            found[int(folder.name)] = Process(
                int(fields[1]), head.partition("(")[2], seconds, int(fields[21]) * PAGE_MIB
            )
    return found


def descendants(family: dict[int, Process], root: int) -> list[int]:
    children = [number for number, process in family.items() if process.parent == root]
    return [root, *(number for child in children for number in descendants(family, child))]


def memory(family: dict[int, Process], stream: int) -> dict[str, float]:
    """Resident MiB of the stream's driver in Python, of its JVM, and of the workers that the JVM forks for UDFs."""
    driver, *rest = descendants(family, stream)
    sizes = {"driver": family[driver].rss_mib, "jvm": 0.0, "workers": 0.0}
    for number in rest:
        sizes["jvm" if family[number].name == "java" else "workers"] += family[number].rss_mib
    return {name: round(size, 1) for name, size in sizes.items()}


def seconds_of(family: dict[int, Process], root: int) -> float:
    """Processor time of a process and of all that it has started."""
    return sum(family[number].seconds for number in descendants(family, root))


def machine_seconds() -> float:
    """Processor time that the machine has used since it started: user, nice, system, irq, softirq and steal."""
    numbers = [int(word) for word in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return (sum(numbers) - numbers[3] - numbers[4]) / TICKS_PER_SECOND


def probe_ms() -> float:
    """A fixed piece of work, timed: what the machine, not the stream, makes slower."""
    times = []
    for _ in range(PROBE_ROUNDS):
        began = time.perf_counter()
        hashlib.sha256(PROBE_BYTES).digest()
        times.append(1000 * (time.perf_counter() - began))
    return round(median(times), 2)
