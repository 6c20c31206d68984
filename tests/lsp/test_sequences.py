"""After any edits the answers are those of a server that has just started with the same texts, and those of the command line."""

import json
import os
import random
import subprocess

import pytest
from conftest import UNLITH
from session import Session, full, uri

LINES = [
    "let added_value x = List.length x",
    "let added_text = Printf.sprintf \"%d\" 3",
    "open Printf",
    "module Added = struct let inner = String.length \"x\" end",
    "module Alias = List",
    "type t = Added_a | Added_b of int",
    "let () = print_endline \"\U0001f42b more\"",
    "let broken = (",
    "include struct let included = Filename.basename \"a/b\" end",
    "open Metkit",
    "let sky = Metkit.Clouds.cover_name Metkit.Clouds.Clear",
    "let () = Printexc.register_printer (fun _ -> Some (Format.asprintf \"%d\" 1))",
    "module Str_alias = Jot",
]


# What may stand in build files instead of something else: a library more, one less, a flag, something broken.
BUILDS = [
    ("jot)", "jot textkit)"),
    (" numerix", ""),
    ("sensors metkit", "metkit"),
    ("(name", "(modules :standard)\n (name"),
    ("(library_flags (-linkall))", ""),
    ("(name jot)", "(name jot) (wrapped false)"),
    ("textkit", "textkit no-such-library"),
    ("(libraries", "(libraries ("),
    (")", ""),
    ("", "(executable (name"),
]


