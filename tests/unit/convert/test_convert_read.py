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
        ("PolyLRScheduler(opt, t_initial=9, noise_range_t=0)", "timm", "noise_range_t=0"),
        ("WSDLRScheduler(opt, 9, decay_t=3, noise_range_t=noise)", "timm", "noise_range_t=noise"),
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
        ("k,lr\n0,1\n1,nan\n", "csv", "line 3"),
        (HF + "warmup_step: 3\n", "huggingface", "warmup_steps"),
        (HF + "warmup_ratio: -0.1\n", "huggingface", "warmup_ratio=-0.1"),
        (HF + "lr_scheduler_kwargs: abc\n", "huggingface", "lr_scheduler_kwargs='abc'"),
        (HF.replace("10", "1000000000000"), "huggingface", "total=1000000000000"),
        ("get_linear_schedule_with_warmup(o, args.warmup, 9)", "huggingface", "args.warmup"),
        ("[training]\nsteps=9\n[lr_scheduler]\ndecay_ration=0.1", "torchtitan", "decay_ration"),
        ("lr_scheduler = 3", "torchtitan", "lr_scheduler=3"),
        ("--lr 1 --train-iters 9 --lr-warmup-iter 2", "megatron", "--lr-warmup-iter "),
        ("--lr --train-iters 9", "megatron", "--lr has"),
        ("--train-iters 9 --min-lr 0", "megatron", "lr is missing"),
        ("--lr 1 --train-samples 9", "megatron", "global-batch-size"),
        ("--lr 1 --train-iters 9 --lr-warmup-samples 9", "megatron", "--lr-warmup-samples"),
        ("learning_rate_scheduler: {learning_rate: 1, min_lr: 0}", "nanotron", "no min_lr"),
        ("optimizer: [1]", "nanotron", "optimizer="),
        ("optimizer: {warm_up: 3}", "levanter", "warmup"),
        (
            "optimizer: {lr_schedule: {type: cosine, power: 2}}\nnum_train_steps: 9",
            "levanter",
            "power",
        ),
        ("optimizer: {cycles: [1, x]}\nnum_train_steps: 9", "levanter", "cycles.1.='x'"),
        ("lr_scheduler: cosine\nmax_steps: 9", "axolotl", "learning_rate is missing"),
        ("cosine_min_lr_ration: 0.1", "axolotl", "cosine_min_lr_ratio"),
        ("WSD(100)", "olmo", "name="),
        ("CosineLRScheduler(opt, t_initial=9, lr_min=args.low)", "timm", "lr_min=args.low"),
        (
            "steps = 9\nCosineAnnealingLR(opt, T_max=9, eta_min=args.low)",
            "torch",
            "eta_min=args.low",
        ),
        ("steps = 9\nStepLR(SGD(p, lr=args.lr), 3)", "torch", "lr=args.lr"),
        ("steps = 9\nlr = 1\nif x:\n    lr = 2\nStepLR(SGD(p, lr=lr), 3)", "torch", "lr=lr"),
        ("steps = 9\nCosineAnnealingLR(opt, T_max=0)", "torch", "T_max=0"),
        ("steps = 9\nMultiStepLR(opt)", "torch", "milestones=None"),
        ("steps = 9\nStepLR(opt, 3, last_epoch=5)", "torch", "last_epoch=5"),
        (
            "steps = 9\nChainedScheduler([ConstantLR(opt), StepLR(opt, 3)])",
            "torch",
            "ChainedScheduler",
        ),
        ("steps = 9\nx = " + "-" * 5000 + "1\nStepLR(opt, 3)", "torch", "nested"),
        ("steps = 9\njoin_schedules(3, 3)", "optax", "schedules=3"),
        ("steps = 9\npiecewise_constant_schedule(1.0, {[]: 1})", "optax", "boundaries_and_scales="),
        (
            "steps = 9\nexponential_decay(1.0, 0.1, 0.5, staircase=True)",
            "optax",
            "transition_steps",
        ),
        ("OneCycleLR(opt, max_lr=1.0, total_steps='x')", "torch", "total_steps='x'"),
        ("scheduler: {_CLASS_: WSDS, period_lengths: [x]}\nmax_duration: {value: 9}", "olmo", "x"),
        ("steps = 9\nconstant_schedule(cfg.lr)", "optax", "value=cfg.lr"),
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


