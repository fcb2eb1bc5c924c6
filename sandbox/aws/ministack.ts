import { randomUUID } from "node:crypto";
import { readdirSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Progress } from "../../src/text/progress";
import { isAtLeast } from "../engine/decide";
import { SetupError } from "../host/errors";
import { freePort, LOOPBACK, onFreePort, type Place, PortTakenError } from "../host/ports";
import { endOfLog, type Processes, type Service, tail, tailOf } from "../host/processes";
import { Venv } from "../host/venv";
import { isFront, startFront } from "./front/start";

const REQUIREMENTS = join(__dirname, "requirements.txt");
const START_MS = 30_000;
const MINIMUM_PYTHON = "3.10";

export interface MiniStack {
  /** The front's address: everything in the sandbox reaches AWS there. */
  readonly endpoint: string;
  /** The emulator behind it. */
  readonly service: Service;
  /** The folder of AWS's models, by which the front holds requests. */
  readonly models: string;
  /** Forgets everything that was created. */
  reset(): Promise<void>;
}

interface Around extends Place {
  readonly progress: Progress;
}

/** Starts the AWS emulator, and the front before it, on loopback ports, after installing it where that has not been done yet. */
export async function startMiniStack(around: Around): Promise<MiniStack> {
  const venv = await install(around);
  return around.progress.step("Starting MiniStack", () =>
    onFreePort((port) => start(venv, port, around), around.choosePort),
  );
}

async function start(venv: string, port: number, around: Around): Promise<MiniStack> {
  // An emulator that verifies signatures is reached past the front, which has no key to sign its calls with.
  if (around.env.AUTH === "true") return startAlone(venv, port, around);
  const frontPort = await freePort();
  const endpoint = `http://${LOOPBACK}:${frontPort}`;
  const started: Service[] = [];
  try {
    const token = randomUUID();
    const upstream = `http://${LOOPBACK}:${port}`;
    const spawned = [
      spawnEmulator(venv, port, endpoint, token, around),
      startFront(around, { port: frontPort, upstream, token, models: modelsIn(venv) }),
    ] as const;
    for (const each of await Promise.allSettled(spawned)) {
      if (each.status === "fulfilled") started.push(each.value);
    }
    const [service, front] = await Promise.all(spawned);
    await answers(service, port, () => getHealth(upstream, token));
    await answers(front, frontPort, () => isFront(frontPort, token));
    return { endpoint, service, models: modelsIn(venv), reset: () => reset(endpoint) };
  } catch (error) {
    await Promise.all(started.map((each) => each.stop()));
    throw error;
  }
}

async function startAlone(venv: string, port: number, around: Around): Promise<MiniStack> {
  const endpoint = `http://${LOOPBACK}:${port}`;
  const edition = randomUUID();
  const service = await spawnEmulator(venv, port, endpoint, edition, around);
  await answers(service, port, () => getHealth(endpoint, edition));
  return { endpoint, service, models: modelsIn(venv), reset: () => reset(endpoint) };
}

/** @param endpoint where the emulator's functions reach AWS */
async function spawnEmulator(
  venv: string,
  port: number,
  endpoint: string,
  edition: string,
  { env, processes, dir }: Around,
): Promise<Service> {
  const temp = join(dir, "ministack");
  await mkdir(temp, { recursive: true });
  const { AWS_PROFILE: _profile, ...inherited } = env;
  return processes.spawn(`ministack-${port}`, join(venv, "bin", "ministack"), [], {
    cwd: temp,
    env: {
      ...inherited,
      GATEWAY_PORT: String(port),
      // It would listen on every interface otherwise.
      BIND_HOST: LOOPBACK,
      AWS_ENDPOINT_URL: endpoint,
      IOT_MTLS_ENABLED: "0",
      SFTP_ENABLED: "0",
      // Someone else's emulator may answer on this port where ours could not bind it. The edition is the one
      // thing in the health report that the starter can choose.
      MINISTACK_EDITION: edition,
      // Its pid file, unpacked functions and the like go with the sandbox.
      TMPDIR: temp,
      PYTHONDONTWRITEBYTECODE: "1",
    },
  });
}

/** Waits until a service answers as ours; undefined means that nobody answers yet. */
async function answers(
  service: Service,
  port: number,
  isOurs: () => Promise<boolean | undefined>,
): Promise<void> {
  for (let waited = 0; waited < START_MS; waited += 50) {
    const ours = await isOurs();
    if (ours === true) return;
    const taken = ours === false || /already in use|EADDRINUSE/i.test(tail(service.log));
    if (taken || !service.running) {
      await service.stop();
      if (taken || /already in use|EADDRINUSE/i.test(tail(service.log))) throw new PortTakenError(port);
      break;
    }
    await sleep(50);
  }
  await service.stop();
  throw new SetupError(`${service.name} did not start. ${endOfLog(service.log)}`);
}

/** Whether the emulator of this edition answers; undefined where nobody does. */
async function getHealth(endpoint: string, edition: string): Promise<boolean | undefined> {
  try {
    const response = await fetch(`${endpoint}/_ministack/health`, { signal: AbortSignal.timeout(2_000) });
    // Whoever answers something else than health has our port.
    const health = (await response.json().catch(() => ({}))) as { edition?: unknown };
    return health.edition === edition;
  } catch {
    return undefined;
  }
}

async function reset(endpoint: string): Promise<void> {
  const response = await fetch(`${endpoint}/_ministack/reset`, {
    method: "POST",
    signal: AbortSignal.timeout(30_000),
  });
  if (!response.ok) throw new Error(`MiniStack refused to reset: ${response.status}`);
}

/** Where the emulator is, installed where that has not been done yet. */
async function install({ env, processes, progress }: Around): Promise<string> {
  const python = await findPython(env, processes);
  const venv = new Venv("ministack", REQUIREMENTS, python.executable);
  if (venv.installed) return venv.folder;
  return progress.step("Installing the AWS emulator (MiniStack)", () =>
    venv.install(async (what, command, args) => {
      const result = await processes.run(command, args, { env: { ...env, PIP_REQUIRE_VIRTUALENV: "" } });
      if (result.code === 0) return;
      throw new SetupError(`${what} failed:\n${tailOf(result.stderr || result.stdout, 10)}`);
    }),
  );
}

/** AWS's own models of its services: botocore has them, and the emulator needs botocore. */
function modelsIn(venv: string): string {
  const lib = join(venv, "lib");
  const python = readdirSync(lib).find((name) => name.startsWith("python")) ?? "";
  return join(lib, python, "site-packages", "botocore", "data");
}

async function findPython(
  env: Readonly<Record<string, string>>,
  processes: Processes,
): Promise<{ executable: string }> {
  const script =
    "import json, sys; print(json.dumps({'executable': sys.executable, 'version': sys.version_info[:2]}))";
  const seen: string[] = [];
  for (const command of ["python3", "python"]) {
    const result = await processes.run(command, ["-c", script], { env }).catch(() => undefined);
    if (result?.code !== 0) continue;
    const { executable, version } = JSON.parse(result.stdout) as { executable: string; version: number[] };
    if (isAtLeast(version.join("."), MINIMUM_PYTHON)) return { executable };
    seen.push(`${command} is ${version.join(".")}`);
  }
  const found = seen.length === 0 ? "none was found" : seen.join(", ");
  throw new SetupError(
    `The AWS emulator needs Python ${MINIMUM_PYTHON} or later as python3 on PATH: ${found}.`,
  );
}
