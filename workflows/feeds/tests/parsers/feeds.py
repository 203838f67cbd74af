"""Reads Atom feeds and sitemaps as others do and says what is wrong with them.

python feeds.py FOLDER: *.atom by feedparser and lxml against RFC 4287's
demands, *.xml by lxml against the sitemap protocol's. Prints one line per
file: its name and its number of entries.
"""

import pathlib
import sys
from datetime import datetime

import feedparser
from lxml import etree

ATOM = "{http://www.w3.org/2005/Atom}"
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def one(parent, name):
    """The text of the one child of this name."""
    children = parent.findall(ATOM + name)
    assert len(children) == 1, f"{len(children)} of {name} in {parent.tag}"
    return children[0].text or ""


def moment(text):
    """RFC 3339 with a zone."""
    assert datetime.fromisoformat(text).tzinfo is not None, text


def atom(path):
    feed = etree.parse(path).getroot()
    assert feed.tag == ATOM + "feed", feed.tag
    assert feed.findall(f"{ATOM}author/{ATOM}name"), "no author"
    assert any(link.get("rel") == "self" for link in feed.findall(ATOM + "link")), "no self"
    ids = set()
    for part in [feed, *feed.findall(ATOM + "entry")]:
        assert one(part, "title").strip(), "no title"
        assert ":" in one(part, "id"), "an id is an IRI"
        moment(one(part, "updated"))
        ids.add(one(part, "id"))
        for link in part.findall(ATOM + "link"):
            assert link.get("href"), "a link leads nowhere"
    entries = feed.findall(ATOM + "entry")
    assert len(ids) == len(entries) + 1, "an id is there twice"
    read = feedparser.parse(path)
    assert not read.bozo, read.get("bozo_exception")
    assert read.version == "atom10", read.version
    assert len(read.entries) == len(entries)
    return len(entries)


def sitemap(path):
    root = etree.parse(path).getroot()
    assert root.tag in (MAP + "urlset", MAP + "sitemapindex"), root.tag
    for child in root:
        loc = child.find(MAP + "loc").text
        assert loc.startswith("https://") and len(loc) < 2048, loc
    return len(root)


for file in sorted(pathlib.Path(sys.argv[1]).iterdir()):
    if file.suffix == ".atom":
        print(file.name, atom(str(file)))
    elif file.suffix == ".xml":
        print(file.name, sitemap(str(file)))
