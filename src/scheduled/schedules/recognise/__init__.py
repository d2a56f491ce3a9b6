"""From learning rates to the schedule behind them.

A schedule is looked for as one of the families, or as a linear or cosine warm-up, a plateau, a
decay by any shape, and a floor, once or several times. Whatever is found is built and compared with
every learning rate given, so a wrong guess cannot come out; what is none of these is tabulated.
"""

from scheduled.schedules.recognise.search import Recognised, from_values

__all__ = ["Recognised", "from_values"]
