"""The notebooks of the simulated course: what the cells say when they are right, and how students get them wrong.

`record.py` runs all of it and keeps what Python answers; nothing about an error is written by hand.
"""


def text(cell_id, source, minutes=0.5):
    return {"id": cell_id, "type": "markdown", "source": source, "minutes": minutes}


def code(cell_id, source, minutes=1.0, difficulty=0.15, tags=(), wrong=(), endless=None):
    return {
        "id": cell_id,
        "type": "code",
        "source": source,
        "minutes": minutes,
        "difficulty": difficulty,
        "tags": list(tags),
        "wrong": list(wrong),
        # A version that never ends, which is not run: all that comes of it is an interrupt.
        "endless": endless,
    }


READINGS = {
    "path": "intro-python/02-readings.ipynb",
    "title": "A year of weather, line by line",
    "cells": [
        text("title", "# A year of weather, line by line\n\nWe read a file of measurements with nothing but Python."),
        code(
            "make-file",
            'RAW = """day,place,temp,rain\n'
            "2025-01-03,Kyoto,4.5,0.0\n2025-01-04,Kyoto,3.8,2.5\n2025-01-03,Sapporo,-6.1,0.4\n"
            "2025-01-04,Sapporo,-7.9,\n2025-07-19,Kyoto,33.2,0.0\n2025-07-19,Sapporo,26.4,11.0\n"
            '2025-07-20,Kyoto,34.0,0.0\n2025-07-20,Sapporo,n/a,3.5\n"""\n\n'
            'with open("weather.csv", "w") as file:\n    file.write(RAW)',
            minutes=0.6,
            difficulty=0.02,
            tags=["scaffold"],
        ),
        text("reading", "## Reading\n\nA file is a sequence of lines. `open` gives it, `with` closes it again."),
        code(
            "read-lines",
            'with open("weather.csv") as file:\n    lines = file.read().splitlines()\n\nlen(lines)',
            minutes=1.0,
            difficulty=0.22,
            wrong=[
                'with open("wether.csv") as file:\n    lines = file.read().splitlines()\n\nlen(lines)',
                'with open("weather.csv") as file\n    lines = file.read().splitlines()\n\nlen(lines)',
                'with open("weather.csv") as file:\n    lines = file.read()\n\nlines.splitline()',
            ],
        ),
        code("first-lines", "lines[:3]", minutes=0.4, difficulty=0.05, wrong=["line[:3]", "lines(3)"]),
        text("splitting", "## Splitting\n\nEach line holds four fields with commas between them."),
        code(
            "split-one",
            'lines[1].split(",")',
            minutes=0.8,
            difficulty=0.2,
            wrong=['lines.split(",")', 'lines[1].split(,)', "lines[20].split(',')"],
        ),
        code(
            "exercise-rows",
            'header = lines[0].split(",")\nrows = []\nfor line in lines[1:]:\n'
            "    rows.append(dict(zip(header, line.split(\",\"))))\n\nrows[0]",
            minutes=2.8,
            difficulty=0.5,
            tags=["exercise"],
            wrong=[
                'header = lines[0].split(",")\nrows = []\nfor line in lines[1:]:\n'
                "rows.append(dict(zip(header, line.split(\",\"))))\n\nrows[0]",
                'header = lines[0].split(",")\nrows = []\nfor line in lines[1:]:\n'
                "    rows.add(dict(zip(header, line.split(\",\"))))\n\nrows[0]",
                'header = lines[0].split(",")\nrows = {}\nfor line in lines[1:]:\n'
                "    rows.append(dict(zip(header, line.split(\",\"))))\n\nrows[0]",
                'header = lines[0].split(",")\nrows = []\nfor line in lines[1:]:\n'
                "    rows.append(dict(header, line.split(\",\")))\n\nrows[0]",
            ],
            endless='header = lines[0].split(",")\nrows = []\nindex = 1\nwhile index < len(lines):\n'
            '    rows.append(dict(zip(header, lines[index].split(","))))\n\nrows[0]',
        ),
        code(
            "check-rows",
            'assert len(rows) == 8, "there are eight measurements"\nassert rows[0]["place"] == "Kyoto"\nprint("passed: 2 of 2")',
            minutes=0.3,
            difficulty=0.1,
            tags=["check"],
            wrong=['assert len(rows) == 9, "there are eight measurements"'],
        ),
        text("numbers", "## Numbers\n\nThe fields are text. Some are empty, and one says `n/a`."),
        code(
            "float-one",
            'float(rows[0]["temp"]) + 1',
            minutes=0.8,
            difficulty=0.3,
            wrong=['rows[0]["temp"] + 1', 'float(rows[0]["Temp"]) + 1', 'float(rows[0].temp) + 1'],
        ),
        code(
            "exercise-number",
            "def number(text):\n    try:\n        return float(text)\n    except ValueError:\n        return None\n\n"
            '[number(row["temp"]) for row in rows]',
            minutes=3.2,
            difficulty=0.62,
            tags=["exercise"],
            wrong=[
                'def number(text):\n    return float(text)\n\n[number(row["temp"]) for row in rows]',
                "def number(text):\n    try:\n        return float(text)\n    return None\n\n"
                '[number(row["temp"]) for row in rows]',
                "def number(text):\n    if text.isdigit():\n        return float(txt)\n    return float(txt)\n\n"
                '[number(row["temp"]) for row in rows]',
                'def number(text):\n    return int(text)\n\n[number(row["temp"]) for row in rows]',
            ],
        ),
        code(
            "check-number",
            'assert number("4.5") == 4.5\nassert number("") is None\nassert number("n/a") is None\nprint("passed: 3 of 3")',
            minutes=0.3,
            difficulty=0.12,
            tags=["check"],
            wrong=['assert number("4.5") == 45, "number(\'4.5\') should be 4.5"'],
        ),
        text("grouping", "## Grouping\n\nOne list of temperatures for each place."),
        code(
            "exercise-group",
            "by_place = {}\nfor row in rows:\n    value = number(row[\"temp\"])\n    if value is not None:\n"
            '        by_place.setdefault(row["place"], []).append(value)\n\nby_place',
            minutes=3.5,
            difficulty=0.66,
            tags=["exercise"],
            wrong=[
                "by_place = {}\nfor row in rows:\n    value = number(row[\"temp\"])\n    if value is not None:\n"
                '        by_place[row["place"]].append(value)\n\nby_place',
                "by_place = {}\nfor row in rows:\n    value = number(row[\"temp\"])\n"
                '    by_place[row["place"]] += value\n\nby_place',
                "by_place = []\nfor row in rows:\n    value = number(row[\"temp\"])\n"
                '    by_place[row["place"]] = value\n\nby_place',
            ],
        ),
        code(
            "mean",
            "def mean(values):\n    return sum(values) / len(values)\n\n{place: mean(values) for place, values in by_place.items()}",
            minutes=1.8,
            difficulty=0.4,
            wrong=[
                "def mean(values):\n    return sum(values) / len(values)\n\n{place: mean(values) for place, values in by_place}",
                "def mean(values):\n    sum(values) / len(value)\n\n{place: mean(values) for place, values in by_place.items()}",
                'mean([number(row["temp"]) for row in rows]) if "mean" in dir() else sum([number(row["temp"]) for row in rows])',
            ],
        ),
        code(
            "mean-of-nothing",
            "try:\n    mean([])\nexcept ZeroDivisionError as error:\n    print(error)",
            minutes=0.8,
            difficulty=0.35,
            wrong=["mean([])", "try:\n    mean([])\nexcept DivisionError as error:\n    print(error)"],
        ),
        code(
            "slow-simulation",
            "import random\nimport time\n\nrandom.seed(7)\nhits = 0\nfor step in range(40):\n    time.sleep(0.05)\n"
            "    hits += random.random() < 0.3\n\nhits",
            minutes=1.0,
            difficulty=0.12,
            tags=["optional"],
            wrong=["import random\n\nrandom.seed(7)\nhits = 0\nfor step in range(40):\n    hits += rand() < 0.3\n\nhits"],
        ),
        code(
            "report",
            "for place, values in sorted(by_place.items()):\n    print(f\"{place:10} {min(values):6.1f} {max(values):6.1f}\")",
            minutes=1.6,
            difficulty=0.35,
            wrong=[
                "for place, values in sorted(by_place.items()):\n    print(f\"{place:10} {min(values):6.1f} {max(values):6.1f}\"",
                "for place, values in sorted(by_place.items()):\n    print(place + \" \" + min(values))",
            ],
        ),
        text("end", "That was a table without a table library. Save the notebook; next we count words."),
    ],
}

