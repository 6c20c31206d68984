"""Every request as an editor makes it."""

import asyncio
import shutil
import subprocess

import pytest
from conftest import as_dict, open_file, settle, status, uri
from lsprotocol import types as lsp

EVERYTHING = lsp.Range(start=lsp.Position(0, 0), end=lsp.Position(10000, 0))


def document(path):
    return lsp.TextDocumentIdentifier(uri=uri(path))


async def hints(client, path):
    params = lsp.InlayHintParams(text_document=document(path), range=EVERYTHING)
    return await client.text_document_inlay_hint_async(params)


async def execute(client, command, **arguments):
    params = lsp.ExecuteCommandParams(command=command, arguments=[{"show": False, **arguments}])
    return as_dict(await client.workspace_execute_command_async(params))


def place(text, needle, nth=1):
    """The position of the middle of a text."""
    at = -1
    for _ in range(nth):
        at = text.index(needle, at + 1)
    at += len(needle) // 2
    line = text.count("\n", 0, at)
    return lsp.Position(line, at - (text.rfind("\n", 0, at) + 1))


@pytest.mark.asyncio
async def test_progress_is_shown_while_the_tree_is_read(client):
    (reports,) = client.progress_reports.values()
    kinds = [report.value.kind for report in reports] if hasattr(reports[0], "value") else [r.kind for r in reports]
    assert kinds[0] == "begin" and kinds[-1] == "end" and "report" in kinds
    assert client.refreshes["hints"] >= 1 and client.refreshes["lenses"] >= 1
    methods = {registration.method for registration in client.registered}
    assert "workspace/didChangeWatchedFiles" in methods
    state = await status(client)
    assert state["memory_bytes"] > 1 << 20
    assert state["folders"][0]["programs"] == 3


@pytest.mark.asyncio
async def test_hints_say_what_would_leave(client):
    path = client.root / "tools/convert.ml"
    text = open_file(client, path)
    found = await hints(client, path)
    by_line = {hint.position.line: hint for hint in found}
    at_open = by_line[place(text, "open Metkit").line]
    # The sealed facade links all of its parts: 188 kB of this program.
    assert "kB" in at_open.label
    tooltip = at_open.tooltip.value
    assert "tools/convert" in tooltip and "Metkit" in tooltip
    assert at_open.position.character == len("open Metkit")
    numerix = by_line[place(text, "Numerix.mean").line]
    assert "Numerix" in numerix.tooltip.value
    # Without the reference there is no hint, saved or not.
    change = lsp.TextDocumentContentChangePartial(
        range=lsp.Range(start=lsp.Position(0, 0), end=lsp.Position(10000, 0)), text=text.replace("Numerix.mean", "Array.length")
    )
    identifier = lsp.VersionedTextDocumentIdentifier(uri=uri(path), version=2)
    client.text_document_did_change(lsp.DidChangeTextDocumentParams(text_document=identifier, content_changes=[change]))
    assert all("Numerix" not in hint.tooltip.value for hint in await hints(client, path))


@pytest.mark.asyncio
async def test_hints_obey_settings(client):
    path = client.root / "tools/convert.ml"
    open_file(client, path)
    assert await hints(client, path)
    client.set_configuration({"hints": {"enable": False}}, section="unlith")
    client.workspace_did_change_configuration(lsp.DidChangeConfigurationParams(settings=None))
    await settle(client)
    assert not await hints(client, path)
    settings = {"unlith": {"hints": {"minBytes": 1 << 30}}}
    client.workspace_did_change_configuration(lsp.DidChangeConfigurationParams(settings=settings))
    await settle(client)
    assert not await hints(client, path)
    settings = {"unlith": {"hints": {"minBytes": 1}, "nonsense": 1}}
    client.workspace_did_change_configuration(lsp.DidChangeConfigurationParams(settings=settings))
    await settle(client)
    assert await hints(client, path)
    assert any("unlith.nonsense" in message.message for message in client.messages)


