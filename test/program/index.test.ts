import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import main from "../../index";
import { identify } from "../../src/aws/caller";
import { AppConfigStore, withAppConfig } from "../../src/flags/appConfigStore";
import type { Ledger } from "../../src/flags/ledger";
import { ledgerReader } from "../../src/flags/readLedger";
import { completionOf } from "../../src/messages/flip";
import { parseRollout } from "../../src/rollout/parse";
import { definitionsOf } from "../../src/rollout/strength/definitions";
import { UserError } from "../../src/text/problem";
import { awsOutputs } from "../components/aws";
import { type Declared, declare, type State } from "../components/engine";
import { STACK_FILES } from "./stackFiles";

// The SDK reads the project's folder from the environment when it is loaded.
const folder = vi.hoisted(() => {
  const path = `${process.env.TMPDIR ?? "/tmp"}/cutover-program-${process.pid}-${Date.now()}`;
  process.env.PULUMI_NODEJS_ROOT_DIRECTORY = path;
  return path;
});
vi.mock("../../src/aws/caller");
vi.mock("../../src/flags/readLedger");
vi.mock("../../src/flags/appConfigStore");

const read = vi.fn<() => Promise<Ledger>>();
const redeploy = vi.fn<AppConfigStore["redeploy"]>();
vi.mock("../../src/messages/flip");
// The alarms of the stage itself are judged by tests of their own.
vi.mock("../../src/promotion/readiness");
vi.mock("../../src/promotion/guards", () => ({
  unarmedNow: async () => [],
  unarmedAfter: async () => [],
  requireArmed: () => {},
}));

const HOUR = 3_600_000;
const CALLER = "arn:aws:sts::123456789012:assumed-role/promoter/run-1";
/** As whom the provider calls. */
let provider = CALLER;
const OUTPUTS = {
  applicationId: "app1",
  environmentId: "env1",
  profileId: "prof1",
  strategyId: "strategy1",
  topics: { onCall: "arn:on-call", ops: "arn:ops", stakeholders: "arn:stakeholders" },
};

/** What the small rollout is held to. */
const HELD_TO = definitionsOf(rolloutOf(STACK_FILES));

function rolloutOf(files: Readonly<Record<string, string>>) {
  const parsed = parseRollout(
    Object.entries(files).map(([file, text]) => ({ stack: file.split(".")[1] ?? "", file, text })),
    "folder",
  );
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.rollout;
}

beforeEach(() => {
  writeStacks(STACK_FILES);
  vi.mocked(ledgerReader).mockReturnValue(read);
  vi.mocked(withAppConfig).mockImplementation((_, ask) => ask({} as never));
  vi.mocked(AppConfigStore).mockImplementation(
    class {
      document = async () => '{"READ":true}';
      redeploy = redeploy;
    } as unknown as typeof AppConfigStore,
  );
  redeploy.mockImplementation(async (version) => {
    read.mockResolvedValue(live("stageA", { READ: true }, 0));
    return { kind: "started", deployment: 1, version };
  });
  vi.mocked(completionOf).mockResolvedValue("2026-11-21T12:31:00.000Z");
  vi.mocked(identify).mockResolvedValue(CALLER);
  provider = CALLER;
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
  vi.resetAllMocks();
});

function writeStacks(files: Readonly<Record<string, string>>): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
}

/** The flags that `stage` put there are live since some hours. */
function live(stage: string, flags: Record<string, boolean>, hours: number): Ledger {
  const entry = {
    deployment: 1,
    state: "complete",
    completedAt: new Date(Date.now() - hours * HOUR).toISOString(),
    configurationVersion: "1",
    note: { cutover: 1, rollout: "ops-view", kind: "promote", stage, attempt: 1 },
  } as const;
  return { live: { ...entry, flags, undeclared: [], doors: {} }, history: [entry], newest: 1 };
}

interface Outcome extends Declared {
  readonly error: unknown;
}

