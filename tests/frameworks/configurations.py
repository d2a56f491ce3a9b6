"""Configurations of frameworks, each as its users write it: name → (framework, text, T)."""

T = 1000


def _hf(
    kind: str, kwargs: str = "", warmup: object = 100, steps: int = T, lr: str = "3.0e-4"
) -> str:
    text = f"learning_rate: {lr}\nlr_scheduler_type: {kind}\nwarmup_steps: {warmup}\n"
    text += f"max_steps: {steps}\n"
    return text + (f"lr_scheduler_kwargs: {{{kwargs}}}\n" if kwargs else "")


def _torch(scheduler: str, lr: str = "0.1", steps: int = T) -> str:
    return f"steps = {steps}\nopt = torch.optim.SGD(p, lr={lr})\nS = {scheduler}\n"


def _optax(schedule: str, steps: int = T) -> str:
    return f"steps = {steps}\nschedule = optax.{schedule}\n"


def _titan(**keys: object) -> str:
    lines = [f"{k} = {v!r}".replace("'", '"') for k, v in keys.items()]
    return f"[optimizer]\nlr = 8e-4\n[training]\nsteps = {T}\n[lr_scheduler]\n" + "\n".join(lines)


def _megatron(arguments: str, steps: int = T) -> str:
    return f"--lr 6.0e-4 --train-iters {steps} {arguments}"


def _nanotron(**keys: object) -> str:
    lines = [f"    {k}: {v}" for k, v in keys.items()]
    return (
        "optimizer:\n  learning_rate_scheduler:\n    learning_rate: 0.003\n"
        + "\n".join(lines)
        + f"\ntokens:\n  train_steps: {T}\n"
    )


def _olmo(call: str) -> str:
    return f"optim = AdamWConfig(lr=4e-4)\nscheduler = {call}\n"


def _levanter(**keys: object) -> str:
    lines = [f"  {k}: {v}" for k, v in keys.items()]
    return (
        "optimizer:\n  learning_rate: 6.0e-4\n"
        + "\n".join(lines)
        + f"\ntrainer:\n  num_train_steps: {T}\n"
    )


def _axolotl(text: str) -> str:
    return f"learning_rate: 2.0e-5\nmicro_batch_size: 2\nmax_steps: {T}\n{text}"


def _timm(call: str) -> str:
    return f"opt = torch.optim.SGD(p, lr=0.05)\nscheduler = {call}\n"


WARM = "torch.optim.lr_scheduler.LinearLR(opt, start_factor=0.01, total_iters=100)"

