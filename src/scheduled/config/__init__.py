"""The configuration: strict, documented models; nothing else of the package reads YAML."""
