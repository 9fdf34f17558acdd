"""The soak test: one bridge, clients of all kinds and every fault there is, for as long as one likes."""
