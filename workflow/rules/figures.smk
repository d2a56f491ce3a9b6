# Results of an experiment or a group of runs → a figure's table → the figure.


rule tabulate_figure:
    input:
        unpack(figure_inputs),
        code=figure_sources("tables"),
    output:
        "results/tables/{figure}.csv",
    log:
        "results/logs/tabulate_figure/{figure}.log",
    conda:
        "../../environment.yml"
    params:
        kind=figure_param("kind"),
        settings=figure_param("table"),
        versions=library_versions("numpy", "pandas"),
    message:
        "Making the table of {wildcards.figure}"
    script:
        "../scripts/tabulate_figure.py"


rule render_figure:
    input:
        table="results/tables/{figure}.csv",
        code=figure_sources("figures"),
    output:
        pdf="results/figures/{figure}.pdf",
        svg=report(
            "results/figures/{figure}.svg",
            caption="../report/figure.rst",
            category=figure_param("category"),
            subcategory=figure_param("subcategory"),
            labels=figure_param("labels"),
        ),
        png="results/figures/{figure}.png",
    log:
        "results/logs/render_figure/{figure}.log",
    conda:
        "../../environment.yml"
    params:
        kind=figure_param("kind"),
        ink=figure_param("ink"),
        caption=figure_param("caption"),
        origin=figure_param("origin"),
        versions=library_versions("matplotlib", "pandas", "seaborn"),
    message:
        "Drawing {wildcards.figure}"
    script:
        "../scripts/render_figure.py"


rule animate_figure:
    input:
        table="results/tables/{figure}.csv",
        code=figure_sources("figures"),
    output:
        report(
            "results/figures/{figure}.gif",
            caption="../report/figure.rst",
            category=figure_param("category"),
            subcategory=figure_param("subcategory"),
            labels=figure_param("labels"),
        ),
    log:
        "results/logs/animate_figure/{figure}.log",
    conda:
        "../../environment.yml"
    params:
        kind=figure_param("kind"),
        ink=figure_param("ink"),
        caption=figure_param("caption"),
        origin=figure_param("origin"),
        versions=library_versions("matplotlib", "pandas", "pillow"),
    message:
        "Animating {wildcards.figure}"
    script:
        "../scripts/animate_figure.py"