COUNTING = {
    "path": "intro-python/03-counting.ipynb",
    "title": "Counting words",
    "cells": [
        text("title", "# Counting words\n\nDictionaries, sorting, and a function of one's own."),
        code(
            "text",
            'POEM = """The fog comes\non little cat feet.\n\nIt sits looking\nover harbor and city\n'
            'on silent haunches\nand then moves on."""\nprint(POEM)',
            minutes=0.6,
            difficulty=0.03,
            tags=["scaffold"],
        ),
        text("words", "## Words\n\nLower case first, so that `It` and `it` are one word; then no full stops."),
        code(
            "exercise-words",
            'words = [word.strip(".").lower() for word in POEM.split()]\nlen(words)',
            minutes=2.0,
            difficulty=0.42,
            tags=["exercise"],
            wrong=[
                'words = [word.strip(".").lower() for word in POEM.split()\nlen(words)',
                'words = [word.strip(".").lower for word in poem.split()]\nlen(words)',
                'words = POEM.split().lower()\nlen(words)',
            ],
        ),
        code(
            "check-words",
            'assert words[0] == "the"\nassert words[-1] == "on"\nprint("passed: 2 of 2")',
            minutes=0.3,
            difficulty=0.1,
            tags=["check"],
            wrong=['assert words[0] == "The", "the first word is the"'],
        ),
        text("count", "## Counting\n\nA dictionary from word to number."),
        code(
            "exercise-count",
            "counts = {}\nfor word in words:\n    counts[word] = counts.get(word, 0) + 1\n\ncounts",
            minutes=2.6,
            difficulty=0.58,
            tags=["exercise"],
            wrong=[
                "counts = {}\nfor word in words:\n    counts[word] += 1\n\ncounts",
                "counts = {}\nfor word in words:\n    counts[word] = counts.get(word) + 1\n\ncounts",
                "counts = {}\nfor word in words:\n    counts.word = counts.get(word, 0) + 1\n\ncounts",
                "counts = {}\nfor word in words\n    counts[word] = counts.get(word, 0) + 1\n\ncounts",
            ],
            endless='counts = {}\nwhile words:\n    counts[words[0]] = counts.get(words[0], 0) + 1\n\ncounts',
        ),
        code(
            "check-count",
            'assert counts["on"] == 3\nassert counts["and"] == 2\nprint("passed: 2 of 2")',
            minutes=0.3,
            difficulty=0.1,
            tags=["check"],
            wrong=['assert counts["fogs"] == 1'],
        ),
        text("sorting", "## Sorting\n\n`sorted` takes a key: what to look at."),
        code(
            "sort",
            "ranking = sorted(counts.items(), key=lambda item: (-item[1], item[0]))\nranking[:5]",
            minutes=2.2,
            difficulty=0.55,
            wrong=[
                "ranking = sorted(counts.items(), key=lambda item: (-item[0], item[1]))\nranking[:5]",
                "ranking = sorted(counts, key=lambda word, count: -count)\nranking[:5]",
                "ranking = counts.sort()\nranking[:5]",
            ],
        ),
        code(
            "exercise-function",
            "def top(counts, n=3):\n    ranking = sorted(counts, key=counts.get, reverse=True)\n    return ranking[:n]\n\ntop(counts)",
            minutes=3.0,
            difficulty=0.6,
            tags=["exercise"],
            wrong=[
                "def top(counts, n=3):\n    ranking = sorted(counts, key=counts.get, reverse=True)\n    return ranking[:n]\n\ntop()",
                "def top(counts, n=3):\nranking = sorted(counts, key=counts.get, reverse=True)\n    return ranking[:n]\n\ntop(counts)",
                "def top(counts, n=3):\n    return sorted(counts, key=counts.get, reverse=True)[:k]\n\ntop(counts)",
            ],
        ),
        code(
            "check-function",
            'assert top(counts, 1) == ["on"]\nassert len(top(counts)) == 3\nprint("passed: 2 of 2")',
            minutes=0.3,
            difficulty=0.1,
            tags=["check"],
            wrong=["assert len(top(counts)) == 5, 'top() should give three words'"],
        ),
        code(
            "histogram",
            'for word, count in ranking[:6]:\n    print(f"{word:8}", "#" * count)',
            minutes=1.4,
            difficulty=0.3,
            wrong=[
                'for word, count in ranking[:6]:\n    print(f"{word:8}", "#" + count)',
                'for word, count in ranking[:6]\n    print(f"{word:8}", "#" * count)',
            ],
        ),
        text("end", "Save the notebook. Next time: the same in one line, with `collections.Counter`."),
    ],
}

NOTEBOOKS = [READINGS, COUNTING]