@pytest.mark.asyncio
async def test_a_lexer_that_is_not_built_counts_as_it_is_written(client):
    root = client.root
    odds = root / "vendor/odds"
    odds.mkdir()
    (odds / "dune").write_text("(ocamllex words)\n(library (name odds) (wrapped false))\n")
    lexer = odds / "words.mll"
    lexer.write_text('rule word = parse _ { "" }\n')
    dune = root / "tools/dune"
    dune.write_text(dune.read_text().replace("jot", "jot odds"))
    convert = root / "tools/convert.ml"
    text = convert.read_text() + '\nlet () = print_string (Words.word (Lexing.from_string ""))\n'
    convert.write_text(text)
    await told(client, odds / "dune", dune, lexer, convert)

    async def tooltips():
        return [hint.tooltip.value for hint in await hints(client, convert) if "Words" in hint.tooltip.value]

    open_file(client, convert, text)
    await settle(client)
    assert not any("Scanf" in tooltip for tooltip in await tooltips())
    lexer.write_text('rule word = parse _ as c { Scanf.sscanf (String.make 1 c) "%s" (fun s -> s) }\n')
    await told(client, lexer)
    assert any("Scanf" in tooltip for tooltip in await tooltips()), await hints(client, convert)


async def told(client, *paths):
    """Files have changed on disk, and that is taken in."""
    changes = [lsp.FileEvent(uri=uri(path), type=lsp.FileChangeType.Changed) for path in paths]
    client.workspace_did_change_watched_files(lsp.DidChangeWatchedFilesParams(changes=changes))
    await settle(client)


def rules(client, path):
    return {diagnostic.code for diagnostic in client.diagnostics.get(uri(path), [])}


@pytest.mark.asyncio
async def test_diagnostics_of_every_rule(client):
    root = client.root
    (root / "vendor/odds").mkdir()
    (root / "vendor/odds/dune").write_text("(library (name odds) (wrapped false))\n")
    big = "".join(f"let step{n} x = Printf.sprintf \"%d of %d, %s\" x {n} (string_of_int (x * {n}))\n" for n in range(60))
    (root / "vendor/odds/odd_big.ml").write_text(big)
    (root / "vendor/odds/odd_effect.ml").write_text("let () = print_string (Odd_big.step3 1)\nlet quiet x = x + 1\n")
    (root / "vendor/odds/odd_gone.ml").write_text(big)
    dune = root / "tools/dune"
    dune.write_text(dune.read_text().replace("jot", "jot odds"))
    convert = root / "tools/convert.ml"
    changes = [lsp.FileEvent(uri=uri(path), type=lsp.FileChangeType.Changed) for path in [dune, root / "vendor/odds/dune"]]
    client.workspace_did_change_watched_files(lsp.DidChangeWatchedFilesParams(changes=changes))
    text = convert.read_text() + "\nlet () = print_int (Odd_effect.quiet 1)\nlet () = print_string (Odd_gone.step1 1)\n"
    effect = root / "vendor/odds/odd_effect.ml"
    open_file(client, convert, text)
    open_file(client, effect)
    metkit = root / "vendor/metkit/metkit.mli"
    open_file(client, metkit)
    forced = root / "vendor/sensors/geiger.ml"
    open_file(client, forced)
    await settle(client)
    assert "thin-link" in rules(client, convert)
    assert "effect-keeps-unit" in rules(client, effect)
    assert rules(client, metkit) == {"sealed-facade"}
    assert "forced-unit" in rules(client, forced)
    for diagnostic in client.diagnostics[uri(convert)]:
        assert diagnostic.severity == lsp.DiagnosticSeverity.Hint
        assert diagnostic.source == "unlith"
        assert diagnostic.code_description.href.endswith(f"/{diagnostic.code}.md")
        # Umbrella modules are there to be named.
        assert "Metkit is linked for" not in diagnostic.message
    thin = next(d for d in client.diagnostics[uri(convert)] if "Odd_gone" in d.message)
    assert thin.related_information and "tools/convert" in thin.related_information[0].message
    page = client.diagnostics[uri(metkit)][0].code_description.href.removeprefix("file://")
    assert open(page).read().startswith("# sealed-facade\n")
    # Each rule has its own level.
    settings = {"diagnostics": {"minBytes": 512, "thinLink": "warning", "effectKeepsUnit": "off", "sealedFacade": "information"}}
    client.workspace_did_change_configuration(lsp.DidChangeConfigurationParams(settings={"unlith": settings}))
    await settle(client)
    levels = {d.code: d.severity for path in [convert, metkit, effect] for d in client.diagnostics[uri(path)]}
    assert levels["thin-link"] == lsp.DiagnosticSeverity.Warning
    assert levels["sealed-facade"] == lsp.DiagnosticSeverity.Information
    assert "effect-keeps-unit" not in levels
    # What is closed has none.
    client.text_document_did_close(lsp.DidCloseTextDocumentParams(text_document=document(convert)))
    await settle(client)
    assert not client.diagnostics[uri(convert)]


