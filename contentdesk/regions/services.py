"""Loading a city. A second load brings names up to date and keeps every row that others point at."""

from contentdesk.audit import services as audit
from contentdesk.lib.db import Model, db
from contentdesk.lib.errors import NotFound
from contentdesk.lib.i18n import N_
from contentdesk.regions import source
from contentdesk.regions.models import City, Kecamatan, Kelurahan


def load_city(code: str) -> int:
    """Keeps the city with all its kecamatan and kelurahan; returns how many kelurahan it has."""
    data = source.city(code)
    if data is None:
        raise NotFound(N_("Tidak ada kota atau kabupaten dengan kode %(code)s."), code=code)
    _keep(City, data.code, name=data.name, province=data.province)
    db.session.flush()
    for place in data.kecamatan:
        _keep(Kecamatan, place.code, city_code=data.code, name=place.name, **_people(data, place.code))
    db.session.flush()
    for place in data.kelurahan:
        _keep(Kelurahan, place.code, kecamatan_code=place.code[:8], **_kelurahan_values(data, place))
    audit.record(None, "regions.load", "city", data.code, kelurahan=len(data.kelurahan))
    return len(data.kelurahan)


def _kelurahan_values(data: source.CityData, place: source.Place) -> dict[str, object]:
    tile = data.tiles.get(place.code)
    return {
        "name": place.name,
        "aliases": list(place.aliases),
        "postal": place.postal,
        "tile_row": tile.row if tile else None,
        "tile_col": tile.col if tile else None,
        "tile_shifted": bool(tile and tile.shifted),
        **_people(data, place.code),
    }


def _people(data: source.CityData, code: str) -> dict[str, object]:
    """Nothing where the source is silent, so that figures brought in another way stay."""
    known = data.population.get(code)
    if known is None:
        return {}
    return {"population": known.people, "population_year": known.year, "population_source": known.source}


def _keep(model: type[Model], code: str, **values: object) -> None:
    row = db.session.get(model, code)
    if row is None:
        db.session.add(model(code=code, **values))
        return
    for name, value in values.items():
        if getattr(row, name) != value:
            setattr(row, name, value)
