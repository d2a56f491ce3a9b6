# Results of an experiment or a group of runs → a figure's table → the figure.


rule tabulate_figure:
    input:
        unpack(figure_inputs),
        code=figure_sources,
    output:
        "results/tables/{figure}.csv",
    log:
        "results/logs/tabulate_figure/{figure}.log",
    conda:
        "../../environment.yml"
    params:
        figure=figure_param,
        versions=library_versions("numpy", "pandas"),
    message:
        "Making the table of {wildcards.figure}"
    script:
        "../scripts/tabulate_figure.py"


rule render_figure:
    input:
        table="results/tables/{figure}.csv",
        code=figure_sources,
    output:
        pdf="results/figures/{figure}.pdf",
        svg="results/figures/{figure}.svg",
        png="results/figures/{figure}.png",
    log:
        "results/logs/render_figure/{figure}.log",
    conda:
        "../../environment.yml"
    params:
        figure=figure_param,
        versions=library_versions("matplotlib", "pandas", "seaborn"),
    message:
        "Drawing {wildcards.figure}"
    script:
        "../scripts/render_figure.py"


rule animate_figure:
    input:
        table="results/tables/{figure}.csv",
        code=figure_sources,
    output:
        "results/figures/{figure}.gif",
    log:
        "results/logs/animate_figure/{figure}.log",
    conda:
        "../../environment.yml"
    params:
        figure=figure_param,
        versions=library_versions("matplotlib", "pandas", "pillow"),
    message:
        "Animating {wildcards.figure}"
    script:
        "../scripts/animate_figure.py"