@pytest.mark.asyncio
async def test_lenses_at_the_head_and_on_large_definitions(client):
    path = client.root / "vendor/metkit/climate.ml"
    open_file(client, path)
    lenses = await client.text_document_code_lens_async(lsp.CodeLensParams(text_document=document(path)))
    assert all(lens.command is None for lens in lenses)
    resolved = [await client.code_lens_resolve_async(lens) for lens in lenses]
    assert resolved[0].range.start == lsp.Position(0, 0)
    assert "definitions used" in resolved[0].command.title and "tools/convert" in resolved[0].command.title
    assert len(resolved) > 1 and all("used by" in lens.command.title for lens in resolved[1:])
    command = resolved[0].command
    answer = as_dict(
        await client.workspace_execute_command_async(
            lsp.ExecuteCommandParams(command=command.command, arguments=command.arguments)
        )
    )
    assert "Why it is linked" in answer["text"]
    assert client.shown_documents or any("Why it is linked" in message.message for message in client.messages)


@pytest.mark.asyncio
async def test_hover_has_the_table_and_the_chain(client):
    path = client.root / "tools/convert.ml"
    text = open_file(client, path)
    params = lsp.HoverParams(text_document=document(path), position=place(text, "Numerix.mean"))
    hover = await client.text_document_hover_async(params)
    value = hover.contents.value
    assert "Numerix" in value and "| tools/convert |" in value and "shortest chain" in value
    assert hover.range.start.line == params.position.line
    params = lsp.HoverParams(text_document=document(path), position=lsp.Position(0, 3))
    assert await client.text_document_hover_async(params) is None


def apply(edit):
    """Does on disk what an editor would do with a workspace edit."""
    for change in edit.document_changes:
        target = change.text_document.uri if isinstance(change, lsp.TextDocumentEdit) else change.uri
        path = lsp_path(target)
        if isinstance(change, lsp.CreateFile):
            assert not path.exists()
            path.write_text("")
        elif isinstance(change, lsp.DeleteFile):
            path.unlink()
        else:
            lines = path.read_text().splitlines(keepends=True)
            starts = [0]
            for line in lines:
                starts.append(starts[-1] + len(line))
            text = "".join(lines)
            for one in sorted(change.edits, key=lambda one: one.range.start.line, reverse=True):
                assert one.range.start.character == 0 or one.range.start.line == len(lines) - 1
                start, end = (min(starts[min(p.line, len(lines))] + p.character, len(text)) for p in [one.range.start, one.range.end])
                text = text[:start] + one.new_text + text[end:]
            path.write_text(text)


def lsp_path(target):
    import pathlib
    import urllib.parse

    return pathlib.Path(urllib.parse.unquote(target.removeprefix("file://")))


