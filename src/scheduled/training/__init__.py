"""Small training runs of our own: language models of Python's standard library, on a CPU.

A plan in YAML (`plan`) is expanded into runs, WSD trunks and branches among them (`expand`); each
run is one call (`loop.train_run`), can be killed and resumed, and leaves its log; `write` collects
the logs into a dataset. Training needs PyTorch, the extra ``[train]``; plans, texts and the
collecting do not, nor does anything else of the project.
"""
