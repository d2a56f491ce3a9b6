# The figures of a question, which is a file of the configuration: their tables, and every format.

for question, figures in PLAN.questions().items():

    rule:
        name:
            "draw_" + re.sub(r"\W", "_", question)
        input:
            sorted(
                {
                    path
                    for name in figures
                    for path in PLAN.figure_inputs(name).values()
                }
            ),
        output:
            [f"results/tables/{name}.csv" for name in figures],
            [path for name in figures for path in PLAN.figure_files(name)],
        log:
            f"results/logs/draw_figures/{question}.log",
        priority: len(figures)
        conda:
            "../../environment.yml"
        params:
            figures={name: PLAN.drawing(name) for name in figures},
            made_by=made_by(
                "draw_figures.py",
                *sorted(
                    {
                        f"scheduled.figures.{PLAN.config.figures[name].kind}"
                        for name in figures
                    }
                ),
            ),
        message:
            f"Drawing {question}: {len(figures)} figures"
        script:
            "../scripts/draw_figures.py"


rule make_gallery:
    input:
        figures=[f"results/figures/{name}.png" for name in PLAN.figures],
    output:
        "results/gallery.png",
    log:
        "results/logs/make_gallery.log",
    conda:
        "../../environment.yml"
    params:
        names=PLAN.figures,
        made_by=made_by("make_gallery.py"),
    message:
        "Putting all figures on one page"
    script:
        "../scripts/make_gallery.py"
