"""The common look loads matplotlib only when something is drawn."""

import subprocess
import sys


def test_importing_the_drawings_does_not_import_matplotlib() -> None:
    code = (
        "import sys, hebbayes.plotting.maze, hebbayes.plotting.sources;"
        "sys.exit('matplotlib' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
