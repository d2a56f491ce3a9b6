"""Figure tables: one module a kind of figure, ``tabulate(data, settings)`` → what is drawn."""
