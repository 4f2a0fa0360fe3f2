"""What the image holds is enough: the services, the jobs and the command import nothing that is not in it."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

STARTED = (
    "services.enrolment.app",
    "services.notifications.app",
    "services.evaluation.app",
    "deploy.mongo.init_rs",
    "deploy.ctl.main",
)
"""What compositions and operators start in it."""

IMPORT_IN_IT = """
import importlib.metadata, re, sys
shipped = set({shipped!r})
providers = importlib.metadata.packages_distributions()

class Missing:
    def find_spec(self, name, path=None, target=None):
        of = {{re.sub("[-_.]+", "-", dist).lower() for dist in providers.get(name.partition(".")[0], ())}}
        if of and not of & shipped and name.partition(".")[0] not in ("deploy", "services", "shared", "tests"):
            raise ModuleNotFoundError(f"{{name}} is of {{of}}, which is not in the image", name=name)

sys.meta_path.insert(0, Missing())
sys.path.insert(0, {tree!r})
import {module}
assert {module}.__file__.startswith({tree!r}), {module}.__file__
"""


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's files as the image has them: those that .dockerignore lets through and the Dockerfile copies."""
    root = Path(__file__).parents[2]
    tree = tmp_path_factory.mktemp("image")
    copied = re.findall(r"^COPY (\w+) /app/\w+$", (root / "deploy/docker/Dockerfile").read_text(), re.MULTILINE)
    assert copied == ["shared", "services", "deploy"]
    lines = (root / ".dockerignore").read_text().split()
    left_out = [root / line for line in lines if not line.startswith(("!", "*")) and "*" not in line]
    for folder in copied:
        shutil.copytree(root / folder, tree / folder, ignore=lambda at, names: _left_out(Path(at), names, left_out))
    shutil.rmtree(tree / "deploy/docker")
    return tree


def _left_out(at: Path, names: list[str], left_out: list[Path]) -> set[str]:
    return {name for name in names if at / name in left_out or name in {"__pycache__", "node_modules"}}


@pytest.mark.parametrize("module", STARTED)
def test_whatever_is_started_finds_all_that_it_imports(module: str, image: Path, root: Path) -> None:
    lock = (root / "deploy/docker/requirements.lock").read_text()
    shipped = re.findall(r"^([a-z0-9._-]+)==", lock, re.MULTILINE)
    source = IMPORT_IN_IT.format(shipped=shipped, tree=str(image), module=module)
    done = subprocess.run([sys.executable, "-P", "-c", source], capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr


def test_neither_the_sample_nor_a_secret_gets_into_it(image: Path) -> None:
    inside = {path.name for path in (image / "deploy").iterdir()}
    assert inside & {"sample", "secrets", "console", "k8s", "docker"} == set()
    assert {"ctl", "mongo"} <= inside
