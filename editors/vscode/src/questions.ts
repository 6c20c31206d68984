// A command from the palette comes without arguments: the user is asked for what it needs, and the server is told which
// file is meant.

import * as vscode from "vscode";

type Options = Record<string, unknown>;

/** Returns the arguments of a command, or nothing when the user gave up. */
export async function withQuestions(command: string, given: unknown[]): Promise<unknown[] | undefined> {
  const options: Options = { ...(given[0] as Options | undefined), show: false };
  const question = QUESTIONS[command];
  if (given.length > 0 || question === undefined) {
    options.uri ??= vscode.window.activeTextEditor?.document.uri.toString();
    return [options];
  }
  const word = await vscode.window.showInputBox(question.box);
  if (word === undefined || word.trim() === "") {
    return undefined;
  }
  return [{ ...options, uri: vscode.window.activeTextEditor?.document.uri.toString(), ...question.options(word.trim()) }];
}

const QUESTIONS: Record<string, { box: vscode.InputBoxOptions; options: (word: string) => Options } | undefined> = {
  "unlith.why": {
    box: { prompt: "Unit or definition", placeHolder: "Stdlib.Scanf" },
    options: (word) => ({ name: word }),
  },
  "unlith.verify": {
    box: { prompt: "Proposals, as unlith audit names them", placeHolder: "unseal-facade:X509" },
    options: (words) => ({ proposals: words.split(/[\s,]+/) }),
  },
};