@pytest.mark.asyncio
@pytest.mark.skipif(shutil.which("ocamlfind") is None, reason="ocamlfind is not installed")
async def test_aliases_without_the_flag(client, tmp_path):
    """dune always passes -no-alias-deps; who builds by hand may not."""
    packages = tmp_path.resolve() / "packages"
    odds = packages / "odds"
    odds.mkdir(parents=True)
    big = "".join(f"let step{n} x = Printf.sprintf \"%d of %d, %s\" x {n} (string_of_int (x * {n}))\n" for n in range(60))
    (odds / "odd_other.ml").write_text(big)
    (odds / "odd_table.ml").write_text("module Other = Odd_other\nlet name = \"odds\"\n")
    (odds / "META").write_text('archive(native) = "odds.cmxa"\n')
    build = ["ocamlfind", "ocamlopt", "-w", "-49", "-a", "odd_other.ml", "odd_table.ml", "-o", "odds.cmxa"]
    assert subprocess.run(build, cwd=odds).returncode == 0
    root = tmp_path.resolve() / "plain"
    root.mkdir()
    (root / "main.ml").write_text("let () = print_string Odd_table.name\n")
    settings = {"files": ["main.ml"], "packages": ["odds"], "ocamlpath": str(packages), "diagnostics": {"minBytes": 512}}
    # Settings of this folder alone.
    client.set_configuration({"unlith": settings}, scope_uri=uri(root))
    folder = lsp.WorkspaceFolder(uri=uri(root), name="plain")
    change = lsp.WorkspaceFoldersChangeEvent(added=[folder], removed=[])
    client.workspace_did_change_workspace_folders(lsp.DidChangeWorkspaceFoldersParams(event=change))
    open_file(client, odds / "odd_table.ml")
    await settle(client)
    assert rules(client, odds / "odd_table.ml") == {"alias-deps"}
    programs = [folder["programs"] for folder in (await status(client))["folders"]]
    assert sorted(programs) == [1, 3]


@pytest.mark.asyncio
async def test_a_chosen_action_builds_and_saves(client):
    path = client.root / "tools/convert.ml"
    text = open_file(client, path)
    line = lsp.Range(start=place(text, "open Metkit"), end=place(text, "open Metkit"))
    context = lsp.CodeActionContext(diagnostics=[], only=[lsp.CodeActionKind.Refactor])
    params = lsp.CodeActionParams(text_document=document(path), range=line, context=context)
    actions = await client.text_document_code_action_async(params)
    unseal = next(action for action in actions if "unseal" in str(as_dict(action.data)))
    assert unseal.edit is None, "edits are written when they are wanted"
    chosen = await client.code_action_resolve_async(unseal)
    assert any(isinstance(change, lsp.CreateFile) for change in chosen.edit.document_changes) or chosen.edit.document_changes
    before = await hints(client, path)
    apply(chosen.edit)
    if dune := shutil.which("dune"):
        build = await asyncio.create_subprocess_exec(dune, "build", "./tools/convert.exe", cwd=client.root, stderr=asyncio.subprocess.PIPE)
        _, errors = await build.communicate()
        assert build.returncode == 0, errors.decode()
    await execute(client, "unlith.reload")
    await settle(client)
    after = await hints(client, path)
    assert len(str(after)) != len(str(before)) or after != before, "the facade's parts are no longer brought together"
    # Other kinds are not what was asked for.
    params.context = lsp.CodeActionContext(diagnostics=[], only=[lsp.CodeActionKind.QuickFix])
    assert not await client.text_document_code_action_async(params)


@pytest.mark.asyncio
async def test_commands(client):
    path = client.root / "tools/convert.ml"
    text = open_file(client, path)
    answer = await execute(client, "unlith.why", name="Metkit", uri=uri(path))
    assert "Metkit in tools/convert" in answer["text"] and "convert.ml:" in answer["text"]
    # What is typed counts, saved or not.
    text += "\nlet () = print_string (Textkit.Table.render [])\n"
    answer = await execute(client, "unlith.audit", format="json", executables=["tools/convert"])
    assert '"schema": 1' in answer["text"]
    answer = await execute(client, "unlith.audit", uri=uri(path))
    assert "tools/convert" in answer["text"]
    state = await execute(client, "unlith.status")
    assert state["latencies"]["workspace/executeCommand"]["count"] >= 3
    with pytest.raises(Exception, match="there is no command"):
        await execute(client, "unlith.nonsense")
    with pytest.raises(Exception, match="No_such_unit"):
        await execute(client, "unlith.why", name="No_such_unit")