def position(text, offset):
    before = text[:offset]
    line = before.count("\n")
    column = before[before.rfind("\n") + 1 :]
    return {"line": line, "character": len(column.encode("utf-16-le")) // 2}


def edit(text, dice):
    """Returns a text changed in one place, and the change as the protocol has it."""
    starts = [0] + [at + 1 for at, c in enumerate(text) if c == "\n"]
    kind = dice.randrange(5)
    if kind == 0:
        row = dice.randrange(max(1, len(starts) - 1))
        start, end, new = starts[row], starts[min(row + 1, len(starts) - 1)], ""
    elif kind == 1:
        start = dice.randrange(len(text) + 1)
        end = min(len(text), start + dice.randrange(1, 40))
        new = "".join(dice.choice("abc (*)\"\n\U0001f42bé") for _ in range(dice.randrange(6)))
    else:
        start = end = dice.choice(starts)
        new = dice.choice(LINES) + "\n"
    change = {"range": {"start": position(text, start), "end": position(text, end)}, "text": new}
    return text[:start] + new + text[end:], change


@pytest.mark.parametrize("seed", range(int(os.environ.get("UNLITH_SEQUENCES", "3"))))
def test_answers_are_those_of_a_fresh_server(station, seed):
    dice = random.Random(seed)
    settings = {"hints": {"minBytes": 1}, "diagnostics": {"minBytes": 1}, "lens": {"minBytes": 64}}
    sources = sorted(path for path in station.rglob("*.ml*") if path.suffix in [".ml", ".mli"])
    texts = {path: path.read_text() for path in dice.sample(sources, 6)}
    session = Session(UNLITH, [station], settings)
    session.settle()
    saved = dict(texts)
    for path in dice.sample(sorted(station.rglob("dune")), 3):
        texts[path] = saved[path] = path.read_text()
    for path, text in texts.items():
        session.open(path, text)
    for _ in range(4):
        for _ in range(dice.randrange(1, 12)):
            path = dice.choice(list(texts))
            match dice.randrange(10):
                case 0:
                    texts[path] = saved[path]
                    session.change(path, full(texts[path]))
                case 1:
                    session.hints(path)
                case 2:
                    # Closed without being saved: what is on disk counts again.
                    session.close_document(path)
                    texts[path] = saved[path]
                    session.open(path, texts[path])
                case _ if path.name == "dune":
                    old, new = dice.choice(BUILDS)
                    texts[path] = saved[path].replace(old, new) if old else saved[path] + new
                    session.change(path, full(texts[path]))
                case _:
                    texts[path], change = edit(texts[path], dice)
                    session.change(path, [change])
        fresh = Session(UNLITH, [station], settings)
        for path, text in texts.items():
            fresh.open(path, text)
        session.settle()
        fresh.settle()
        for path, text in texts.items():
            assert session.everything(path, text) == fresh.everything(path, text), path
            now, then = (one.diagnostics.get(uri(path), []) for one in [session, fresh])
            for diagnostic, other in zip(now, then):
                assert diagnostic == other, path
            assert len(now) == len(then), path
        fresh.close()
    session.close()


def audit_as_saved(root, buffers):
    """What the command line says when all buffers are saved; they are not, afterwards."""
    before = {path: path.read_bytes() if path.exists() else None for path in buffers}
    for path, text in buffers.items():
        path.write_bytes(text.encode())
    command = [UNLITH, "audit", "--format", "json", "--quiet", "--no-cache", str(root)]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    for path, content in before.items():
        path.unlink() if content is None else path.write_bytes(content)
    return text


@pytest.mark.parametrize("seed", range(int(os.environ.get("UNLITH_SEQUENCES", "4"))))
def test_audits_are_those_of_the_command_line(station, seed):
    """Files change on disk, come and go, are opened before anybody has told that they changed, typed into and saved."""
    dice = random.Random(seed)
    session = Session(UNLITH, [station])
    session.settle()
    at_first = {path: path.read_text() for path in sorted(station.rglob("*.ml*")) if path.suffix in [".ml", ".mli"]}
    sources = list(at_first)
    opened = {}
    for _ in range(5):
        events = []

        def write(path, text):
            events.append((path, 2 if path.exists() else 1))
            path.write_bytes(text.encode())

        for _ in range(dice.randrange(1, 9)):
            path = dice.choice(sources)
            text = path.read_bytes().decode() if path.exists() else None
            match dice.randrange(9):
                case 0 | 1 | 2 if text is not None:
                    write(path, edit(text, dice)[0])
                case 3:
                    write(path, at_first[path])
                case 4:
                    write(path, at_first[dice.choice([other for other in sources if other.suffix == path.suffix])])
                case 5:
                    new = path.with_name(f"added_{dice.randrange(2)}{path.suffix}")
                    if new not in at_first:
                        at_first[new] = at_first[path]
                        sources.append(new)
                    write(new, at_first[path])
                case 6 if text is not None:
                    path.unlink()
                    events.append((path, 3))
                case 7 if path in opened:
                    write(path, opened[path])
                    session.notify("textDocument/didSave", session.about(path))
                    session.close_document(path)
                    del opened[path]
                case 7 | 8 if text is not None and path not in opened:
                    session.open(path, text)
                    opened[path] = text
                case _ if path in opened:
                    opened[path], change = edit(opened[path], dice)
                    session.change(path, [change])
        dice.shuffle(events)
        # What has come and is gone again is gone.
        changes = [{"uri": uri(path), "type": kind if path.exists() else 3} for path, kind in events]
        session.notify("workspace/didChangeWatchedFiles", {"changes": changes})
        session.settle()
        command = {"command": "unlith.audit", "arguments": [{"show": False, "format": "json"}]}
        answer = session.request("workspace/executeCommand", command)
        now, then = json.loads(answer["text"]), json.loads(audit_as_saved(station, opened))
        # What was needed before a change is known a while longer: that its file is broken, and that a patch would change it too.
        more = [problem for problem in now["problems"] if problem not in then["problems"]]
        assert all(problem["code"] == "syntax" for problem in more)
        now["problems"] = [problem for problem in now["problems"] if problem not in more]
        for audit in [now, then]:
            for proposal in [proposal for program in audit["programs"] for proposal in program["proposals"]]:
                for key in ["edits", "risks", "status"]:
                    del proposal[key]
        assert now == then
    session.close()
