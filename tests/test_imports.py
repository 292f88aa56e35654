"""What is imported when: the command line starts light, the shared package needs no framework."""

import subprocess
import sys


def test_help_imports_no_network(tmp_path):
    code = (
        "import sys\nfrom corridorkey.cli.main import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit as stopped:\n    assert not stopped.code\n"
        "heavy = {'torch', 'mlx', 'numpy', 'cv2', 'PIL', 'OpenEXR'} & set(sys.modules)\nassert not heavy, heavy\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "key" in done.stdout


def test_the_shared_package_imports_neither_mlx_nor_torch():
    code = (
        "import pkgutil, importlib, sys, corridorkey\n"
        "for found in pkgutil.walk_packages(corridorkey.__path__, 'corridorkey.'):\n"
        "    importlib.import_module(found.name)\n"
        "assert not {'torch', 'mlx'} & set(sys.modules)\nprint(len(sys.modules))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 100