CONFIGURATIONS: dict[str, tuple[str, str, int]] = {
    # Hugging Face
    "hf constant": ("huggingface", _hf("constant", warmup=0), T),
    "hf constant_with_warmup": ("huggingface", _hf("constant_with_warmup"), T),
    "hf linear": ("huggingface", _hf("linear"), T),
    "hf linear, no warm-up": ("huggingface", _hf("linear", warmup=0), T),
    "hf linear, fraction": ("huggingface", _hf("linear", warmup=0.0333), T),
    "hf linear, 7 steps": ("huggingface", _hf("linear", warmup=3, steps=7), 7),
    "hf linear, warm-up of 1": ("huggingface", _hf("linear", warmup=1, steps=50), 50),
    "hf linear, cut": ("huggingface", _hf("linear"), 550),
    "hf linear, beyond": ("huggingface", _hf("linear"), 1100),
    "hf cosine": ("huggingface", _hf("cosine"), T),
    "hf cosine, 0.75 cycles": ("huggingface", _hf("cosine", "num_cycles: 0.75"), T),
    "hf cosine, 2.3 cycles": ("huggingface", _hf("cosine", "num_cycles: 2.3"), T),
    "hf cosine_with_restarts": ("huggingface", _hf("cosine_with_restarts", "num_cycles: 3"), T),
    "hf cosine_with_restarts, 7": (
        "huggingface",
        _hf("cosine_with_restarts", "num_cycles: 7", steps=1009),
        1009,
    ),
    "hf cosine_with_min_lr, rate": (
        "huggingface",
        _hf("cosine_with_min_lr", "min_lr_rate: 0.1"),
        T,
    ),
    "hf cosine_with_min_lr, absolute": (
        "huggingface",
        _hf("cosine_with_min_lr", "min_lr: 1.0e-5"),
        T,
    ),
    "hf cosine_warmup_with_min_lr": (
        "huggingface",
        _hf("cosine_warmup_with_min_lr", "min_lr_rate: 0.1, warmup_lr_rate: 0.2"),
        T,
    ),
    "hf cosine_warmup_with_min_lr, from 1/W": (
        "huggingface",
        _hf("cosine_warmup_with_min_lr", "min_lr_rate: 0.1"),
        T,
    ),
    "hf polynomial": ("huggingface", _hf("polynomial"), T),
    "hf polynomial 2": ("huggingface", _hf("polynomial", "power: 2.0, lr_end: 1.0e-5"), T),
    "hf inverse_sqrt": ("huggingface", _hf("inverse_sqrt"), T),
    "hf inverse_sqrt, timescale": ("huggingface", _hf("inverse_sqrt", "timescale: 250"), T),
    "hf wsd, default": (
        "huggingface",
        _hf("warmup_stable_decay", "num_decay_steps: 200"),
        T,
    ),
    "hf wsd linear": (
        "huggingface",
        _hf("warmup_stable_decay", "num_decay_steps: 200, decay_type: linear, min_lr_ratio: 0.1"),
        T,
    ),
    "hf wsd 1-sqrt": (
        "huggingface",
        _hf("warmup_stable_decay", "num_decay_steps: 200, decay_type: 1-sqrt"),
        T,
    ),
    "hf wsd, cosine warm-up": (
        "huggingface",
        _hf("warmup_stable_decay", "num_decay_steps: 150, warmup_type: cosine, min_lr_ratio: 0.05"),
        T,
    ),
    "hf wsd, 1-sqrt warm-up": (
        "huggingface",
        _hf("warmup_stable_decay", "num_decay_steps: 150, warmup_type: 1-sqrt"),
        T,
    ),
    "hf wsd, held at the floor": (
        "huggingface",
        _hf(
            "warmup_stable_decay",
            "num_stable_steps: 500, num_decay_steps: 200, decay_type: linear, min_lr_ratio: 0.1",
        ),
        T,
    ),
    # PyTorch
    "torch CosineAnnealingLR": (
        "torch",
        _torch(f"CosineAnnealingLR(opt, T_max={T}, eta_min=0.001)"),
        T,
    ),
    "torch CosineAnnealingLR, rising": ("torch", _torch("CosineAnnealingLR(opt, T_max=400)"), T),
    "torch CosineAnnealingWarmRestarts": (
        "torch",
        _torch("CosineAnnealingWarmRestarts(opt, T_0=100, T_mult=2, eta_min=0.001)"),
        T,
    ),
    "torch OneCycleLR": ("torch", _torch(f"OneCycleLR(opt, max_lr=0.2, total_steps={T})"), T),
    "torch OneCycleLR, linear": (
        "torch",
        _torch(
            f"OneCycleLR(opt, 0.2, {T}, pct_start=0.1234, anneal_strategy='linear', "
            "div_factor=10.0)"
        ),
        T,
    ),
    "torch OneCycleLR, three phases": (
        "torch",
        _torch(f"OneCycleLR(opt, max_lr=0.2, total_steps={T}, three_phase=True)"),
        T,
    ),
    "torch MultiStepLR": ("torch", _torch("MultiStepLR(opt, milestones=[300, 800], gamma=0.1)"), T),
    "torch StepLR": ("torch", _torch("StepLR(opt, step_size=300, gamma=0.5)"), T),
    "torch ExponentialLR": ("torch", _torch("ExponentialLR(opt, gamma=0.995)"), T),
    "torch PolynomialLR": ("torch", _torch("PolynomialLR(opt, total_iters=900, power=1.5)"), T),
    "torch LinearLR": ("torch", _torch("LinearLR(opt, 0.1, 1.0, 250)"), T),
    "torch ConstantLR": ("torch", _torch("ConstantLR(opt, factor=0.5, total_iters=40)"), T),
    "torch SequentialLR": (
        "torch",
        _torch(f"SequentialLR(opt, [{WARM}, CosineAnnealingLR(opt, T_max=900)], milestones=[100])"),
        T,
    ),
    "torch SequentialLR, WSD": (
        "torch",
        _torch(
            f"SequentialLR(opt, [{WARM}, ConstantLR(opt, factor=1.0), "
            "LinearLR(opt, 1.0, 0.0, 200)], milestones=[100, 800])"
        ),
        T,
    ),
    "torch LambdaLR": (
        "torch",
        "steps = 1000\nW = 100\n\ndef f(k):\n    if k < W:\n        return (k + 1) / W\n"
        "    return max(0.1, 1 - (k - W) / (steps - W))\n\n"
        "opt = torch.optim.AdamW(p, lr=1e-3)\nS = LambdaLR(opt, lr_lambda=f)\n",
        T,
    ),
    # optax
    "optax warmup_cosine": (
        "optax",
        _optax("warmup_cosine_decay_schedule(0.0, 3e-4, 100, 1000, end_value=3e-5)"),
        T,
    ),
    "optax warmup_cosine, exponent": (
        "optax",
        _optax("warmup_cosine_decay_schedule(1e-5, 3e-4, 100, 900, 3e-5, exponent=1.5)"),
        T,
    ),
    "optax cosine": ("optax", _optax("cosine_decay_schedule(3e-4, 1000, alpha=0.1)"), T),
    "optax linear": ("optax", _optax("linear_schedule(3e-4, 0.0, 900, transition_begin=50)"), T),
    "optax polynomial": ("optax", _optax("polynomial_schedule(3e-4, 1e-5, 2.0, 900)"), T),
    "optax exponential": (
        "optax",
        _optax("exponential_decay(3e-4, 200, 0.5, transition_begin=100, end_value=5e-5)"),
        T,
    ),
    "optax exponential, staircase": (
        "optax",
        _optax("exponential_decay(3e-4, 200, 0.5, staircase=True)"),
        T,
    ),
    "optax warmup_exponential": (
        "optax",
        _optax("warmup_exponential_decay_schedule(0.0, 3e-4, 100, 300, 0.4)"),
        T,
    ),
    "optax cosine_onecycle": ("optax", _optax("cosine_onecycle_schedule(1000, 3e-4)"), T),
    "optax linear_onecycle": ("optax", _optax("linear_onecycle_schedule(1000, 3e-4)"), T),
    "optax piecewise_constant": (
        "optax",
        _optax("piecewise_constant_schedule(3e-4, {300: 0.1, 700: 0.5})"),
        T,
    ),
    "optax join, WSD": (
        "optax",
        _optax(
            "join_schedules([optax.linear_schedule(0.0, 3e-4, 100), optax.constant_schedule(3e-4), "
            "optax.linear_schedule(3e-4, 0.0, 200)], [100, 800])"
        ),
        T,
    ),
    "optax sgdr": (
        "optax",
        _optax(
            "sgdr_schedule([dict(init_value=0.0, peak_value=3e-4, warmup_steps=10, "
            "decay_steps=400), dict(init_value=0.0, peak_value=1e-4, warmup_steps=10, "
            "decay_steps=600)])"
        ),
        T,
    ),
    # torchtitan
    "torchtitan linear": ("torchtitan", _titan(warmup_steps=100), T),
    "torchtitan WSD": ("torchtitan", _titan(warmup_steps=100, decay_ratio=0.2), T),
    "torchtitan WSD sqrt": (
        "torchtitan",
        _titan(warmup_steps=100, decay_ratio=0.2, decay_type="sqrt", min_lr_factor=0.1),
        T,
    ),
    "torchtitan cosine": (
        "torchtitan",
        _titan(warmup_steps=100, decay_type="cosine", min_lr_factor=0.1),
        T,
    ),
    "torchtitan, decay cut by the warm-up": (
        "torchtitan",
        _titan(warmup_steps=900, decay_ratio=0.5),
        T,
    ),
    # Megatron
    "megatron constant": (
        "megatron",
        _megatron("--lr-warmup-iters 100 --lr-decay-style constant"),
        T,
    ),
    "megatron linear": (
        "megatron",
        _megatron("--min-lr 6.0e-5 --lr-warmup-iters 100 --lr-decay-style linear"),
        T,
    ),
    "megatron cosine": (
        "megatron",
        _megatron("--min-lr 6.0e-5 --lr-warmup-iters 100 --lr-decay-style cosine"),
        T,
    ),
    "megatron cosine, held": (
        "megatron",
        _megatron(
            "--min-lr 6.0e-5 --lr-warmup-iters 100 --lr-decay-iters 800 --lr-decay-style cosine"
        ),
        T,
    ),
    "megatron inverse-square-root": (
        "megatron",
        _megatron("--min-lr 2.5e-4 --lr-warmup-iters 100 --lr-decay-style inverse-square-root"),
        T,
    ),
    **{
        f"megatron WSD {style}": (
            "megatron",
            _megatron(
                "--min-lr 6.0e-5 --lr-warmup-iters 100 --lr-decay-style WSD "
                f"--lr-wsd-decay-style {style} --lr-wsd-decay-iters 200"
            ),
            T,
        )
        for style in ("linear", "cosine", "exponential", "minus_sqrt")
    },
    "megatron warm-up init": (
        "megatron",
        _megatron("--lr-warmup-init 1.0e-5 --lr-warmup-iters 100 --lr-decay-style linear"),
        T,
    ),
    # nanotron
    "nanotron linear": (
        "nanotron",
        _nanotron(lr_warmup_steps=100, lr_decay_style="linear", min_decay_lr=0.0003),
        T,
    ),
    "nanotron cosine": (
        "nanotron",
        _nanotron(lr_warmup_steps=100, lr_decay_style="cosine", min_decay_lr=0.0),
        T,
    ),
    "nanotron WSD": (
        "nanotron",
        _nanotron(
            lr_warmup_steps=100,
            lr_decay_starting_step=800,
            lr_decay_steps=150,
            lr_decay_style="linear",
            min_decay_lr=0.0003,
        ),
        T,
    ),
    "nanotron, warm-up twice": (
        "nanotron",
        _nanotron(
            lr_warmup_steps=100,
            lr_decay_starting_step=500,
            lr_decay_style="cosine",
            min_decay_lr=0.0,
        ),
        T,
    ),
    "nanotron, constant warm-up": (
        "nanotron",
        _nanotron(
            lr_warmup_steps=100,
            lr_warmup_style="constant",
            lr_decay_style="cosine",
            min_decay_lr=0.0003,
        ),
        T,
    ),
    # OLMo-core
    "olmo WSD": ("olmo", _olmo("WSD(warmup=100, decay=200, decay_fraction=None)"), T),
    "olmo WSD, floor": (
        "olmo",
        _olmo("WSD(warmup_fraction=0.1, decay_fraction=0.2, decay_min_lr=4e-5)"),
        T,
    ),
    "olmo ConstantWithWarmup": ("olmo", _olmo("ConstantWithWarmup(warmup=100)"), T),
    "olmo LinearWithWarmup": ("olmo", _olmo("LinearWithWarmup(warmup=100, alpha_f=0.0)"), T),
    "olmo CosWithWarmup": ("olmo", _olmo("CosWithWarmup(warmup=100)"), T),
    "olmo CosWithWarmup, t_max": ("olmo", _olmo("CosWithWarmup(warmup=100, t_max=800)"), T),
    "olmo HalfCosWithWarmup": ("olmo", _olmo("HalfCosWithWarmup(warmup=100)"), T),
    "olmo InvSqrtWithWarmup": ("olmo", _olmo("InvSqrtWithWarmup(warmup=100)"), T),
    "olmo PowerLR": ("olmo", _olmo("PowerLR(warmup=100)"), T),
    "olmo CosWithWarmupAndLinearDecay": (
        "olmo",
        _olmo("CosWithWarmupAndLinearDecay(warmup=100, alpha_f=0.1)"),
        T,
    ),
    "olmo WSDS": (
        "olmo",
        _olmo("WSDS(period_lengths=[400, 300, 300], warmup=50, decay_fraction=0.1)"),
        T,
    ),
    "olmo ExponentialScheduler": ("olmo", _olmo("ExponentialScheduler(lr_min=1e-7)"), T),
    # levanter
    "levanter cosine": ("levanter", _levanter(warmup=100, min_lr_ratio=0.1), T),
    "levanter linear": (
        "levanter",
        _levanter(warmup=0.1, lr_schedule="linear", min_lr_ratio=0.0),
        T,
    ),
    "levanter WSD": (
        "levanter",
        _levanter(warmup=0.05, decay=0.2, lr_schedule="linear", min_lr_ratio=0.0),
        T,
    ),
    "levanter constant": ("levanter", _levanter(warmup=10, lr_schedule="constant"), T),
    "levanter inv_sqrt": (
        "levanter",
        _levanter(warmup=50, lr_schedule="{type: inv_sqrt, timescale: 100}", min_lr_ratio=0.4),
        T,
    ),
    "levanter inv": ("levanter", _levanter(warmup=50, lr_schedule="inv", min_lr_ratio=0.1), T),
    "levanter power": (
        "levanter",
        _levanter(
            warmup=50,
            lr_schedule="{type: power, batch_size: 128, seq_length: 1024, a: 4.6e-3, b: -0.51}",
        ),
        T,
    ),
    "levanter cycles": (
        "levanter",
        _levanter(warmup=50, cycles=3, rewarmup=20, lr_schedule="cosine", min_lr_ratio=0.1),
        T,
    ),
    "levanter cycles, WSD-S": (
        "levanter",
        _levanter(
            warmup=50, cycles="[400, 700]", decay=100, lr_schedule="linear", min_lr_ratio=0.0
        ),
        T,
    ),
    # axolotl
    "axolotl cosine": ("axolotl", _axolotl("lr_scheduler: cosine\nwarmup_steps: 100\n"), T),
    "axolotl cosine, floor": (
        "axolotl",
        _axolotl("lr_scheduler: cosine\nwarmup_ratio: 0.05\ncosine_min_lr_ratio: 0.1\n"),
        T,
    ),
    "axolotl cosine, held": (
        "axolotl",
        _axolotl(
            "lr_scheduler: cosine\nwarmup_steps: 100\ncosine_min_lr_ratio: 0.1\n"
            "cosine_constant_lr_ratio: 0.8\n"
        ),
        T,
    ),
    "axolotl quadratic warm-up": (
        "axolotl",
        _axolotl("lr_scheduler: cosine\nwarmup_steps: 100\nlr_quadratic_warmup: true\n"),
        T,
    ),
    "axolotl rex": (
        "axolotl",
        _axolotl("lr_scheduler: rex\nwarmup_steps: 100\ncosine_min_lr_ratio: 0.1\n"),
        T,
    ),
    "axolotl linear": ("axolotl", _axolotl("lr_scheduler: linear\n"), T),
    # timm
    "timm cosine, prefix": (
        "timm",
        _timm(
            "CosineLRScheduler(opt, t_initial=900, lr_min=1e-4, warmup_t=100, warmup_prefix=True)"
        ),
        T,
    ),
    "timm cosine, no prefix": (
        "timm",
        _timm(
            "CosineLRScheduler(opt, t_initial=1000, lr_min=1e-4, warmup_t=100, warmup_lr_init=1e-5)"
        ),
        T,
    ),
    "timm cosine, cycles": (
        "timm",
        _timm(
            "CosineLRScheduler(opt, t_initial=200, lr_min=1e-4, cycle_limit=3, cycle_decay=0.5, "
            "cycle_mul=1.5, warmup_t=20, warmup_prefix=True)"
        ),
        T,
    ),
    "timm poly": (
        "timm",
        _timm("PolyLRScheduler(opt, t_initial=950, power=2.0, warmup_t=50, warmup_prefix=True)"),
        T,
    ),
    "timm WSD": (
        "timm",
        _timm("WSDLRScheduler(opt, t_initial=950, decay_t=200, warmup_t=50, decay_fn='1-sqrt')"),
        T,
    ),
    "timm step": (
        "timm",
        _timm("StepLRScheduler(opt, decay_t=300, decay_rate=0.1, warmup_t=10)"),
        T,
    ),
}
