"""The commands of README's "Use it by hand", run in order as a reader would, in a folder of the test."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.spark, pytest.mark.registry, pytest.mark.soak]

ROOT = Path(__file__).parents[2]
SERVES = re.compile("dangol (page|shop) ")
SAYS = {
    "dangol simulate": "",
    "dangol verify": "mismatches: 0",
    "dangol train": "registered dangol-grades version 1",
    "dangol ask": "12347",
    "dangol changes": "changes: 0",
    "dangol status": "champion",
    "dangol boundary": "p_max",
    "dangol what-if": "wanted: VIP",
    "dangol promote": "champion",
    "dangol rejected": "by_reason",
    "dangol repair-days": "added: ",
    "ml/train.py": "registered dangol-grades version 2",
    "ml/promote.py": "version 1 is the champion",
    "jobs/tick.py": "customers ticked for 2011-12-10",
    "jobs/verify.py": "mismatches: 0",
}


def commands() -> list[str]:
    section = (ROOT / "README.md").read_text("utf-8").partition("## Use it by hand")[2].partition("\n## ")[0]
    blocks = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    return [line.partition("  #")[0].strip() for line in lines if line.strip() and not SERVES.match(line)]


def test_the_commands_of_the_readme_do_what_it_says(tmp_path: Path) -> None:
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    asked = commands()
    assert len(asked) == 20
    for command in asked:
        here = shlex.split(command.replace("/tmp/", f"{tmp_path}/"))  # noqa: S108 - the README's folder, not ours
        done = subprocess.run(here, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        for start, words in SAYS.items():
            if start in command and "--json" not in command:
                assert words in done.stdout, command
