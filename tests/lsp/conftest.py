"""A copy of the corpus's weather station for each test, a client as editors are, and a bare one for what no editor should do."""

import asyncio
import os
import pathlib
import shutil
import urllib.parse

import pytest
import pytest_lsp
from lsprotocol import types as lsp
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities

from session import Session

UNLITH = os.environ["UNLITH"]
CORPUS = pathlib.Path(__file__).resolve().parents[2] / "corpus"


def uri(path):
    return "file://" + urllib.parse.quote(str(path))


@pytest.fixture
def station(tmp_path):
    """The weather station, to be changed at will."""
    root = tmp_path.resolve() / "weather station"
    shutil.copytree(CORPUS / "weather_station", root, ignore=shutil.ignore_patterns("_build"))
    return root


@pytest.fixture
def session(station):
    """A bare session with the station, read already."""
    session = Session(UNLITH, [station])
    session.settle()
    yield session
    session.close()


def capabilities():
    """What Visual Studio Code says, in the version that pytest-lsp knows, and what newer ones add."""
    can = client_capabilities("visual-studio-code")
    can.window.work_done_progress = True
    can.workspace.inlay_hint = lsp.InlayHintWorkspaceClientCapabilities(refresh_support=True)
    return can


@pytest_lsp.fixture(config=ClientServerConfig(server_command=[UNLITH, "lsp"]))
async def client(lsp_client: LanguageClient, station):
    """An editor with the station open."""
    refreshes = {"hints": 0, "lenses": 0}
    registered = []

    @lsp_client.feature(lsp.WORKSPACE_INLAY_HINT_REFRESH)
    def _(_params):
        refreshes["hints"] += 1

    @lsp_client.feature(lsp.WORKSPACE_CODE_LENS_REFRESH)
    def _(_params):
        refreshes["lenses"] += 1

    @lsp_client.feature(lsp.CLIENT_REGISTER_CAPABILITY)
    def _(params):
        registered.extend(params.registrations)

    lsp_client.refreshes = refreshes
    lsp_client.registered = registered
    lsp_client.root = station
    lsp_client.set_configuration({"unlith": {"hints": {"minBytes": 512}, "diagnostics": {"minBytes": 512}}})
    params = lsp.InitializeParams(
        capabilities=capabilities(),
        workspace_folders=[lsp.WorkspaceFolder(uri=uri(station), name="station")],
    )
    await lsp_client.initialize_session(params)
    await settle(lsp_client)
    yield
    await lsp_client.shutdown_session()


async def status(client):
    params = lsp.ExecuteCommandParams(command="unlith.status", arguments=[{"show": False}])
    return as_dict(await client.workspace_execute_command_async(params))


def as_dict(value):
    """Plain dictionaries, whatever the client's library makes of JSON."""
    if hasattr(value, "_asdict"):
        value = value._asdict()
    if isinstance(value, dict):
        return {key: as_dict(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_dict(entry) for entry in value]
    return value


async def settle(client):
    """Waits until everything is read and shown."""
    for _ in range(1200):
        if (await status(client))["settled"]:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("the server does not come to rest")


def open_file(client, path, text=None, version=1):
    text = path.read_text() if text is None else text
    document = lsp.TextDocumentItem(uri=uri(path), language_id="ocaml", version=version, text=text)
    client.text_document_did_open(lsp.DidOpenTextDocumentParams(text_document=document))
    return text