@pytest.mark.asyncio
@pytest.mark.skipif(shutil.which("dune") is None, reason="dune is not installed")
async def test_verify_builds_in_a_copy(client):
    answer = await execute(client, "unlith.verify", proposals=["unseal-facade:Metkit"])
    assert "unseal-facade:Metkit" in answer["text"] and "verified" in answer["text"]


@pytest.mark.asyncio
async def test_verify_can_be_cancelled(client):
    params = lsp.ExecuteCommandParams(command="unlith.verify", arguments=[{"show": False}])
    request = asyncio.ensure_future(client.workspace_execute_command_async(params))
    await asyncio.sleep(0.5)
    before = len(client.protocol._request_futures)
    (id,) = list(client.protocol._request_futures)[-1:]
    client.cancel_request(lsp.CancelParams(id=id))
    with pytest.raises(Exception, match="cancel"):
        await asyncio.wait_for(request, 20)
    assert before >= 1
    assert (await status(client))["folders"]


@pytest.mark.asyncio
async def test_files_come_and_go(client):
    root = client.root
    new = root / "tools/fresh.ml"
    new.write_text("let text = Textkit.Wrap.fill 10 \"a b c\"\n" if False else "let text = string_of_float 1.5\n")
    convert = root / "tools/convert.ml"
    text = open_file(client, convert, convert.read_text() + "\nlet () = print_string Fresh.text\n")
    event = lsp.FileEvent(uri=uri(new), type=lsp.FileChangeType.Created)
    client.workspace_did_change_watched_files(lsp.DidChangeWatchedFilesParams(changes=[event]))
    await settle(client)
    params = lsp.HoverParams(text_document=document(convert), position=place(text, "Fresh.text"))
    assert "Fresh" in (await client.text_document_hover_async(params)).contents.value
    new.unlink()
    event = lsp.FileEvent(uri=uri(new), type=lsp.FileChangeType.Deleted)
    client.workspace_did_change_watched_files(lsp.DidChangeWatchedFilesParams(changes=[event]))
    await settle(client)
    assert await client.text_document_hover_async(params) is None
    # An open file that is deleted on disk lives on in its buffer.
    convert.unlink()
    event = lsp.FileEvent(uri=uri(convert), type=lsp.FileChangeType.Deleted)
    client.workspace_did_change_watched_files(lsp.DidChangeWatchedFilesParams(changes=[event]))
    client.text_document_did_close(lsp.DidCloseTextDocumentParams(text_document=document(convert)))
    await settle(client)
    assert not await hints(client, convert)


@pytest.mark.asyncio
async def test_what_is_missing_is_said(client):
    dune = client.root / "tools/dune"
    dune.write_text(dune.read_text().replace("jot", "jot no-such-library"))
    event = lsp.FileEvent(uri=uri(dune), type=lsp.FileChangeType.Changed)
    client.workspace_did_change_watched_files(lsp.DidChangeWatchedFilesParams(changes=[event]))
    await settle(client)
    said = client.diagnostics[uri(dune)]
    assert any("no-such-library" in diagnostic.message for diagnostic in said)
    assert any("tools/dune" in message.message for message in client.messages)
    dune.write_text(dune.read_text().replace(" no-such-library", ""))
    client.workspace_did_change_watched_files(lsp.DidChangeWatchedFilesParams(changes=[event]))
    await settle(client)
    assert not client.diagnostics[uri(dune)]


@pytest.mark.asyncio
async def test_folders_come_and_go(client, tmp_path):
    other = tmp_path.resolve() / "other"
    other.mkdir()
    (other / "dune-project").write_text("(lang dune 2.0)\n")
    (other / "dune").write_text("(executable (name one))\n")
    (other / "one.ml").write_text("let () = Printf.printf \"%d\\n\" (List.length [1])\n")
    folder = lsp.WorkspaceFolder(uri=uri(other), name="other")
    change = lsp.WorkspaceFoldersChangeEvent(added=[folder], removed=[])
    client.workspace_did_change_workspace_folders(lsp.DidChangeWorkspaceFoldersParams(event=change))
    open_file(client, other / "one.ml")
    await settle(client)
    assert any("Printf" in hint.tooltip.value for hint in await hints(client, other / "one.ml"))
    assert len((await status(client))["folders"]) == 2
    change = lsp.WorkspaceFoldersChangeEvent(added=[], removed=[folder])
    client.workspace_did_change_workspace_folders(lsp.DidChangeWorkspaceFoldersParams(event=change))
    assert not await hints(client, other / "one.ml")
    assert len((await status(client))["folders"]) == 1


