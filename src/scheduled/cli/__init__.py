"""The command line: `commands` has a module per question, `project` one per chore of the project.

Each is found by being there: a module ``name.py`` with a function ``run`` is the command ``name``.
Its parameters are the command's, the first line of its docstring is its help. What computes is
imported inside `run`, so that ``--help`` comes at once.
"""
