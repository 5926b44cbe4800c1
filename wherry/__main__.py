"""Entry point of the ``wherry`` command."""


def main() -> None:
    """Run the command line."""
