"""Draw the figures of a question, and make their tables."""

from scheduled.pipeline.jobs import job

with job(snakemake):
    from scheduled.pipeline.draw import draw_question

    draw_question(snakemake.params.figures)
