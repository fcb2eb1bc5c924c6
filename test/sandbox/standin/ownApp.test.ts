import { expect, it, onTestFinished } from "vitest";
import { startOwnApp } from "../../../sandbox/standin/ownApp";
import { environment, isAlive, processesIn, temporaryFolder, until } from "../support";

const SERVES = "require('http').createServer((_, answer) => answer.end('so')).listen(process.env.PORT)";

/** An app of one server, in a sandbox that is no more than its processes. */
function starting(command: readonly [string, ...string[]], patienceMs?: number) {
  const dir = temporaryFolder();
  const processes = processesIn(dir);
  const closing = new AbortController();
  const started = startOwnApp({
    sandbox: {
      dir,
      env: environment(),
      postgres: {
        host: "127.0.0.1",
        port: 1,
        database: "shop",
        user: "me",
        password: "p",
        admin: { user: "admin", password: "p" },
        ssl: { ca: "" },
        caFile: "",
      },
      aws: { endpoint: "http://127.0.0.1:1", region: "us-east-1" },
      closing: closing.signal,
      spawn: (name, program, args, options) => processes.spawn(name, program, args, { env: {}, ...options }),
    },
    app: { command, env: {}, servers: 1, ready: "/flags" },
    folder: dir,
    flags: { application: "search", environment: "live", profile: "flags" },
    tokens: {},
    ...(patienceMs === undefined ? {} : { patienceMs }),
  });
  return { dir, processes, closing, started };
}

/** One that serves. */
async function serving(code = SERVES) {
  const { started, ...rest } = starting([process.execPath, "-e", code]);
  const app = await started;
  onTestFinished(() => app.stop());
  const [{ pid = 0 } = {}] = rest.processes.services;
  let told: string | undefined;
  void app.ended.then((why) => {
    told = why;
  });
  return { ...rest, app, pid, told: () => told };
}

it("a command that does not exist is told as such", async () => {
  await expect(starting(["no-such-program", "serve"]).started).rejects.toThrow(
    /^The app, no-such-program serve, does not start: cannot start no-such-program: there is no such program\.$/,
  );
});

it("one that ends at once is told of with what it said", async () => {
  await expect(starting(["sh", "-c", "echo no licence; exit 3"]).started).rejects.toThrow(
    /^The app, sh -c .*, ended by itself\. The end of its log:\nno licence$/,
  );
});

it("one that never answers is told of, and ended", async () => {
  const { processes, started } = starting(["sleep", "600"], 300);
  await expect(started).rejects.toThrow(
    /^The app, sleep 600, did not answer at \/flags on its PORT\. It printed nothing\.$/,
  );
  expect(processes.services).toEqual([]);
});

it("one that dies while it serves is told of with its exit code and what it said", async () => {
  const dies = "process.on('SIGUSR2', () => { console.log('out of memory'); process.exit(3); })";
  const { app, pid } = await serving(`${SERVES}; ${dies}`);
  process.kill(pid, "SIGUSR2");
  expect(await app.ended).toMatch(
    /^app-1 of the app, .*, ended by itself, with exit code 3\. The end of its log:\nout of memory$/,
  );
});

it("one that is killed by somebody else is told of, too", async () => {
  const { app, pid } = await serving();
  process.kill(pid, "SIGKILL");
  expect(await app.ended).toMatch(/ended by itself, by a signal\. It printed nothing\.$/);
});

it("what is ended on purpose is not told of: by a restart, by a stop, with the sandbox", async () => {
  const restarted = await serving();
  await restarted.app.restart();
  await until("the one before has ended", () => !isAlive(restarted.pid));
  await restarted.app.stop();
  const closed = await serving();
  closed.closing.abort();
  await closed.processes.stop();
  expect([restarted.told(), closed.told()]).toEqual([undefined, undefined]);
});