/** Runs the program of one stack, where the baseline put out `outputs`. */
async function run(
  stack: string,
  config: Record<string, string> = { "aws:region": "eu-central-1" },
  outputs: State = OUTPUTS,
  fails = false,
  resources: Record<string, unknown> = {},
): Promise<Outcome> {
  let error: unknown;
  const declared = await declare(
    () =>
      main().catch((thrown: unknown) => {
        error = thrown;
        return {};
      }),
    (type, inputs) => {
      if (type === "pulumi:pulumi:readStackOutputs") return { outputs };
      if (type === "pulumi:pulumi:readStackResourceOutputs") return { outputs: resources };
      if (type === "aws:index/getCallerIdentity:getCallerIdentity") return { arn: provider };
      if (type === "aws:index/getRegion:getRegion") return { region: "eu-central-1" };
      if (type === "pulumi:index:Stash") return { output: inputs.input };
      const ids = { environmentId: "env1", configurationProfileId: "prof1", versionNumber: 1 };
      return { arn: "arn", ...ids, deploymentNumber: 2, ...awsOutputs(type, inputs) };
    },
    { stack, config, fails },
  );
  return { ...declared, error };
}

/** What a person reads. `RunError` is the one that the engine shows without a stack trace. */
function words({ error, labels }: Outcome): string {
  expect(pulumi.RunError.isInstance(error)).toBe(true);
  expect(labels).toEqual([]);
  return (error as Error).message;
}

describe("program and provider are one", () => {
  const ELSEWHERE = "arn:aws:sts::210987654321:assumed-role/promoter/run-1";

  test("a foundation of another account than the program's is not laid", async () => {
    provider = ELSEWHERE;
    const said = words(await run("baseline"));
    expect(said).toMatch(/asks account 123456789012, and the provider changes account 210987654321/);
  });

  test("a stage is not promoted where they are two", async () => {
    read.mockResolvedValue(live("baseline", { READ: false }, 2));
    provider = ELSEWHERE;
    const { refusals } = await run("stageA", undefined, OUTPUTS, true);
    expect(refusals["stageA-admit"]).toMatch(/asks account 123456789012, and the provider changes account/);
  });

  test("nor where the program cannot follow what the provider is configured with", async () => {
    read.mockResolvedValue(live("baseline", { READ: false }, 2));
    const config = { "aws:region": "eu-central-1", "aws:profil": "prod" };
    const { refusals } = await run("stageA", config, OUTPUTS, true);
    expect(refusals["stageA-admit"]).toMatch(/aws:profil: is no setting [\s\S]*aws:profile/);
  });

  test("nor where one of them does not say who it is", async () => {
    read.mockResolvedValue(live("baseline", { READ: false }, 2));
    const expired = Object.assign(new Error("The security token is expired"), { name: "ExpiredToken" });
    vi.mocked(identify).mockRejectedValue(expired);
    const { refusals } = await run("stageA", undefined, OUTPUTS, true);
    expect(refusals["stageA-admit"]).toMatch(
      /as whom the program asks AWS: AWS does not take the credentials/,
    );
  });

  test("what raises nothing is not stopped by it", async () => {
    read.mockResolvedValue(live("stageA", { READ: true }, 2));
    provider = ELSEWHERE;
    const { error, refusals } = await run("stageA");
    expect([error, refusals]).toEqual([undefined, {}]);
  });
});

test("the first stage's stack is the foundation", async () => {
  const { error, outputs, labels } = await run("baseline");
  expect(error).toBeUndefined();
  expect(labels).toContain("Foundation ops-view");
  expect(labels.filter((label) => label.startsWith("Stage "))).toEqual([]);
  expect(Object.keys(outputs).sort()).toEqual([
    "applicationId",
    "environmentId",
    "gateLogin",
    "profileId",
    "strategyId",
    "topics",
  ]);
  expect(ledgerReader).not.toHaveBeenCalled();
});

