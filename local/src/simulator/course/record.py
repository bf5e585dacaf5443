"""Runs the notebooks of the simulated course in a real kernel and writes what it answers to `course.json`.

    pip install ipykernel && python record.py

Every wrong version of a cell is run where a student would run it: in a kernel in which the cells above it have run.
"""

import hashlib
import json
import re
import sys
import tempfile
from pathlib import Path

from jupyter_client.manager import start_new_kernel

from notebooks import NOTEBOOKS

HERE = Path(__file__).parent
ANSI = re.compile(r"\x1b\[[0-9;]*m")


def hash_of(source):
    return hashlib.sha256(source.strip().encode()).hexdigest()[:16]


def run(client, source):
    """What running a cell gives; `error` is there if it raised."""
    texts = []
    error = None
    times = {}

    def on_output(message):
        nonlocal error
        kind, content = message["header"]["msg_type"], message["content"]
        if kind == "execute_input":
            times["start"] = message["header"]["date"]
        elif kind == "stream" and content["name"] == "stdout":
            texts.append(content["text"])
        elif kind == "execute_result":
            texts.append(content["data"]["text/plain"])
        elif kind == "error":
            error = content

    reply = client.execute_interactive(source, output_hook=on_output, timeout=30)
    number = reply["content"]["execution_count"]
    duration = reply["header"]["date"] - times["start"]
    record = {
        "source": source,
        "sourceHash": hash_of(source),
        "durationMs": max(1, round(duration.total_seconds() * 1000)),
        "result": "".join(texts).strip(),
    }
    if error is not None:
        traceback = ANSI.sub("", "\n".join(error["traceback"]))
        line = re.search(rf"Cell In\[{number}\], line (\d+)", traceback)
        record["error"] = {
            "name": error["ename"],
            "message": error["evalue"],
            # The number of the run is the student's own, and goes where `{n}` is; where this kernel happens to
            # be installed is nobody's business.
            "traceback": traceback.replace(f"In[{number}]", "In[{n}]").replace(sys.prefix, "/opt/conda"),
            "line": int(line.group(1)) if line else 1,
        }
    return record


def record_cell(client, cell):
    if cell["type"] != "code":
        return {key: cell[key] for key in ("id", "type", "source", "minutes")} | {"sourceHash": hash_of(cell["source"])}
    mistakes = [run(client, source) for source in cell["wrong"]]
    right = run(client, cell["source"])
    for mistake in mistakes:
        assert "error" in mistake, f"{cell['id']}: this is not wrong: {mistake['source']}"
    assert "error" not in right, f"{cell['id']}: {right.get('error')}"
    recorded = {key: cell[key] for key in ("id", "type", "minutes", "difficulty", "tags")}
    recorded |= {"right": right, "mistakes": mistakes}
    if cell["endless"] is not None:
        recorded["endless"] = {"source": cell["endless"], "sourceHash": hash_of(cell["endless"])}
    return recorded


def record_notebook(notebook):
    with tempfile.TemporaryDirectory() as folder:
        manager, client = start_new_kernel(kernel_name="python3", cwd=folder)
        try:
            cells = [record_cell(client, cell) for cell in notebook["cells"]]
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)
    return {"path": notebook["path"], "title": notebook["title"], "cells": cells}


def main():
    course = {"notebooks": [record_notebook(notebook) for notebook in NOTEBOOKS]}
    (HERE / "course.json").write_text(json.dumps(course, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
