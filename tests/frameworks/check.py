"""Every configuration in the frameworks' own libraries, step by step, and the page about it.

``make test-frameworks`` runs this in an environment of its own: it reads each configuration of
`frameworks.configurations`, lets the library of the framework give the learning rates of all
steps, writes the schedule for every other framework, and asks the library of that one, too. It
fails if a difference is above 1e-12 of the peak, or if ``docs/frameworks.md`` says anything else;
``--write`` writes that page.
"""

import contextlib
import importlib
import importlib.metadata
import io
import logging
import sys
import warnings
from pathlib import Path

import numpy as np

from frameworks.configurations import CONFIGURATIONS
from frameworks.libraries import prepare
from scheduled.convert import EXACT, ConversionError, framework_lrs, frameworks, read, write
from scheduled.convert.libraries import stepped

REPO = Path(__file__).resolve().parents[2]
PAGE = REPO / "docs" / "frameworks.md"
DISTRIBUTIONS = {
    "huggingface": "transformers",
    "torch": "torch",
    "optax": "optax",
    "torchtitan": "torchtitan",
    "megatron": "megatron-core",
    "nanotron": "nanotron",
    "olmo": "ai2-olmo-core",
    "levanter": "levanter",
    "axolotl": "axolotl",
    "timm": "timm",
}
HEAD = """\
# Schedules of other frameworks

`scheduled.convert.read` reads the configuration of a framework as a schedule, and `write` writes a
schedule for a framework, exactly or not at all: if the framework cannot reproduce the learning
rates, `write` reports the largest difference of the closest configuration it tried, and the step.

`read` refuses what it does not understand: an unknown key of a scheduler, a key close to a known
one, a value that the code does not show (`eta_min=args.min_lr`), a scheduler inside a function, a
loop or a condition.

`make test-frameworks` compares every step with the frameworks' own libraries and checks this page,
which `make frameworks-page` writes.

Each row is a configuration of `tests/frameworks/configurations.py`, read and compared with its own
library at every step. "exact": no learning rate differs by more than 10⁻¹² of the largest one. The
other columns say whether another framework can express it. "✓": it can, also compared with that
framework's library (✓ *: the decay 1-sqrt is newer than the release of nanotron). Otherwise: the
largest difference of the closest configuration tried, relative to the largest learning rate, and
the first step k, from 0, at which it occurs.

"""
TAIL = """
The libraries, each as released: {versions}. Of levanter, nanotron and timm the modules with the
schedules are imported alone (`tests/frameworks/libraries.py`). optax and levanter calculate in
double precision here; their default, single precision, differs by 6·10⁻⁸ of the peak.

Not run: MaxText, because its package needs Python 3.12, and nanochat, nanoGPT, modded-nanogpt,
llm.c and the trainer of the paper, which are not packages. The schedules of these five are compared
with their formulas in `tests/unit/convert/test_convert_formulas.py`; in Python, `read` takes them
as functions for `LambdaLR`.

Where the libraries differ from what one may expect:

- Hugging Face's `cosine_warmup_with_min_lr` is one step ahead: p = (k − W + 1)/(T − W).
- torchtitan's warm-up is (k + 1)/W and its decay p = (k + 1 − W − S)/D with S = T + 1 − W − D, in
  all releases from 0.1.0 on.
- nanotron subtracts the warm-up twice if `lr_decay_starting_step` is given and `lr_decay_steps` is
  not; its `min_decay_lr` is the peak by default; and a warm-up of no steps still has one at LR 0.
- nanotron without warm-up and decay trains at the square of the learning rate.
- axolotl's `rex` has counted one step before the first one.
- levanter's `inv` has the same learning rate in the first two steps of the decay.
"""


def library_lrs(framework: str, text: str, steps: int) -> np.ndarray:
    """The learning rates of the library, whatever it prints meanwhile."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        return framework_lrs(text, framework, steps=steps)


def code_lrs(framework: str, text: str, steps: int) -> np.ndarray:
    """The learning rates of code, run as it stands."""
    names: dict[str, object] = {}
    if framework == "torch":
        names["model"] = importlib.import_module("torch").nn.Linear(1, 1)
        exec(text, names)
        return stepped(names["optimizer"], names["scheduler"], steps)
    jax = importlib.import_module("jax")
    with jax.enable_x64(True):
        exec(text, names)
        return np.asarray(jax.vmap(names["schedule"])(jax.numpy.arange(steps)))


def cell(schedule: object, framework: str, steps: int) -> tuple[str, str | None]:
    """What the table says of a framework, and what is wrong with its library."""
    try:
        text = write(schedule, framework, steps=steps)
    except ConversionError as error:
        return f"{error.difference:.1e} ({error.step})", None
    lrs = schedule.schedule[:steps]
    if framework == "nanotron" and "lr_decay_style: 1-sqrt" in text:
        return "✓ *", None
    run = code_lrs if framework in ("torch", "optax") else library_lrs
    there = run(framework, text, steps)
    difference = np.abs(there - lrs).max() / lrs.max()
    if difference > EXACT:
        return f"{difference:.1e}", f"{framework}: {difference:.3g}\n{text}"
    return "✓", None


def table() -> tuple[str, list[str]]:
    """The table, and what is wrong."""
    names = list(frameworks())
    rows = [
        "| configuration | own library | " + " | ".join(names) + " |",
        "|---" * (len(names) + 2) + "|",
    ]
    wrong = []
    for name, (framework, text, steps) in CONFIGURATIONS.items():
        schedule = read(text, framework, steps=steps)
        lrs = schedule.schedule[:steps]
        difference = np.abs(library_lrs(framework, text, steps) - lrs).max() / lrs.max()
        own = "exact" if difference <= EXACT else f"{difference:.1e}"
        if own != "exact":
            wrong.append(f"{name}: {difference:.3g} from its own library")
        cells = []
        for other in names:
            said, problem = cell(schedule, other, steps)
            cells.append(said)
            if problem:
                wrong.append(f"{name} → {problem}")
        rows.append(f"| {name} | {own} | " + " | ".join(cells) + " |")
        print(f"{name}: {own}, {cells.count('✓')} of {len(names)}")
    return "\n".join(rows) + "\n", wrong


def main() -> int:
    """Compare, and write or check the page."""
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    prepare()
    versions = [
        f"{name} {importlib.metadata.version(name).partition('+')[0]}"
        for name in DISTRIBUTIONS.values()
    ]
    found, wrong = table()
    page = HEAD + found + TAIL.format(versions=", ".join(versions))
    if "--write" in sys.argv:
        PAGE.write_text(page, encoding="utf-8")
    elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != page:
        wrong.append(f"{PAGE.relative_to(REPO)} is not what is found now: make frameworks-page")
    print("\n".join(wrong) or f"{len(CONFIGURATIONS)} configurations, all exact")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
