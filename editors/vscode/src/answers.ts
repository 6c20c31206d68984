// What commands answer, as read-only documents.

import * as vscode from "vscode";

export class Answers implements vscode.TextDocumentContentProvider {
  static readonly SCHEME = "unlith";

  private readonly texts = new Map<string, string>();
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.changed.event;

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.texts.get(uri.path) ?? "";
  }

  /** Shows an answer beside the text that one works on, in the place of the last one of the same command. */
  async show(command: string, answer: unknown): Promise<void> {
    const text = textOf(answer);
    if (text === undefined) {
      return;
    }
    const uri = vscode.Uri.from({ scheme: Answers.SCHEME, path: `/${command}.txt` });
    this.texts.set(uri.path, text);
    this.changed.fire(uri);
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), {
      preview: true,
      preserveFocus: true,
      viewColumn: vscode.ViewColumn.Beside,
    });
  }
}

function textOf(answer: unknown): string | undefined {
  if (answer === undefined || answer === null) {
    return undefined;
  }
  if (typeof answer === "string") {
    return answer;
  }
  const { text } = answer as { text?: unknown };
  return typeof text === "string" ? text : `\`\`\`json\n${JSON.stringify(answer, null, 2)}\n\`\`\`\n`;
}
