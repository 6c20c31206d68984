// Runs test/suite.cjs inside Visual Studio Code: its server here, its window in a headless Chromium.
//
//   node test/run.mjs VSCODE UNLITH WORKSPACE
//
// VSCODE is what test/install-vscode made, UNLITH the program, WORKSPACE a project that the tests may change.

import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const [vscode, unlith, workspace] = process.argv.slice(2).map((path) => resolve(path));
const extension = dirname(dirname(fileURLToPath(import.meta.url)));
const scratch = mkdtempSync(join(tmpdir(), "unlith-vscode-"));
const report = join(scratch, "report.jsonl");
const limit = Number(process.env.UNLITH_VSCODE_SECONDS ?? 240);
const running = [];

function run(program, args, env = {}) {
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"], detached: true });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (data) => (said = (said + data).slice(-8192)));
  }
  const one = { child, program, said: () => said };
  running.push(one);
  child.on("error", (error) => finish(`${program}: ${error.message}`));
  return one;
}

function freePort() {
  return new Promise((found) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => found(port));
    });
  });
}

function finish(failure) {
  for (const { child } of running) {
    try {
      process.kill(-child.pid, "SIGKILL");
    } catch {}
  }
  const lines = existsSync(report) ? readFileSync(report, "utf8").trim().split("\n").filter(Boolean) : [];
  let failed = 0;
  for (const { name, milliseconds, error, ...more } of lines.map((line) => JSON.parse(line))) {
    if (name === undefined) {
      if (more.applied !== undefined) console.log(JSON.stringify(more));
    } else {
      console.log(`${error === undefined ? "ok" : "FAILED"}  ${name} (${milliseconds} ms)${error === undefined ? "" : `\n${error}`}`);
      failed += error === undefined ? 0 : 1;
    }
  }
  if (failure !== undefined) {
    console.log(`FAILED  ${failure}`);
    for (const { program, said } of running) {
      console.log(`-- ${program}\n${said()}`);
    }
  }
  rmSync(scratch, { recursive: true, force: true });
  process.exit(failure !== undefined || failed > 0 ? 1 : 0);
}

const port = await freePort();
const authority = `127.0.0.1:${port}`;
const user = join(scratch, "server", "data");
mkdirSync(join(user, "Machine"), { recursive: true });
writeFileSync(join(user, "Machine", "settings.json"), JSON.stringify({ "unlith.path": unlith, "security.workspace.trust.enabled": false }));
writeFileSync(report, "");
run(process.execPath, [
  join(vscode, "vscode/out/server-main.js"),
  ...["--host", "127.0.0.1", "--port", String(port)],
  ...["--without-connection-token", "--accept-server-license-terms"],
  ...["--server-data-dir", join(scratch, "server"), "--telemetry-level", "off"],
], { UNLITH_TEST_REPORT: report });
for (let tries = 0; ; tries++) {
  try {
    await fetch(`http://${authority}/`);
    break;
  } catch (error) {
    if (tries === 100) finish(`no answer from the server of Visual Studio Code: ${error.message}`);
    await new Promise((next) => setTimeout(next, 200));
  }
}
const payload = [
  ["extensionDevelopmentPath", `vscode-remote://${authority}${extension}`],
  ["extensionTestsPath", `vscode-remote://${authority}${join(extension, "test/suite.cjs")}`],
];
const page = `http://${authority}/?${new URLSearchParams({ folder: workspace, payload: JSON.stringify(payload) })}`;
run(process.env.CHROMIUM ?? "chromium", [
  ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--remote-debugging-port=0"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
  ...[`--user-data-dir=${join(scratch, "browser")}`, "--window-size=1400,1000", page],
]);
setTimeout(() => finish(`not done after ${limit} s`), limit * 1000);
watch(report, () => {
  if (readFileSync(report, "utf8").includes('"done"')) finish();
});
