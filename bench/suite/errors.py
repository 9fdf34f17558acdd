"""What goes wrong while something is measured."""


class MeasurementError(Exception):
    """A subject could not be started, or did not do what is measured."""
