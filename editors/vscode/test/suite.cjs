// Runs inside the extension host: the editor asks, the server answers.

const assert = require("node:assert/strict");
const { appendFileSync, statSync } = require("node:fs");
const vscode = require("vscode");

const tests = [];
const test = (name, body) => tests.push({ name, body });
const say = (line) => appendFileSync(process.env.UNLITH_TEST_REPORT, `${JSON.stringify(line)}\n`);

exports.run = async () => {
  for (const { name, body } of tests) {
    const start = Date.now();
    let error;
    try {
      await body();
    } catch (thrown) {
      error = String(thrown.stack ?? thrown);
    }
    say({ name, milliseconds: Date.now() - start, error });
  }
  say({ done: true });
};

/** Waits until a question has an answer that will do. */
async function until(what, ask, seconds = 90) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer) {
      return answer;
    }
    assert.ok(Date.now() < end, `${what}: not within ${seconds} s`);
    await new Promise((next) => setTimeout(next, 200));
  }
}

const root = () => vscode.workspace.workspaceFolders[0].uri;
const open = (path) => vscode.workspace.openTextDocument(vscode.Uri.joinPath(root(), path));
const whole = (document) => new vscode.Range(0, 0, document.lineCount, 0);
const hintsOf = (document) => vscode.commands.executeCommand("vscode.executeInlayHintProvider", document.uri, whole(document));
const positionOf = (document, word) => document.positionAt(document.getText().indexOf(word) + 1);
const isOurs = (hint) => /[0-9] (k|M)?B/.test(typeof hint.label === "string" ? hint.label : hint.label.map((part) => part.value).join(""));

test("hints stand behind what is linked", async () => {
  const document = await open("bin/report.ml");
  await vscode.window.showTextDocument(document);
  const hints = await until("hints", async () => (await hintsOf(document))?.filter(isOurs).length > 0 && hintsOf(document));
  for (const hint of hints) {
    assert.ok(hint.position.line < document.lineCount);
  }
});

test("the head of a file has a lens", async () => {
  const document = await open("bin/report.ml");
  const lenses = await until("lenses", async () => {
    const found = await vscode.commands.executeCommand("vscode.executeCodeLensProvider", document.uri, 10);
    return found?.length > 0 && found;
  });
  assert.ok(lenses.some((lens) => lens.range.start.line === 0 && /B/.test(lens.command.title)), JSON.stringify(lenses));
});

test("findings have a rule and its page", async () => {
  await open("tools/convert.ml");
  const findings = await until("findings", () => {
    const found = vscode.languages.getDiagnostics().flatMap(([, list]) => list.filter((one) => one.source === "unlith"));
    return found.length > 0 && found;
  });
  for (const finding of findings) {
    assert.ok(finding.code.value && finding.code.target, JSON.stringify(finding));
    assert.equal(finding.severity, vscode.DiagnosticSeverity.Hint);
  }
});

test("a path has its figures and its chain", async () => {
  const document = await open("bin/report.ml");
  const hovers = await until("hover", async () => {
    const found = await vscode.commands.executeCommand("vscode.executeHoverProvider", document.uri, positionOf(document, "Log_reader."));
    return found?.length > 0 && found;
  });
  assert.match(hovers.flatMap((hover) => hover.contents.map((part) => part.value)).join("\n"), /Log_reader/);
});

test("unsaved text counts", async () => {
  const document = await open("bin/report.ml");
  const text = document.getText();
  const replace = async (text) => {
    const edit = new vscode.WorkspaceEdit();
    edit.replace(document.uri, whole(document), text);
    assert.ok(await vscode.workspace.applyEdit(edit));
  };
  await replace("let () = ()\n");
  await until("no hints", async () => !((await hintsOf(document)) ?? []).some(isOurs), 20);
  await replace(text);
  await until("hints again", async () => ((await hintsOf(document)) ?? []).some(isOurs), 20);
});

test("a build file counts before it is saved", async () => {
  const document = await open("bin/report.ml");
  const dune = await open("bin/dune");
  const text = dune.getText();
  const replace = async (text) => {
    const edit = new vscode.WorkspaceEdit();
    edit.replace(dune.uri, whole(dune), text);
    assert.ok(await vscode.workspace.applyEdit(edit));
  };
  await replace("");
  await until("no hints", async () => !((await hintsOf(document)) ?? []).some(isOurs), 30);
  await replace(text);
  await until("hints again", async () => ((await hintsOf(document)) ?? []).some(isOurs), 30);
});

test("hints go when they are turned off", async () => {
  const document = await open("bin/report.ml");
  const settings = vscode.workspace.getConfiguration("unlith");
  await settings.update("hints.enable", false, vscode.ConfigurationTarget.Workspace);
  await until("no hints", async () => !((await hintsOf(document)) ?? []).some(isOurs), 20);
  await settings.update("hints.enable", undefined, vscode.ConfigurationTarget.Workspace);
  await until("hints again", async () => ((await hintsOf(document)) ?? []).some(isOurs), 20);
});

test("a change carries its whole edit", async () => {
  const offered = [];
  for (const uri of (await vscode.workspace.findFiles("**/*.{ml,mli}")).sort()) {
    const document = await vscode.workspace.openTextDocument(uri);
    const actions = await vscode.commands.executeCommand("vscode.executeCodeActionProvider", uri, whole(document), undefined, 20);
    offered.push(...(actions ?? []).filter((action) => action.edit?.size > 0));
  }
  assert.ok(offered.length > 0, "no change is offered anywhere");
  const [action] = offered;
  const files = action.edit.entries().map(([uri]) => uri.fsPath);
  assert.ok(await vscode.workspace.applyEdit(action.edit), action.title);
  for (const file of files) {
    const document = await vscode.workspace.openTextDocument(file);
    assert.ok(await document.save(), file);
    assert.ok(statSync(file).size > 0, file);
  }
  const titles = [...new Set(offered.map((action) => action.title))];
  say({ applied: action.title, files: files.length, offered: titles });
});

test("commands show what they answer", async () => {
  await vscode.commands.executeCommand("unlith.status");
  const text = await until("the answer", () => vscode.workspace.textDocuments.find((one) => one.uri.scheme === "unlith")?.getText());
  assert.match(text, /[0-9]/);
});
