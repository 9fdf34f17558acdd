"""Measures the bridge beside its peers and the limit of the machine; scripts/bench runs it."""