@pytest.mark.parametrize("name", ["CosineLRScheduler", "PolyLRScheduler"])
def test_settings_of_timms_noise_change_nothing_without_a_range(name):
    plain = read(f"{name}(opt, t_initial=9, lr_min=0.1)")
    for noise in (
        "noise_pct=0.3",
        "noise_range_t=None, noise_pct=args.lr_noise_pct, noise_std=0.5, noise_seed=args.seed",
    ):
        S = read(f"{name}(opt, t_initial=9, lr_min=0.1, {noise})")
        np.testing.assert_array_equal(S.schedule, plain.schedule)


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


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"lr_scheduler_type: sine\nmax_steps: 9\n"])
def test_a_file_is_named(tmp_path, content):
    path = tmp_path / "config.yaml"
    path.write_bytes(content)
    for source in (path, str(path)):
        with pytest.raises(ConversionError, match=r"config\.yaml: "):
            read(source)


def test_a_file_that_is_not_there_is_named():
    with pytest.raises(ConversionError, match=r"no file no/such/config\.toml"):
        read("no/such/config.toml")


@pytest.mark.parametrize(
    ("code", "same"),
    [
        (
            "get_cosine_schedule_with_warmup(o, 3, 20, 1.5)",
            "get_cosine_schedule_with_warmup(\n"
            "o, num_warmup_steps=3, num_training_steps=20, num_cycles=1.5)",
        ),
        ("get_scheduler('cosine', o, 3, 20)", "get_cosine_schedule_with_warmup(o, 3, 20)"),
        (
            "TrainingArguments(lr_scheduler_type=SchedulerType.COSINE, max_steps=20)",
            "TrainingArguments(lr_scheduler_type='cosine', max_steps=20)",
        ),
        ("CosineLRScheduler(o, 20, 0.1)", "CosineLRScheduler(o, t_initial=20, lr_min=0.1)"),
        (
            "OneCycleLR(o, 1.0, 20, None, None, 0.5)",
            "OneCycleLR(o, max_lr=1.0, epochs=4, steps_per_epoch=5, pct_start=0.5)",
        ),
        ("steps = 10\nsteps *= 2\nStepLR(SGD(p, 0.1), 3)", "steps = 20\nStepLR(SGD(p, lr=0.1), 3)"),
        ("steps, n = 20, 3\nStepLR(o, n)", "steps = 20\nStepLR(o, 3)"),
        (
            "steps = 20\nexponential_decay(1.0, 5, 0.5, end_value=0.0)",
            "steps = 20\nexponential_decay(1.0, 5, 0.5)",
        ),
    ],
)
def test_arguments_by_position_and_by_name(code, same):
    np.testing.assert_array_equal(read(code).schedule, read(same).schedule)


@pytest.mark.parametrize(
    "text",
    [
        'ARGS="\n  --lr 1.0e-3 \\\n  --train-iters 20 \\\n  --lr-warmup-iters 5\n"\nrun $ARGS\n',
        "ARGS=(--lr 1.0e-3 # peak\n  --train-iters 20\n  --lr-warmup-iters 5)\n",
        "--lr=1.0e-3 --train-iters=20 --lr_warmup_iters=5",
    ],
)
def test_megatron_arguments_in_a_script(text):
    expected = read("--lr 1.0e-3 --train-iters 20 --lr-warmup-iters 5").schedule
    np.testing.assert_array_equal(read(text).schedule, expected)


@pytest.mark.parametrize(
    ("arguments", "steps", "W", "T"),
    [
        ("--train-samples 1000 --lr-warmup-samples 100 --global-batch-size 32", 31, 3.125, 31.25),
        ("--train-iters 31 --lr-warmup-fraction 0.1", 31, 3.1, 31),
    ],
)
def test_megatron_lengths_are_not_rounded(arguments, steps, W, T):
    k = np.arange(steps)
    expected = np.where(k <= W, k / W, 1 - (k - W) / (T - W))
    lrs = read(f"--lr 1.0 --lr-decay-style linear {arguments}").schedule[:-1]
    np.testing.assert_allclose(lrs, expected, rtol=0, atol=1e-14)
