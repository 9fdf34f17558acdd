"""One module for each kind of row. Each offers `measure(context: Context) -> list[Row]`."""

NAMES = (
    "echo",
    "busy_poll",
    "cpu",
    "echo_rfc2217",
    "system_calls",
    "bulk_out",
    "bulk_rfc2217",
    "bulk_in",
    "reset",
    "refusal",
    "hand_over",
    "startup",
    "idle",
    "memory",
    "mpremote",
    "pyserial_open",
    "codecs",
)
"""The modules, in the order of the report."""