describe("a stage's stack", () => {
  test("asks for a promotion, with what was measured for it", async () => {
    read.mockResolvedValue(live("baseline", { READ: false }, 2));
    const { error, one, refusals, outputs } = await run("stageA");
    expect(error).toBeUndefined();
    expect(refusals).toEqual({});
    const stage = one("Stage stageA");
    expect(stage.ignoreChanges).toEqual([]);
    expect(stage.inputs.promotion).toMatchObject({
      plan: { kind: "raise", from: { READ: false }, to: { READ: true }, liveDeployment: 1 },
      gates: [{ id: "A2", phase: "entry" }],
      evidence: { observations: [{ gate: "A2", seen: { kind: "occupancy", stage: "baseline" } }] },
      timeScale: 1,
    });
    expect(outputs).toMatchObject({ stage: "stageA", attempt: 1, flags: { READ: true } });
  });

  test("is stopped by its own hooks where a gate fails, also without any policy pack", async () => {
    read.mockResolvedValue(live("baseline", { READ: false }, 0.5));
    const { error, refusals } = await run("stageA", undefined, OUTPUTS, true);
    expect(error).toBeUndefined();
    expect(Object.keys(refusals)).toEqual(["stageA-admit", "stageA-flip"]);
    for (const refusal of Object.values(refusals)) {
      expect(refusal).toContain("ops-view stageA, attempt 1, is not promoted: 0 of 1 gate passes");
      expect(refusal).toMatch(/A2 .*FAIL/);
      expect(refusal).toContain("Earliest promotion: ");
    }
  });

  test("writes down what it is held to", async () => {
    read.mockResolvedValue(live("baseline", { READ: false }, 2));
    const { outputs } = await run("stageA");
    expect(outputs.heldTo).toEqual({ definitions: HELD_TO, weakened: [] });
  });

  test("is stopped where it is held to less than its stack wrote down, also without any policy pack", async () => {
    read.mockResolvedValue(live("baseline", { READ: false }, 2));
    const before = structuredClone(HELD_TO);
    for (const { rows } of before.stages) if (rows.entry.A2) rows.entry.A2.atLeast = "2h";
    const outputs = { ...OUTPUTS, heldTo: { definitions: before, weakened: [] } };
    const { refusals, one } = await run("stageA", undefined, outputs, true);
    expect(Object.keys(refusals)).toEqual(["stageA-admit", "stageA-flip"]);
    for (const refusal of Object.values(refusals))
      expect(refusal).toContain(
        "A2: A2 demands 1 h, was 2 h: weaker than at the last flip of this stage. Undo it, or say why under weakened: { A2: { reason: … } } in cutover:stage",
      );
    expect(one("Stage stageA").inputs.promotion).toMatchObject({ strength: { now: HELD_TO } });
    expect(redeploy).not.toHaveBeenCalled();
  });

  test("raises nothing where what its stack wrote down cannot be read, and is not stopped where it raises nothing", async () => {
    const outputs = { ...OUTPUTS, heldTo: { definitions: { version: 2 }, weakened: [] } };
    read.mockResolvedValue(live("baseline", { READ: false }, 2));
    const refused = await run("stageA", undefined, outputs);
    expect(words(refused)).toContain("stack stageA: its output heldTo cannot be read");
    read.mockResolvedValue(live("stageA", { READ: true }, 2));
    expect((await run("stageA", undefined, outputs)).error).toBeUndefined();
  });

  describe("beside the record of another attempt", () => {
    const before = {
      attempt: 2,
      atFlip: null,
      settlement: { outcome: "aborted", by: "XA1", sentence: "XA1", verdicts: [] },
    };
    const held = (output: unknown) => ({
      "urn:pulumi:stageA::ops-view::cutover:index:Stage$pulumi:index:Stash::stageA-record": {
        type: "pulumi:index:Stash",
        outputs: { input: {}, output },
      },
    });

    test("carries it on in its own", async () => {
      read.mockResolvedValue(live("baseline", { READ: false }, 2));
      const { error, one } = await run("stageA", undefined, OUTPUTS, false, held(before));
      expect(error).toBeUndefined();
      expect(one("Stash stageA-record").inputs.input).toMatchObject({
        attempt: 1,
        others: [before],
      });
    });

    test("raises nothing where that cannot be read, and is not stopped where it raises nothing", async () => {
      read.mockResolvedValue(live("baseline", { READ: false }, 2));
      const refused = await run("stageA", undefined, OUTPUTS, false, held("a text"));
      expect(words(refused)).toContain("stack stageA: its state cannot be read");
      read.mockResolvedValue(live("stageA", { READ: true }, 2));
      expect((await run("stageA", undefined, OUTPUTS, false, held("a text"))).error).toBeUndefined();
    });
  });

  test("promotes nothing that is live already", async () => {
    read.mockResolvedValue(live("stageA", { READ: true }, 2));
    const { error, one } = await run("stageA");
    expect(error).toBeUndefined();
    expect(one("Stage stageA").inputs).not.toHaveProperty("promotion");
    expect(one("Stage stageA").ignoreChanges).toEqual(["promotion"]);
  });

  test("is refused a last look where the flags have changed since the plan", async () => {
    read
      .mockResolvedValueOnce(live("baseline", { READ: false }, 2))
      .mockResolvedValue(live("stageA", { READ: true }, 0));
    const { refusals } = await run("stageA", undefined, OUTPUTS, true);
    expect(Object.keys(refusals)).toEqual(["stageA-flip"]);
    expect(refusals["stageA-flip"]).toContain("promoted by someone else meanwhile");
  });
});

