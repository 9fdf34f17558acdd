"""Tries what users of a MicroPython on the network need with this bridge and its peers; scripts/bench --features runs it."""
