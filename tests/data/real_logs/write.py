"""Write small logs with the loggers themselves; ``truth.json`` has what they were told.

Run it in an environment of its own that has the loggers. The files that it wrote are kept beside
it, as the tests need no logger:

    python write.py tensorboard wandb keras lightning transformers-NAME
"""

from __future__ import annotations

import csv
import json
import math
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
STEPS = 20
PEAK = 1e-3


def rate(done: int) -> float:
    """Warm-up of 4 steps, then linear to 0: of the step after `done` steps."""
    return PEAK * (done / 4 if done < 4 else (STEPS - done) / (STEPS - 4))


def rows() -> list[dict[str, float]]:
    return [
        {"step": k, "loss": 4 - math.log(k), "lr": rate(k - 1), "val": 4.1 - math.log(k)}
        for k in range(1, STEPS + 1)
    ]


def tensorboard(out: Path) -> None:
    from torch.utils.tensorboard import SummaryWriter

    with tempfile.TemporaryDirectory() as folder:
        writer = SummaryWriter(folder)
        for row in rows():
            writer.add_scalar("train/loss", row["loss"], int(row["step"]))
            writer.add_scalar("train/learning_rate", row["lr"], int(row["step"]))
            if row["step"] % 5 == 0:
                writer.add_scalar("eval/loss", row["val"], int(row["step"]))
                writer.add_text("note", "text", int(row["step"]))
        writer.close()
        [file] = Path(folder).glob("events*")
        shutil.copy(file, out / "events.out.tfevents.torch")


def tensorboard_tensors(out: Path) -> None:
    """As TensorFlow 2 writes scalars: a tensor of one number."""
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary, SummaryMetadata
    from tensorboard.compat.proto.tensor_pb2 import TensorProto
    from tensorboard.summary.writer.event_file_writer import EventFileWriter

    with tempfile.TemporaryDirectory() as folder:
        writer = EventFileWriter(folder)
        for row in rows():
            for tag, name in (("epoch_loss", "loss"), ("epoch_learning_rate", "lr")):
                tensor = TensorProto(dtype=1, float_val=[row[name]])
                plugin = SummaryMetadata.PluginData(plugin_name="scalars")
                value = Summary.Value(
                    tag=tag, tensor=tensor, metadata=SummaryMetadata(plugin_data=plugin)
                )
                writer.add_event(Event(step=int(row["step"]), summary=Summary(value=[value])))
        writer.close()
        [file] = Path(folder).glob("events*")
        shutil.copy(file, out / "events.out.tfevents.tensors")


def wandb(out: Path) -> None:
    import wandb as logger

    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"WANDB_MODE": "offline", "WANDB_DIR": folder, "WANDB_SILENT": "true"}
        options = {"x_disable_stats": True, "x_disable_meta": True, "console": "off"}
        quiet = logger.Settings(host="host", program="p", **options)
        run = logger.init(project="p", settings=quiet)
        for row in rows():
            train = {"train/loss": row["loss"], "train/learning_rate": row["lr"]}
            run.log({**train, "train/global_step": int(row["step"])})
            if row["step"] % 5 == 0:
                run.log({"eval/loss": row["val"], "train/global_step": int(row["step"])})
        run.finish()
        logger.teardown()
        [file] = Path(folder).glob("wandb/offline-run-*/*.wandb")
        (out / "run.wandb").write_bytes(history_only(file.read_bytes()))
    history: list[dict[str, Any]] = []
    for row in rows():
        step = {"train/global_step": int(row["step"])}
        train = {"train/loss": row["loss"], "train/learning_rate": row["lr"]}
        history.append({"_step": len(history), "_runtime": 1.0, **train, **step})
        if row["step"] % 5 == 0:
            history.append(
                {"_step": len(history), "_runtime": 1.0, "eval/loss": row["val"], **step}
            )
    import pyarrow
    from pyarrow import parquet

    names = list(dict.fromkeys(name for row in history for name in row))
    columns = {name: [row.get(name) for row in history] for name in names}
    parquet.write_table(pyarrow.table(columns), out / "history.parquet")


def history_only(content: bytes) -> bytes:
    """W&B's file without the records that say on which machine it was written."""
    kept, at = [content[:7]], 7
    while at + 7 <= len(content):
        length, kind = int.from_bytes(content[at + 4 : at + 6], "little"), content[at + 6]
        record = content[at : at + 7 + length]
        at += 7 + length
        assert kind == 1, "a record in parts"
        key = 7 + 1  # behind the header and the key of the first field, the record's number
        while record[key] >= 0x80:
            key += 1
        if record[key + 1 : key + 2] == b"\x12":
            kept.append(record)
    return b"".join(kept)


