"""Makes photos.tsv and the photos that it lists of three Debian packages.

    apt-get download gcompris-qt-data=3.1-2 \\
        lomiri-wallpapers-16.04=20.04.0-2 lomiri-wallpapers-20.04=20.04.0-2
    pip install pillow==13.*
    python3 collect.py PACKAGES DIRECTORY [SIDE QUALITY]

PACKAGES is where the packages are. SIDE, in pixels, and QUALITY, of JPEG, are
256 and 80 for what is kept here.
"""

import hashlib
import io
import pathlib
import re
import struct
import subprocess
import sys
import tempfile
import zlib

from PIL import Image

PACKAGES = {
    "gcompris-qt-data_3.1-2_all.deb": "e9cf06ab2105529068df73085784e835d2ff03f870d2a8091f09125d40abac9f",
    "lomiri-wallpapers-16.04_20.04.0-2_all.deb": "a99ff6a3bfe451e4cc0682ecb3cc82e71740626d59e4845ae34a0a0e45421eab",
    "lomiri-wallpapers-20.04_20.04.0-2_all.deb": "d44e89b8473aafe64a5b678f014862dc31335aaaf18665c544d985d854f1a709",
}

# What of GCompris shows photos; the rest is drawn or painted.
ACTIVITIES = [
    "categorization",
    "clickgame",
    "erase",
    "explore_farm_animals",
    "explore_monuments",
    "explore_world_animals",
    "explore_world_music",
]

# The shorter side; what is smaller has hardly anything to crop.
SIDE_PX_MIN = 150

PEOPLE = "people are to be seen, who did not ask to be in a test"
DRAWN = "drawn or painted, not a photo"
LEFT_OUT = {
    "music-australia": PEOPLE,
    "music-ireland": PEOPLE,
    "music-italy": PEOPLE,
    "music-japan": PEOPLE,
    "music-mexico": PEOPLE,
    "music-orchestra": PEOPLE,
    "numbers-numbers": DRAWN,
    "alphabets-alphabets": DRAWN,
    "lomiri-analogpattern_by_Peter_Nerlich": DRAWN,
    "lomiri-umang_by_Abhishek_Mudgal": DRAWN,
    "lomiri-Fossa_by_Jasper_Roks": DRAWN,
    "lomiri-Infinite-Sea_by_Aury88": DRAWN,
    "lomiri-Painting-Colors_by__herobrine7gamer": DRAWN,
    "monuments-brandenburgGate": "the same photo as germany-brandenburgGate",
    "monuments-colosseum": "the same photo as wonders-colosseum",
    "monuments-greatPyramid": "the same photo as egypt-greatPyramidOfGiza",
}


def resources(path):
    """The files in a Qt resource file, by their paths."""
    data = path.read_bytes()
    magic, version, tree, blobs, names = struct.unpack(">4sIIII", data[:20])
    assert magic == b"qres", path
    node_bytes = 14 if version < 2 else 22
    found = {}

    def walk(index, prefix):
        at = tree + index * node_bytes
        name, flags = struct.unpack(">IH", data[at : at + 6])
        if index:
            length = struct.unpack(">H", data[names + name : names + name + 2])[0]
            start = names + name + 6
            prefix += "/" + data[start : start + 2 * length].decode("utf-16-be")
        if flags & 2:
            count, first = struct.unpack(">II", data[at + 6 : at + 14])
            for child in range(first, first + count):
                walk(child, prefix)
            return
        at = blobs + struct.unpack(">I", data[at + 10 : at + 14])[0]
        length = struct.unpack(">I", data[at : at + 4])[0]
        body = data[at + 4 : at + 4 + length]
        found[prefix] = zlib.decompress(body[4:]) if flags & 1 else body

    walk(0, "")
    return found


def field(name, paragraph):
    match = re.search(rf"^{name}: *(.+)$", paragraph, re.MULTILINE)
    return match[1].strip() if match else ""


def gcompris(root):
    """Photos with what the README beside them says."""
    for activity in ACTIVITIES:
        files = resources(root / f"usr/share/gcompris-qt/rcc/{activity}.rcc")
        for readme in (path for path in files if path.endswith("/README")):
            folder = readme.removesuffix("README")
            for paragraph in re.split(r"\n\s*\n", files[readme].decode()):
                for name in paragraph.partition("Files:")[2].split():
                    path = folder + name
                    if path in files and path.endswith(".webp"):
                        group = path.split("/")[-2]
                        group = activity if group in ("resource", "image") else group
                        yield {
                            "name": f"{group}-{pathlib.Path(name).stem}",
                            "author": field("Copyright", paragraph),
                            "licence": field("License", paragraph),
                            "source": field("Source", paragraph),
                            "path": f"{activity}.rcc:{path}",
                            "bytes": files[path],
                        }


def lomiri(root):
    """Photos with what the package's copyright file says."""
    folder = root / "usr/share/backgrounds"
    text = next(root.glob("usr/share/doc/*/copyright")).read_text()
    for paragraph in re.split(r"\n\s*\n", text):
        for name in field("Files", paragraph).split():
            path = folder / name.partition("/")[2]
            if name.endswith(".jpg") and path.exists():
                author = re.sub(r"^\d{4}[.,] *|, \d{4}$", "", field("Copyright", paragraph))
                yield {
                    "name": f"lomiri-{path.stem}",
                    "author": author,
                    "licence": field("License", paragraph),
                    "source": field("Source", text),
                    "path": str(path.relative_to(root)),
                    "bytes": path.read_bytes(),
                }


def main(packages, directory, side, quality):
    photos = []
    for package, sha256 in PACKAGES.items():
        path = pathlib.Path(packages) / package
        found = hashlib.sha256(path.read_bytes()).hexdigest()
        assert found == sha256, f"{package}: {found}"
        with tempfile.TemporaryDirectory() as root:
            subprocess.run(["dpkg-deb", "-x", path, root], check=True)
            collect = gcompris if package.startswith("gcompris") else lomiri
            photos += [photo | {"package": package} for photo in collect(pathlib.Path(root))]
    directory = pathlib.Path(directory)
    directory.mkdir(exist_ok=True)
    rows = []
    left_out = set()
    for photo in photos:
        name = photo["name"]
        licence = photo["licence"].replace(" ", "-")
        licence = "public domain" if licence.lower() == "public-domain" else licence
        picture = Image.open(io.BytesIO(photo["bytes"]))
        if name in LEFT_OUT:
            left_out.add(name)
            continue
        if min(picture.size) < SIDE_PX_MIN or picture.mode != "RGB":
            continue
        if not re.fullmatch(r"public domain|CC0-1\.0|CC-BY(-SA)?-[234]\.\d", licence):
            continue
        assert photo["author"], name
        picture.thumbnail((side, side), Image.Resampling.LANCZOS)
        picture.save(directory / f"{name}.jpg", quality=quality, optimize=True)
        rows.append([name, licence, *(photo[key] for key in ("author", "source", "package", "path"))])
    assert left_out == set(LEFT_OUT), set(LEFT_OUT) - left_out
    rows.sort()
    assert len({row[0] for row in rows}) == len(rows)
    header = ["name", "licence", "author", "source", "package", "path"]
    table = "".join("\t".join(row) + "\n" for row in [header, *rows])
    (directory / "photos.tsv").write_text(table)
    print(f"{len(rows)} photos")


if __name__ == "__main__":
    main(*sys.argv[1:3], *map(int, sys.argv[3:5] or (256, 80)))
