"""Words for the screen are written in Indonesian and marked here; the edge translates them."""


def N_(message: str) -> str:  # noqa: N802 - the marker's usual gettext name
    """Marks a message for the catalogue and returns it unchanged."""
    return message