def keras(out: Path) -> None:
    os.environ["KERAS_BACKEND"] = "torch"
    import keras as library
    import numpy as np

    library.utils.set_random_seed(0)
    model = library.Sequential([library.layers.Input((2,)), library.layers.Dense(1)])
    model.compile(optimizer=library.optimizers.SGD(0.1), loss="mse")
    x = np.random.default_rng(0).normal(size=(64, 2)).astype("float32")
    y = x.sum(axis=1, keepdims=True)
    path = out / "keras.csv"
    path.unlink(missing_ok=True)
    halve = library.callbacks.LearningRateScheduler(lambda epoch, lr: 0.1 * 0.5**epoch)
    options = {"validation_data": (x, y), "validation_freq": 2, "verbose": 0, "batch_size": 16}
    history = model.fit(
        x, y, epochs=5, callbacks=[halve, library.callbacks.CSVLogger(str(path))], **options
    ).history
    say(out, "keras", {name: [float(one) for one in values] for name, values in history.items()})


def lightning(out: Path) -> None:
    import lightning as library
    import torch
    from lightning.pytorch.callbacks import LearningRateMonitor
    from lightning.pytorch.loggers import CSVLogger

    seen: list[list[float]] = []

    class Model(library.LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.layer = torch.nn.Linear(2, 1)

        def training_step(self, batch: Any, index: int) -> Any:
            loss = self.layer(batch).pow(2).mean()
            self.log("train_loss", loss)
            seen.append([self.trainer.optimizers[0].param_groups[0]["lr"], loss.item()])
            return loss

        def validation_step(self, batch: Any, index: int) -> None:
            self.log("val_loss", self.layer(batch).pow(2).mean())

        def configure_optimizers(self) -> Any:
            optimizer = torch.optim.SGD(self.parameters(), lr=PEAK)
            schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda k: rate(k) / PEAK)
            return [optimizer], [{"scheduler": schedule, "interval": "step"}]

    torch.manual_seed(0)
    data = torch.utils.data.DataLoader(torch.randn(40, 2), batch_size=2)
    with tempfile.TemporaryDirectory() as folder:
        trainer = library.Trainer(
            max_steps=STEPS,
            logger=CSVLogger(folder),
            log_every_n_steps=5,
            callbacks=[LearningRateMonitor("step")],
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            accelerator="cpu",
        )
        trainer.fit(Model(), data, data)
        [file] = Path(folder).rglob("metrics.csv")
        shutil.copy(file, out / "metrics.csv")
    say(out, "lightning", {"lr": [one for one, _ in seen], "loss": [one for _, one in seen]})


def transformers(out: Path, name: str) -> None:
    import torch
    import transformers as library

    class Model(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = torch.nn.Linear(2, 1)

        def forward(self, x: Any, labels: Any) -> Any:
            return {"loss": (self.layer(x) - labels).pow(2).mean()}

    seen: list[float] = []

    class Watch(library.TrainerCallback):
        def on_step_begin(self, args: Any, state: Any, control: Any, **more: Any) -> None:
            seen.append(more["optimizer"].param_groups[0]["lr"])

    torch.manual_seed(0)
    x = torch.randn(80, 2)
    data = [{"x": one, "labels": one.sum(0, keepdim=True)} for one in x]
    with tempfile.TemporaryDirectory() as folder:
        settings = library.TrainingArguments(
            folder,
            max_steps=STEPS,
            per_device_train_batch_size=4,
            logging_steps=2,
            eval_strategy="steps",
            eval_steps=10,
            learning_rate=PEAK,
            warmup_steps=4,
            report_to=[],
            use_cpu=True,
            save_steps=STEPS,
        )
        trainer = library.Trainer(
            Model(), settings, train_dataset=data, eval_dataset=data[:8], callbacks=[Watch()]
        )
        trainer.train()
        trainer.state.save_to_json(str(out / f"trainer_state-{name}.json"))
    say(out, f"transformers-{name}", {"lr": seen, "version": library.__version__})


def say(out: Path, name: str, truth: dict[str, Any]) -> None:
    path = out / "truth.json"
    known = json.loads(path.read_text()) if path.is_file() else {}
    path.write_text(json.dumps(known | {name: truth}, indent=1, sort_keys=True) + "\n")


def main() -> None:
    for name in sys.argv[1:]:
        kind, _, more = name.partition("-")
        if kind == "transformers":
            transformers(HERE, more)
        else:
            {
                "tensorboard": tensorboard,
                "tensors": tensorboard_tensors,
                "wandb": wandb,
                "keras": keras,
                "lightning": lightning,
            }[kind](HERE)
    with (HERE / "rows.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, ["step", "loss", "lr", "val"])
        writer.writeheader()
        writer.writerows(rows())


if __name__ == "__main__":
    main()
