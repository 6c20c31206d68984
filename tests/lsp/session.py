"""A bare client: JSON messages over pipes, each as the test wants it, however odd."""

import json
import os
import queue
import subprocess
import threading
import time
import urllib.parse


def uri(path):
    return "file://" + urllib.parse.quote(str(path))


class Session:
    """One server. Requests of the server are answered with null, and its settings with those given: for everything, or by folder."""

    def __init__(self, unlith, roots, settings=None, start=True, scoped=None, environment=None):
        self.process = subprocess.Popen(
            [unlith, "lsp"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **(environment or {})},
        )
        self.scoped = scoped or {}
        self.answers = {}
        self.notes = []
        self.diagnostics = {}
        self.settings = settings
        self.changed = threading.Condition()
        self.id = 0
        self.versions = {}
        self.is_over = False
        threading.Thread(target=self._read, daemon=True).start()
        if start:
            folders = [{"uri": uri(root), "name": root.name} for root in roots]
            capabilities = {
                "workspace": {
                    "configuration": True,
                    "workspaceEdit": {"documentChanges": True, "resourceOperations": ["create", "rename", "delete"]},
                },
                "textDocument": {
                    "publishDiagnostics": {"relatedInformation": True},
                    "codeAction": {"resolveSupport": {"properties": ["edit"]}},
                },
            }
            self.request("initialize", {"processId": None, "capabilities": capabilities, "workspaceFolders": folders})
            self.notify("initialized", {})

    def _read(self):
        stream = self.process.stdout
        while True:
            length = None
            while line := stream.readline():
                if line == b"\r\n":
                    break
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            if length is None:
                break
            message = json.loads(stream.read(length))
            with self.changed:
                if "method" in message and "id" in message:
                    self._answer(message)
                elif "method" in message:
                    self.notes.append(message)
                    if message["method"] == "textDocument/publishDiagnostics":
                        params = message["params"]
                        self.diagnostics[params["uri"]] = params["diagnostics"]
                else:
                    self.answers[message["id"]] = message
                self.changed.notify_all()
        with self.changed:
            self.is_over = True
            self.changed.notify_all()

    def _answer(self, message):
        result = None
        if message["method"] == "workspace/configuration":
            scopes = [item.get("scopeUri") for item in message["params"]["items"]]
            result = [self.scoped.get(scope, self.settings) for scope in scopes]
        self.send({"jsonrpc": "2.0", "id": message["id"], "result": result})

    def raw(self, data):
        if not self.process.stdin.closed:
            self.process.stdin.write(data)
            self.process.stdin.flush()

    def send(self, message):
        body = json.dumps(message).encode()
        self.raw(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))

    def notify(self, method, params):
        self.send({"jsonrpc": "2.0", "method": method, "params": params})

    def ask(self, method, params):
        """Sends a request and returns its id."""
        self.id += 1
        self.send({"jsonrpc": "2.0", "id": self.id, "method": method, "params": params})
        return self.id

    def answer(self, id, timeout=120):
        """Waits for the answer to a request: all of the message."""
        with self.changed:
            self.changed.wait_for(lambda: id in self.answers or self.is_over, timeout)
            assert id in self.answers, "no answer" + (": the server has ended" if self.is_over else "")
            return self.answers.pop(id)

    def request(self, method, params):
        message = self.answer(self.ask(method, params))
        assert "error" not in message, message["error"]
        return message["result"]

    def status(self):
        return self.request("workspace/executeCommand", {"command": "unlith.status", "arguments": [{"show": False}]})

    def settle(self):
        end = time.monotonic() + 120
        while not self.status()["settled"]:
            assert time.monotonic() < end, "the server does not come to rest"
            time.sleep(0.02)

    # ---------------------------------------------------------------- documents

    def open(self, path, text):
        self.versions[path] = 1
        document = {"uri": uri(path), "languageId": "ocaml", "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": document})

    def change(self, path, changes):
        self.versions[path] += 1
        document = {"uri": uri(path), "version": self.versions[path]}
        self.notify("textDocument/didChange", {"textDocument": document, "contentChanges": changes})

    def close_document(self, path):
        self.notify("textDocument/didClose", {"textDocument": {"uri": uri(path)}})

    def about(self, path, **params):
        return {"textDocument": {"uri": uri(path)}, **params}

    def hints(self, path):
        everything = {"start": {"line": 0, "character": 0}, "end": {"line": 1000000, "character": 0}}
        return self.request("textDocument/inlayHint", self.about(path, range=everything))

    def lenses(self, path):
        lenses = self.request("textDocument/codeLens", self.about(path))
        return [self.request("codeLens/resolve", lens) for lens in lenses]

    def hover(self, path, line, character):
        return self.request("textDocument/hover", self.about(path, position={"line": line, "character": character}))

    def actions(self, path, line):
        here = {"start": {"line": line, "character": 0}, "end": {"line": line, "character": 0}}
        return self.request("textDocument/codeAction", self.about(path, range=here, context={"diagnostics": []}))

    def everything(self, path, text):
        """All that the server says of a document."""
        lines = range(0, len(text.splitlines()), 3)
        return {
            "hints": self.hints(path),
            "lenses": self.lenses(path),
            "hovers": [self.hover(path, line, 12) for line in lines],
            "actions": [self.actions(path, line) for line in lines],
        }

    def close(self):
        if self.process.poll() is None:
            self.request("shutdown", None)
            self.notify("exit", None)
        assert self.process.wait(20) == 0, "the server ends in order"


def full(text):
    return [{"text": text}]
