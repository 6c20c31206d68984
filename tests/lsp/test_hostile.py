"""What no editor should do, and some do: the server answers, or passes over it, and goes on."""

import json
import os
import random
import time

import pytest
from conftest import UNLITH
from session import Session, full, uri

PLACES = [(0, 0), (0, 10**6), (10**6, 0), (2**31 - 1, 2**31 - 1), (3, 5)]


def test_malformed_messages(session, station):
    session.raw(b"Content-Length: 4\r\n\r\n{]{]")
    session.raw(b"Content-Length: 2\r\n\r\n[]")
    session.raw(b"nonsense\r\n\r\n")
    session.raw(b"Content-Length: -3\r\n\r\n")
    session.send({"jsonrpc": "2.0", "id": 9001, "method": 7})
    assert session.answer(9001)["error"]["code"] == -32600
    session.send({"jsonrpc": "2.0", "id": "nobody-asked", "result": 1})
    assert session.status()["folders"]


def test_unknown_methods(session, station):
    assert session.answer(session.ask("textDocument/frobnicate", {}))["error"]["code"] == -32601
    session.notify("textDocument/frobnicate", {})
    session.notify("$/whatever", {})
    assert session.answer(session.ask("initialize", {}))["error"]["code"] == -32600
    assert session.status()["folders"]


@pytest.mark.parametrize("params", [None, {}, [], {"textDocument": 3}, {"textDocument": {"uri": "file://"}}, {"textDocument": {"uri": "untitled:x"}}, {"textDocument": {"uri": "file:///no/such.ml"}}])
def test_odd_parameters(session, station, params):
    for method in ["inlayHint", "codeLens", "hover", "codeAction"]:
        session.answer(session.ask(f"textDocument/{method}", params))
    for method in ["codeLens/resolve", "codeAction/resolve", "workspace/executeCommand"]:
        session.answer(session.ask(method, params))
    for method in ["didOpen", "didChange", "didClose", "didSave"]:
        session.notify(f"textDocument/{method}", params)
    for method in ["didChangeWatchedFiles", "didChangeConfiguration", "didChangeWorkspaceFolders"]:
        session.notify(f"workspace/{method}", params)
    session.notify("$/cancelRequest", params)
    assert session.status()["folders"]


def test_positions_outside_the_text(session, station):
    path = station / "tools/convert.ml"
    session.open(path, path.read_text())
    for line, character in PLACES:
        session.hover(path, line, character)
        session.actions(path, line)
        here = {"line": line, "character": character}
        session.request("textDocument/inlayHint", session.about(path, range={"start": here, "end": here}))
        session.request("textDocument/inlayHint", session.about(path, range={"start": here, "end": {"line": 0, "character": 0}}))
    for line, character in PLACES:
        here = {"line": line, "character": character}
        session.change(path, [{"range": {"start": here, "end": {"line": 0, "character": 0}}, "text": " "}])
    session.change(path, full(path.read_text()))
    assert session.hints(path)


def test_astral_characters(session, station):
    path = station / "tools/convert.ml"
    text = path.read_text()
    session.open(path, text)
    plain = session.hints(path)
    # Two UTF-16 units, four bytes, one character: what stands behind it on its line moves by two.
    line = text.splitlines().index("open Metkit")
    session.change(path, [{"range": {"start": {"line": line, "character": 0}, "end": {"line": line, "character": 0}}, "text": "(* \U0001f42b *) "}])
    moved = session.hints(path)
    columns = lambda hints: [hint["position"]["character"] for hint in hints if hint["position"]["line"] == line]
    assert columns(moved) == [column + 9 for column in columns(plain)] != []
    assert "Metkit" in session.hover(path, line, 9 + 7)["contents"]["value"]
    # The camel goes again, by its UTF-16 columns.
    session.change(path, [{"range": {"start": {"line": line, "character": 0}, "end": {"line": line, "character": 9}}, "text": ""}])
    assert session.hints(path) == plain


def test_files_closed_and_deleted(session, station):
    path = station / "tools/catalogue.ml"
    session.open(path, path.read_text())
    session.close_document(path)
    session.close_document(path)
    session.notify("textDocument/didChange", {"textDocument": {"uri": uri(path), "version": 9}, "contentChanges": full("let")})
    path.unlink()
    session.hints(path)
    session.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": uri(path), "type": 3}]})
    session.settle()
    session.hints(path)
    assert session.status()["folders"][0]["failure"] is None


def test_a_tree_that_goes_away(session, station):
    import shutil

    path = station / "tools/convert.ml"
    text = path.read_text()
    session.open(path, text)
    shutil.rmtree(station)
    session.request("workspace/executeCommand", {"command": "unlith.reload"})
    session.settle()
    session.hints(path)
    state = session.status()["folders"][0]
    assert state["failure"] is not None