def edit_all(client, path, text, version):
    identifier = lsp.VersionedTextDocumentIdentifier(uri=uri(path), version=version)
    change = lsp.TextDocumentContentChangeWholeDocument(text=text)
    client.text_document_did_change(lsp.DidChangeTextDocumentParams(text_document=identifier, content_changes=[change]))


@pytest.mark.asyncio
async def test_build_files_count_before_they_are_saved(client):
    root = client.root
    convert, dune, agreed = root / "tools/convert.ml", root / "tools/dune", root / "unlith.toml"
    text = open_file(client, convert, convert.read_text() + "\nlet () = print_string (Textkit.Table.render [])\n")
    await settle(client)
    params = lsp.HoverParams(text_document=document(convert), position=place(text, "Textkit.Table.render"))
    assert await client.text_document_hover_async(params) is None
    rules = open_file(client, dune)
    edit_all(client, dune, rules.replace("jot", "jot textkit"), 2)
    await settle(client)
    assert "Table" in (await client.text_document_hover_async(params)).contents.value
    # In the middle of being typed it says nothing new: what is on disk holds, and nobody complains.
    edit_all(client, dune, rules.replace("jot)", "jot textkit"), 3)
    await settle(client)
    assert await client.text_document_hover_async(params) is None
    assert not client.diagnostics.get(uri(dune))
    edit_all(client, dune, rules.replace("jot", "jot no-such-library"), 4)
    await settle(client)
    assert any("no-such-library" in diagnostic.message for diagnostic in client.diagnostics[uri(dune)])
    client.text_document_did_close(lsp.DidCloseTextDocumentParams(text_document=document(dune)))
    await settle(client)
    assert not client.diagnostics[uri(dune)]
    # The project's own settings, too, and a module that is nowhere yet.
    open_file(client, agreed, '[analysis]\nexes = ["tools/convert"]\n')
    await settle(client)
    assert (await status(client))["folders"][0]["programs"] == 1
    agreed.write_text("[analysis]\nexs = []\n")
    client.text_document_did_close(lsp.DidCloseTextDocumentParams(text_document=document(agreed)))
    await settle(client)
    assert any("exs" in diagnostic.message for diagnostic in client.diagnostics[uri(agreed)])
    assert (await status(client))["folders"][0]["programs"] == 3
    fresh = root / "tools/fresh.ml"
    open_file(client, fresh, "let () = print_string (Jot.to_string (Jot.Bool true))\n")
    edit_all(client, convert, convert.read_text() + "\nlet () = Fresh.(ignore ())\n", 2)
    await settle(client)
    lenses = await client.text_document_code_lens_async(lsp.CodeLensParams(text_document=document(fresh)))
    assert lenses, "a file that was never saved is part of its directory"