describe("what a person has to mend is told in words, and nothing is declared", () => {
  test("no region", async () => {
    vi.stubEnv("AWS_REGION", "");
    vi.stubEnv("AWS_DEFAULT_REGION", "");
    expect(words(await run("baseline", {}))).toContain("No AWS region is set");
    vi.unstubAllEnvs();
  });

  test("scaled time on a real account", async () => {
    vi.stubEnv("AWS_ENDPOINT_URL", "");
    const config = { "aws:region": "eu-central-1", "cutover:timeScale": "60" };
    expect(words(await run("stageA", config))).toContain("Scaled time is for the sandbox only");
    vi.unstubAllEnvs();
  });

  test("no stack files", async () => {
    writeStacks({});
    expect(words(await run("baseline"))).toContain("no stack declares cutover:rollout");
  });

  test("every mistake in the stack files at once", async () => {
    writeStacks({
      "Pulumi.baseline.yaml": STACK_FILES["Pulumi.baseline.yaml"]?.replace("boolean", "bool") ?? "",
      "Pulumi.stageA.yaml": STACK_FILES["Pulumi.stageA.yaml"]?.replace("24h", "24 hours") ?? "",
    });
    const message = words(await run("stageA"));
    expect(message).toContain("2 problems");
    expect(message).toContain("Pulumi.baseline.yaml:6 cutover:rollout.flags.READ.kind");
    expect(message).toContain("Pulumi.stageA.yaml:6 cutover:stage.soak");
  });

  test("a stack that is no stage", async () => {
    const message = words(await run("stageC"));
    expect(message).toContain("The stack stageC is no stage of ops-view");
    expect(message).toContain("Pulumi.stageC.yaml: has no cutover:stage");
    expect(message).toContain("Known stages: baseline, stageA");
  });

  test("a baseline that is not up", async () => {
    expect(words(await run("stageA", undefined, {}))).toContain("Run pulumi up -s baseline first");
    expect(ledgerReader).not.toHaveBeenCalled();
  });

  test("a ledger that cannot be read", async () => {
    read.mockRejectedValue(new UserError("The live flags cannot be read from AppConfig"));
    expect(words(await run("stageA"))).toBe("The live flags cannot be read from AppConfig");
  });
});

test("a bug keeps its stack trace", async () => {
  const bug = new TypeError("undefined is not a function");
  read.mockRejectedValue(bug);
  expect((await run("stageA")).error).toBe(bug);
});