def test_a_burst_of_edits(session, station):
    """Ten edits a second for a minute, a second's worth of them here unless asked for more: each with the requests of an editor."""
    seconds = float(os.environ.get("UNLITH_BURST_SECONDS", "4"))
    path = station / "tools/convert.ml"
    text = path.read_text()
    session.open(path, text)
    before = session.hints(path)
    asked = []
    start = time.monotonic()
    n = 0
    while time.monotonic() - start < seconds:
        line = text.count("\n")
        session.change(path, [{"range": {"start": {"line": line, "character": 0}, "end": {"line": line, "character": 0}}, "text": f"let v{n} = List.length []\n"}])
        everything = {"start": {"line": 0, "character": 0}, "end": {"line": 9999, "character": 0}}
        ids = [session.ask("textDocument/inlayHint", session.about(path, range=everything)), session.ask("textDocument/codeLens", session.about(path))]
        # Editors cancel what the next keystroke makes stale.
        if n % 2:
            for id in ids:
                session.notify("$/cancelRequest", {"id": id})
        asked += ids
        n += 1
        time.sleep(max(0, start + n / 10 - time.monotonic()))
    for id in asked:
        message = session.answer(id)
        assert "result" in message or message["error"]["code"] == -32800, message
    session.change(path, full(text))
    assert session.hints(path) == before
    session.settle()
    latency = session.status()["latencies"]["textDocument/inlayHint"]
    print(f"{n} edits: hints p95 {latency['p95_ms']} ms, max {latency['max_ms']} ms")


def test_cancelled_requests_are_answered_once(session, station):
    path = station / "tools/convert.ml"
    session.open(path, path.read_text())
    ids = []
    for n in range(50):
        # Behind an edit the server is at work, so that the request waits while it is cancelled.
        if n % 5 == 0:
            here = {"line": 0, "character": 0}
            session.change(path, [{"range": {"start": here, "end": here}, "text": f"let v{n} = List.length []\n"}])
        ids.append(session.ask("textDocument/codeLens", session.about(path)))
        session.notify("$/cancelRequest", {"id": ids[-1]})
    codes = [session.answer(id).get("error", {}).get("code") for id in ids]
    assert set(codes) <= {None, -32800} and -32800 in codes
    time.sleep(0.1)
    assert not session.answers, "no request has two answers"


def test_before_initialize_and_after_shutdown(station):
    session = Session(UNLITH, [], start=False)
    assert session.answer(session.ask("textDocument/hover", {}))["error"]["code"] == -32002
    session.request("initialize", {"processId": None, "capabilities": {}, "rootUri": uri(station)})
    session.notify("initialized", {})
    session.settle()
    assert session.status()["folders"][0]["programs"] == 3
    session.request("shutdown", None)
    assert session.answer(session.ask("textDocument/hover", {}))["error"]["code"] == -32600
    session.notify("exit", None)
    assert session.process.wait(20) == 0


def test_a_client_that_goes_without_a_word(station):
    session = Session(UNLITH, [station])
    session.process.stdin.close()
    assert session.process.wait(20) == 1


def test_no_folder_at_all(station):
    session = Session(UNLITH, [])
    path = station / "tools/convert.ml"
    session.open(path, path.read_text())
    session.settle()
    assert session.hints(path), "the project around the file is read"
    session.close()


def test_nothing_is_done_when_nothing_happens(session, station):
    path = station / "tools/convert.ml"
    session.open(path, path.read_text())
    session.settle()
    clock = lambda: sum(map(int, open(f"/proc/{session.process.pid}/stat").read().rsplit(")", 1)[1].split()[11:13]))
    if not os.path.exists(f"/proc/{session.process.pid}/stat"):
        pytest.skip("the system does not tell")
    before = clock()
    time.sleep(2)
    assert clock() - before <= 1, "ticks of processor time while idle"


def test_settings_that_are_no_settings(station):
    odd = {"hints": {"minBytes": "many"}, "diagnostics": {"thinLink": 4}, "executables": 7}
    session = Session(UNLITH, [station], settings=odd)
    session.settle()
    said = [note["params"]["message"] for note in session.notes if note["method"] == "window/showMessage"]
    assert any("unlith.hints.minBytes" in message for message in said)
    session.close()


def test_noise_of_all_kinds(session, station):
    dice = random.Random(7)
    path = station / "tools/convert.ml"
    session.open(path, path.read_text())
    for _ in range(200):
        body = bytearray(json.dumps({"jsonrpc": "2.0", "id": 5000 + dice.randrange(100), "method": "textDocument/hover", "params": session.about(path, position={"line": 3, "character": 3})}).encode())
        for _ in range(dice.randrange(4)):
            body[dice.randrange(len(body))] = dice.randrange(256)
        session.raw(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
    assert session.status()["folders"]


def test_a_crash_ends_one_answer_and_no_more(station):
    """What goes wrong inside is told to who asked, and what may be damaged is read again."""
    crashes = {"UNLITH_LSP_CRASH": "textDocument/hover,update,workspace/executeCommand"}
    session = Session(UNLITH, [station], environment=crashes)
    command = {"command": "unlith.status", "arguments": [{"show": False}]}
    assert session.answer(session.ask("workspace/executeCommand", command))["error"]["code"] == -32603
    session.settle()
    path = station / "tools/convert.ml"
    text = path.read_text()
    session.open(path, text)
    here = {"line": 5, "character": 3}
    assert session.answer(session.ask("textDocument/hover", session.about(path, position=here)))["error"]["code"] == -32603
    assert "error" not in session.answer(session.ask("textDocument/hover", session.about(path, position=here)))
    before = session.hints(path)
    # In the middle of taking in an edit.
    session.change(path, full(text + "\nlet later = 1\n"))
    everything = {"start": {"line": 0, "character": 0}, "end": {"line": 9999, "character": 0}}
    session.answer(session.ask("textDocument/inlayHint", session.about(path, range=everything)))
    session.settle()
    assert session.hints(path) == before != []
    said = [note["params"]["message"] for note in session.notes if note["method"] == "window/logMessage"]
    assert sum("went wrong" in message for message in said) == 3
    session.close()
