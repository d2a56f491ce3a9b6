"""The scheduler modules of the frameworks, without the rest of each framework.

A training framework imports CUDA kernels, data loaders and trackers with itself; its schedules need
none of them. `prepare` lets the module with the schedules be imported alone: the packages above it
are bare, and what else it imports is replaced where its schedules do not touch it. The code of the
schedules themselves is the library's own, unchanged.
"""

import importlib.util
import sys
import types
from pathlib import Path
from unittest.mock import MagicMock

# Packages whose own __init__ is not run.
BARE = ("timm", "timm.scheduler", "levanter", "levanter.optim", "nanotron")
# Modules that a scheduler module imports and its schedules do not use.
UNUSED = (
    *("levanter.tracker", "levanter.optim.clip_update_norm", "levanter.optim.skipstep"),
    *("levanter.optim.util", "levanter.utils.jax_utils", "haliax"),
    *("nanotron.distributed", "nanotron.logging", "nanotron.config", "nanotron.optim.base"),
    *("nanotron.optim.gradient_accumulator", "nanotron.optim.named_optimizer"),
    *("nanotron.optim.zero", "nanotron.parallel", "nanotron.parallel.context"),
    *("nanotron.parallel.tensor_parallel", "nanotron.parallel.tensor_parallel.nn"),
    *("nanotron.random", "nanotron.optim", "nanotron.models", "nanotron.models.base"),
    "nanotron.optim.optimizer_from_gradient_accumulator",
)


def prepare() -> None:
    """Make the scheduler modules importable."""
    for name in BARE:
        folders = _folders(name)
        if folders:
            module = types.ModuleType(name)
            module.__path__ = folders
            sys.modules[name] = module
    for name in UNUSED:
        module = MagicMock(name=name)
        module.__path__ = []
        module.__spec__ = None
        sys.modules[name] = module


def _folders(name: str) -> list[str]:
    path = Path(*name.split("."))
    return [str(Path(entry) / path) for entry in sys.path if (Path(entry) / path).is_dir()]


def installed(package: str) -> bool:
    """Whether a package is at hand, prepared or not."""
    return package in sys.modules or importlib.util.find_spec(package) is not None
