"""Loss curves predicted before their runs are trained.

`plan` reads what is to be predicted, of which training plan and from which known runs; `predict`
fits the laws (`scheduled.laws`) and writes predictions with intervals. The files are committed
before the runs are trained, and never changed.
"""
