"""Conventions of single keys, and texts that are not understood."""

import numpy as np
import pytest

from scheduled.convert import ConversionError, read
from scheduled.convert.code import read_code

HF = "learning_rate: 1.0e-3\nlr_scheduler_type: cosine\nmax_steps: 10\n"


@pytest.mark.parametrize(
    ("text", "framework", "named"),
    [
        ("lr_scheduler_type: cosine\n", "huggingface", "steps="),
        (HF.replace("cosine", "sine"), "huggingface", "lr_scheduler_type='sine'"),
        (HF + "warmup_steps: -1\n", "huggingface", "warmup_steps=-1"),
        (HF.replace("1.0e-3", "0"), "huggingface", "learning_rate=0"),
        (HF.replace("1.0e-3", "much"), "huggingface", "learning_rate='much'"),
        (HF.replace("10", "1.5"), "huggingface", "max_steps=1.5"),
        (HF + "lr_scheduler_kwargs: {min_lr: 1}\n", "huggingface", "no min_lr"),
        (HF + "lr_scheduler_kwargs: {num_cycles: 0}\n", "huggingface", "num_cycles=0"),
        ("StepLR(opt, step_size=3, gama=0.1); steps = 9", "torch", "no gama"),
        ("steps = 9\nlinear_schedule(1.0, 0.0, 9, start=3)", "optax", "no start"),
        ("CosineLRScheduler(opt, t_initial=9, lr_max=1.0)", "timm", "no lr_max"),
        ("CosineLRScheduler(opt, t_initial=9, noise_range_t=3)", "timm", "noise_range_t=3"),
        ("WSD(warmup=1, decay=2)", "olmo", "steps="),
        ("scheduler: {_CLASS_: WSD, b: 1}\nmax_duration: {value: 9}", "olmo", "no b"),
        ("learning_rate: [", "huggingface", "YAML"),
        ("[lr_scheduler", "torchtitan", "TOML"),
        ("[training]\nsteps=9\n[lr_scheduler]\ndecay_type='x'", "torchtitan", "decay_type='x'"),
        ("--lr 1 --train-iters 9 --lr-decay-style x", "megatron", "lr-decay-style='x'"),
        ("--lr 1 --train-iters 9 --min-lr 2", "megatron", "min-lr='2'"),
        ("--lr 1 --train-iters 9 --lr-warmup-iters 9", "megatron", "lr-warmup-iters=9"),
        ("--lr 1 --train-iters 9 --lr-decay-style WSD", "megatron", "lr-wsd-decay-iters"),
        ("StepLR(opt, ", "torch", "Python"),
        ("steps = 9\nLambdaLR(opt, lr_lambda=f)", "torch", "lr_lambda"),
        ("steps = 9\nStepLR(opt, step_size=0.5)", "torch", "step_size=0.5"),
        ("steps = 9\njoin_schedules([constant_schedule(1.0)], [3])", "optax", "boundary"),
        ("scheduler:\n  _CLASS_: a.B\nmax_duration: {value: 9}", "olmo", "_CLASS_='B'"),
        ("k,lr\n0,1\n2,1\n", "csv", "line 3"),
        ("k,lr\n0,one\n", "csv", "line 2"),
        ("k,lr\n", "csv", "no row"),
        ("k,lr\n0,0\n", "csv", "no learning rate"),
    ],
)
def test_what_is_wrong_is_named(text, framework, named):
    with pytest.raises(ConversionError, match=named.replace("(", r"\(")) as caught:
        read(text, framework)
    assert caught.value.framework == framework


@pytest.mark.parametrize(("text", "named"), [("what: ever", "none"), ("k,lr\n0,1", None)])
def test_recognition(text, named):
    if named:
        with pytest.raises(ConversionError, match=named):
            read(text)
    else:
        assert read(text).schedule.size == 2


def test_an_unknown_framework_is_named():
    with pytest.raises(ConversionError, match="framework='jax'"):
        read(HF, "jax")


@pytest.mark.parametrize(
    ("keys", "W"),
    [
        ("warmup_steps: 3", 3),
        ("warmup_steps: 0.25", 3),  # rounded up
        ("warmup_ratio: 0.25", 3),
        ("warmup_steps: 2\nwarmup_ratio: 0.5", 2),
    ],
)
def test_warm_up_of_hugging_face(keys, W):
    lrs = read(HF + keys).schedule
    assert int(np.argmax(lrs)) == W


def test_get_scheduler_as_code():
    S = read(
        "optimizer = torch.optim.AdamW(model.parameters(), lr=2e-4)\n"
        "s = get_scheduler('linear', optimizer=optimizer, num_warmup_steps=2, "
        "num_training_steps=10)\n"
    )
    np.testing.assert_allclose(S.schedule[:4], [0.0, 1e-4, 2e-4, 1.75e-4], rtol=1e-14)


def test_megatron_takes_lines_equals_and_underscores():
    S = read("--lr=1e-3 \\\n --lr_decay_style linear \\\n  --train-iters 4")
    np.testing.assert_allclose(S.schedule, [1e-3, 7.5e-4, 5e-4, 2.5e-4, 0.0], atol=1e-18)


def test_a_long_line_is_no_path():
    words = " ".join(f"--some-argument-{i} {i}" for i in range(200))
    S = read(f"--lr 1 --lr-decay-style linear --train-iters 4 {words}")
    assert S.schedule.size == 5
    with pytest.raises(ConversionError):
        read("k,lr\0")


def test_old_lr_min_of_torchtitan():
    S = read("[optimizer]\nlr=1.0\n[training]\nsteps=4\n[lr_scheduler]\nwarmup_steps=0\nlr_min=0.5")
    np.testing.assert_allclose(S.schedule, [1, 0.875, 0.75, 0.625, 0.5])


@pytest.mark.parametrize(
    "body",
    [
        "return __import__('os').getpid()",
        "return open('x')",
        "return k.__class__",
        "while True: pass",
        "import os",
        "return (lambda j: j)(k)",
        "return [k for k in 'ab']",
        "return unknown",
        "return 'text'",
        "return 1 / k",
        "return 9 ** 9 ** 9 ** 9",
    ],
)
def test_a_function_of_the_step_may_only_calculate(body):
    text = f"steps = 3\ndef f(k):\n    {body}\nS = LambdaLR(opt, lr_lambda=f)"
    with pytest.raises(ConversionError) as caught:
        read(text, "torch")
    assert caught.value.framework == "torch"


def test_code_is_read_and_not_run():
    names = read_code("x = 3 * 2\nimport os\nos._exit(1)\ny = launch(x)\nz = [x, -x]")
    assert names["x"] == 6
    assert names["y"].name == "launch"
    assert names["z"] == [6, -6]
