"""The project's own commands, ``scheduled project …``: each ``run`` returns its exit code."""
