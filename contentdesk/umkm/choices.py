"""Kelurahan to choose from."""

from contentdesk.regions import queries as regions


def kelurahan_choices() -> dict[str, list[tuple[str, str]]]:
    """By kecamatan, as the form shows them."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for kelurahan in regions.all_kelurahan():
        groups.setdefault(kelurahan.kecamatan.name, []).append((kelurahan.code, kelurahan.name))
    return groups
