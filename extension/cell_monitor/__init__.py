"""A JupyterLab extension that shows a class how its notebooks are going."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("cell-monitor")
except PackageNotFoundError:
    # A checkout that was never installed.
    __version__ = "0.0.0"


def _jupyter_labextension_paths():
    """Say where `jupyter labextension develop` finds the built extension."""
    return [{"src": "labextension", "dest": "cell-monitor"}]
