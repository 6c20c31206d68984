// Starts `unlith lsp` and shows what its commands answer. All else, hints to code actions, is the protocol's.

import * as vscode from "vscode";
import { LanguageClient, type LanguageClientOptions, type ServerOptions } from "vscode-languageclient/node";
import { Answers } from "./answers";
import { withQuestions } from "./questions";

const SECTION = "unlith";

let client: LanguageClient | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const output = vscode.window.createOutputChannel("unlith");
  const answers = new Answers();
  context.subscriptions.push(
    output,
    vscode.workspace.registerTextDocumentContentProvider(Answers.SCHEME, answers),
    vscode.commands.registerCommand("unlith.restart", () => restart(output, answers)),
    vscode.commands.registerCommand("unlith.output", () => output.show()),
    vscode.workspace.onDidChangeConfiguration(async (change) => {
      if (change.affectsConfiguration(`${SECTION}.path`) || change.affectsConfiguration(`${SECTION}.enable`)) {
        await restart(output, answers);
      }
    }),
  );
  await start(output, answers);
}

export async function deactivate(): Promise<void> {
  await stop();
}

async function restart(output: vscode.OutputChannel, answers: Answers): Promise<void> {
  await stop();
  await start(output, answers);
}

async function stop(): Promise<void> {
  const running = client;
  client = undefined;
  await running?.dispose();
}

async function start(output: vscode.OutputChannel, answers: Answers): Promise<void> {
  const settings = vscode.workspace.getConfiguration(SECTION);
  if (!settings.get<boolean>("enable", true)) {
    return;
  }
  const path = settings.get<string>("path", "unlith");
  const server: ServerOptions = { command: path, args: ["lsp"] };
  const options: LanguageClientOptions = {
    documentSelector: [
      ...["ocaml", "ocaml.interface", "dune"].map((language) => ({ scheme: "file", language })),
      // They count before they are saved, and not all of them have a language of their own.
      { scheme: "file", pattern: "**/{dune,dune-project,dune-workspace,META,_tags,unlith.toml}" },
    ],
    outputChannel: output,
    synchronize: { configurationSection: SECTION },
    initializationOptions: settings,
    middleware: {
      // The client registers the server's commands; here they get their questions and a place for their answers.
      executeCommand: async (command, given, next) => {
        const args = await withQuestions(command, given);
        if (args !== undefined) {
          await answers.show(command, await next(command, args));
        }
      },
    },
  };
  const starting = new LanguageClient(SECTION, "unlith", server, options);
  client = starting;
  try {
    await starting.start();
  } catch (error) {
    client = undefined;
    const choice = await vscode.window.showErrorMessage(
      `unlith: cannot start "${path} lsp": ${error instanceof Error ? error.message : error}. Install unlith, or set unlith.path.`,
      "Open Settings",
    );
    if (choice !== undefined) {
      await vscode.commands.executeCommand("workbench.action.openSettings", `${SECTION}.path`);
    }
  }
}
