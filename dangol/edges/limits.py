"""How often something may happen, for each person, name or address by itself."""

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable

KEYS_KEPT = 10_000


class Limiter:
    """At most `limit` per key in any `seconds`. Any number of threads may share it; it forgets with the process."""

    def __init__(self, limit: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.limit = limit
        self.seconds = seconds
        self.clock = clock
        self.taken: OrderedDict[str, deque[float]] = OrderedDict()
        self.lock = threading.Lock()

    def take(self, key: str) -> float:
        """0 when it may happen, and then it counts; else the seconds until it may."""
        with self.lock:
            now = self.clock()
            times = self.taken.setdefault(key, deque())
            self.taken.move_to_end(key)
            while times and times[0] <= now - self.seconds:
                times.popleft()
            if len(times) >= self.limit:
                return times[0] + self.seconds - now
            times.append(now)
            if len(self.taken) > KEYS_KEPT:
                self.taken.popitem(last=False)
            return 0.0

    def give_back(self, key: str) -> None:
        """The newest of this key does not count after all."""
        with self.lock:
            if self.taken.get(key):
                self.taken[key].pop()
