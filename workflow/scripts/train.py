"""Write the datasets of our own training runs."""

from scheduled.pipeline.jobs import job

with job(snakemake):
    from pathlib import Path

    from scheduled.training.plan import read_plan
    from scheduled.training.text import read_corpus
    from scheduled.training.write import write_dataset

    for path in snakemake.params.plans:
        plan = read_plan(path)
        corpus = read_corpus(plan.settings.held_out)
        folder = Path("results/training") / plan.name
        write_dataset(plan, corpus, folder, Path("data/runs") / plan.name)