@pytest.mark.asyncio
@pytest.mark.skipif(shutil.which("dune") is None, reason="dune is not installed")
async def test_what_is_built_is_measured(client):
    path = client.root / "tools/convert.ml"
    text = open_file(client, path)
    params = lsp.HoverParams(text_document=document(path), position=place(text, "Numerix.mean"))
    hover = await client.text_document_hover_async(params)
    assert "| tools/convert | ~" in hover.contents.value
    build = await asyncio.create_subprocess_exec("dune", "build", "./tools/convert.exe", cwd=client.root)
    assert await build.wait() == 0
    for _ in range(200):
        await asyncio.sleep(0.1)
        hover = await client.text_document_hover_async(params)
        if "| tools/convert | ~" not in hover.contents.value:
            break
    assert "| tools/convert | ~" not in hover.contents.value, "nobody had to say that there was a build"
    # Lexers are read where the build leaves them.
    (client.root / "tools/words.mll").write_text('rule count n = parse "a" { count (n + 1) lexbuf } | eof { n }\n')
    dune = client.root / "tools/dune"
    dune.write_text(dune.read_text() + "(ocamllex words)\n")
    path.write_text(text + "\nlet () = print_int (Words.count 0 (Lexing.from_string \"aa\"))\n")
    text = path.read_text()
    edit_all(client, path, text, 2)
    changes = [lsp.FileEvent(uri=uri(dune), type=lsp.FileChangeType.Changed)]
    client.workspace_did_change_watched_files(lsp.DidChangeWatchedFilesParams(changes=changes))
    await settle(client)
    params = lsp.HoverParams(text_document=document(path), position=place(text, "Words.count"))
    assert "Lexing" not in str(await client.text_document_hover_async(params))
    build = await asyncio.create_subprocess_exec("dune", "build", "./tools/convert.exe", cwd=client.root)
    assert await build.wait() == 0
    log = lsp.FileEvent(uri=uri(client.root / "_build/log"), type=lsp.FileChangeType.Changed)
    client.workspace_did_change_watched_files(lsp.DidChangeWatchedFilesParams(changes=[log]))
    await settle(client)
    params.position = place(text, "Words.count")
    assert "count" in str(await client.text_document_hover_async(params))


async def actions_at(client, path, text, needle):
    here = place(text, needle)
    context = lsp.CodeActionContext(diagnostics=[], only=[lsp.CodeActionKind.RefactorRewrite])
    params = lsp.CodeActionParams(text_document=document(path), range=lsp.Range(here, here), context=context)
    return await client.text_document_code_action_async(params)


@pytest.mark.asyncio
async def test_registrations_and_own_modules_are_offered_where_they_stand(client):
    odds = client.root / "vendor/odds"
    odds.mkdir()
    (odds / "dune").write_text("(library (name odds) (wrapped false))\n")
    big = "".join(f"let step{n} x = Printf.sprintf \"%d of %d, %s\" x {n} (string_of_int (x * {n}))\n" for n in range(60))
    (odds / "odd_big.ml").write_text(big)
    table = odds / "odd_table.ml"
    table.write_text(
        "exception Odd of int\n"
        "let () = Printexc.register_printer (function Odd n -> Some (Odd_big.step3 n) | _ -> None)\n"
        "let quiet x = x + 1\n"
    )
    tools = client.root / "tools/dune"
    tools.write_text(tools.read_text().replace("jot", "jot odds"))
    convert = client.root / "tools/convert.ml"
    convert.write_text(convert.read_text() + "\nlet () = print_int (Odd_table.quiet 1)\n")
    (client.root / "tools/spare.ml").write_text(big)
    convert.write_text(convert.read_text() + "module Spare = Spare\nlet () = if false then ignore (Sys.opaque_identity 1)\n")
    changes = [lsp.FileEvent(uri=uri(path), type=lsp.FileChangeType.Changed) for path in [tools, odds / "dune", convert]]
    client.workspace_did_change_watched_files(lsp.DidChangeWatchedFilesParams(changes=changes))
    await settle(client)
    text = open_file(client, table)
    offered = await actions_at(client, table, text, "let () =")
    assert any("at start-up" in action.title for action in offered), [action.title for action in offered]
    cut = next(action for action in offered if "at start-up" in action.title)
    assert "needs review" in cut.title
    chosen = await client.code_action_resolve_async(cut)
    assert any(isinstance(change, lsp.CreateFile) for change in chosen.edit.document_changes)
    open_file(client, convert)
    here = lsp.Range(lsp.Position(0, 0), lsp.Position(0, 0))
    params = lsp.CodeActionParams(text_document=document(convert), range=here, context=lsp.CodeActionContext(diagnostics=[]))
    offered = await client.text_document_code_action_async(params)
    own = [action for action in offered if "to a library beside it" in action.title]
    assert own, [action.title for action in offered]
    for action in own:
        assert (await client.code_action_resolve_async(action)).edit.document_changes
