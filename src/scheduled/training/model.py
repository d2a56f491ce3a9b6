"""The model: a small decoder-only transformer over bytes, as pure functions of its parameters.

Pre-normalised blocks of causal attention and an MLP with ReLU, RMSNorm, learned positions, no
biases, the output layer apart from the embedding. Functions rather than `torch.nn` modules: what a
checkpoint holds is one mapping of names to tensors, and nothing else is carried from step to step.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from scheduled.training.plan import ModelShape

__all__ = ["Parameters", "forward", "init_parameters", "loss", "parameter_count"]

Parameters = dict[str, Tensor]

VOCABULARY = 256
INIT_STD = 0.02


def init_parameters(shape: ModelShape, context: int, seed: int) -> Parameters:
    """Draw the parameters at step 0.

    Normal of deviation 0.02, that of the layers which write to the residual stream less by
    √(2·layers), so that the stream has the same size at any depth; scales of the norms 1.

    Parameters
    ----------
    shape : ModelShape
        Layers, heads, width.
    context : int
        Bytes that the model sees at once.
    seed : int
        Of the generator of this draw; nothing else is drawn from it.

    Returns
    -------
    dict of str to Tensor
        Leaves that ask for gradients; matrices have two dimensions and norms one.

    References
    ----------
    A. Radford et al., Language models are unsupervised multitask learners (2019).
    """
    generator = torch.Generator().manual_seed(seed)
    width = shape.n_embd
    residual_std = INIT_STD / (2 * shape.n_layer) ** 0.5

    def normal(rows: int, columns: int, std: float = INIT_STD) -> Tensor:
        return torch.randn(rows, columns, generator=generator) * std

    parameters = {"embedding": normal(VOCABULARY, width), "positions": normal(context, width)}
    for layer in range(shape.n_layer):
        parameters |= {
            f"{layer}.attention_norm": torch.ones(width),
            f"{layer}.attention_in": normal(3 * width, width),
            f"{layer}.attention_out": normal(width, width, residual_std),
            f"{layer}.mlp_norm": torch.ones(width),
            f"{layer}.mlp_in": normal(4 * width, width),
            f"{layer}.mlp_out": normal(width, 4 * width, residual_std),
        }
    parameters |= {"norm": torch.ones(width), "head": normal(VOCABULARY, width)}
    return {name: tensor.requires_grad_() for name, tensor in parameters.items()}


def parameter_count(parameters: Parameters) -> int:
    """Return the number of parameters, embeddings included."""
    return sum(tensor.numel() for tensor in parameters.values())


def forward(parameters: Parameters, tokens: Tensor, shape: ModelShape) -> Tensor:
    """Return the logits of the byte after each one.

    Parameters
    ----------
    parameters : dict of str to Tensor
        From `init_parameters`.
    tokens : Tensor of int64, shape (B, L)
        Bytes; L is at most the context.
    shape : ModelShape
        The one that the parameters were drawn for.

    Returns
    -------
    Tensor, shape (B, L, 256)
        Position i depends on the bytes up to and including i only.
    """
    x = F.embedding(tokens, parameters["embedding"]) + parameters["positions"][: tokens.shape[1]]
    for layer in range(shape.n_layer):
        weights = {
            name: parameters[f"{layer}.{name}"]
            for name in ("attention_norm", "attention_in", "attention_out", "mlp_norm")
        }
        x = x + _attention(_norm(x, weights["attention_norm"]), weights, shape.n_head)
        inner = F.linear(_norm(x, weights["mlp_norm"]), parameters[f"{layer}.mlp_in"])
        x = x + F.linear(F.relu(inner), parameters[f"{layer}.mlp_out"])
    return F.linear(_norm(x, parameters["norm"]), parameters["head"])


def loss(parameters: Parameters, windows: Tensor, shape: ModelShape) -> Tensor:
    """Return the mean cross-entropy, in nats a byte, of predicting each byte of the windows.

    Parameters
    ----------
    parameters, shape
        As in `forward`.
    windows : Tensor of int64, shape (B, L + 1)
        The first byte of each is only read, the last one only predicted.

    Returns
    -------
    Tensor, shape ()
    """
    logits = forward(parameters, windows[:, :-1], shape)
    return F.cross_entropy(logits.flatten(0, 1), windows[:, 1:].flatten())


def _norm(x: Tensor, scale: Tensor) -> Tensor:
    return F.rms_norm(x, scale.shape, scale, 1e-5)


def _attention(x: Tensor, weights: Parameters, n_head: int) -> Tensor:
    batch, length, width = x.shape
    parts = F.linear(x, weights["attention_in"]).view(batch, length, 3, n_head, -1)
    query, key, value = parts.permute(2, 0, 3, 1, 4)
    mixed = F.scaled_dot_product_attention(query, key, value, is_causal=True)
    return F.linear(mixed.transpose(1, 2).reshape(batch, length, width), weights["attention_out"])
