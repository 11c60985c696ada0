import subprocess
import sys
from pathlib import Path

import pytest

from dangol.edges.manifest import Manifest, holder, only_driver, read_manifest, refuse_mismatch, write_manifest
from dangol.errors import StoreError

MADE = Manifest({"ledger": 1, "grades": 3, "days": 1}, "2026-01-01T00:00:00+00:00", {"shop.timezone": "Asia/Seoul"})

HOLD = """
import sys
from pathlib import Path
from dangol.edges.manifest import only_driver
with only_driver(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_manifest_is_read_as_written(tmp_path: Path) -> None:
    assert read_manifest(tmp_path / "checkpoints") is None
    write_manifest(tmp_path / "checkpoints", MADE)
    assert read_manifest(tmp_path / "checkpoints") == MADE


def test_a_damaged_manifest_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text("{")
    with pytest.raises(StoreError, match=r"is damaged .* move it away and run dangol rebuild"):
        read_manifest(tmp_path)


def test_a_changed_identity_is_refused(tmp_path: Path) -> None:
    refuse_mismatch(MADE, {"shop.timezone": "Asia/Seoul"})
    with pytest.raises(StoreError, match=r"made with shop\.timezone = Asia/Seoul, not Europe/London"):
        refuse_mismatch(MADE, {"shop.timezone": "Europe/London"})


def test_a_second_driver_is_kept_out_while_the_first_lives(tmp_path: Path) -> None:
    assert holder(tmp_path) is None
    first = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert first.stdout is not None
    assert first.stdout.readline() == "held\n"
    assert holder(tmp_path) == first.pid
    with pytest.raises(StoreError, match=f"runs already as process {first.pid}"), only_driver(tmp_path):
        pass
    (tmp_path / "lock").unlink()
    assert holder(tmp_path) == 0
    with pytest.raises(StoreError, match="runs already; stop it first"), only_driver(tmp_path):
        pass
    first.kill()
    first.wait()
    assert holder(tmp_path) is None
    with only_driver(tmp_path):
        pass
