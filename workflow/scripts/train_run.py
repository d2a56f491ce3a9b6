"""Train one run; a killed one resumes from its last checkpoint."""

from scheduled.pipeline.jobs import job

with job(snakemake):
    from pathlib import Path

    from scheduled.training.jobs import import_trainer
    from scheduled.training.progress import Progress
    from scheduled.training.spec import RunSpec
    from scheduled.training.text import read_corpus

    spec = RunSpec.model_validate(snakemake.params.spec)
    corpus = read_corpus(spec.settings.held_out)
    import_trainer()(spec, corpus, Path(snakemake.params.folder), Progress())
