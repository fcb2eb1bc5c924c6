import { stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { CloudWatchClient, PutMetricDataCommand, SetAlarmStateCommand } from "@aws-sdk/client-cloudwatch";
import { emulated } from "../../sandbox/aws/emulated";
import { startFleet } from "../../sandbox/demo/ops-view/fleet";
import { alarmName, ENVIRONMENT_NAME, PROFILE_NAME } from "../../src/aws/names";
import { AppConfigStore, appConfigClient } from "../../src/flags/appConfigStore";
import { flagDocument } from "../../src/flags/document";
import { findFlagStore } from "../../src/flags/find";
import type { Flags } from "../../src/flags/flags";
import { functionFile, MAX_BYTES } from "../../src/lambda/functions";
import { Ground, READ, type TestRollout, WRITE } from "../engine/harness";
import { type Figure, median, seconds } from "./figure";

const ROUNDS = 50;
/** 1.3 × the median before stops were recorded. */
const MEDIAN_MS = 260;
const WORST_MS = 1_000;
const GIVE_UP_MS = 30_000;
/** How often the server asks for its flags, as in a rehearsal. A breach comes at any moment of that. */
const POLL_MS = 250;

const ROLLOUT = "bench-abort";
/** The row of stage B that watches for server errors on writes. */
const ROW = "XB1";
const METRIC = { namespace: "OpsView", name: "Write5xx" };

/**
 * From the data point that breaches to the flags that a server serves, over alarm, topic, Lambda and AppConfig as the
 * stage itself declares them. The flags are raised anew for each round, past Pulumi.
 */
export async function benchAbort(say: (line: string) => void): Promise<Figure[]> {
  const ground = await Ground.open();
  try {
    const rollout = await ground.rollout(ROLLOUT, { abortSwitch: true });
    await rollout.bringUp("baseline", "stageA", "stageB");
    const bench = await openBench(rollout);
    const took: number[] = [];
    for (let round = 0; round <= ROUNDS; round++) {
      const { servedMs: ms } = await bench.round();
      say(`${round === 0 ? "warming up" : `round ${round}`}: ${Math.round(ms)} ms`);
      if (round > 0) took.push(ms);
    }
    bench.close();
    const what = `from the breaching data point to flags off as served, ${ROUNDS} aborts`;
    const [middle, worst] = [median(took), Math.max(...took)];
    const { size: bytes } = await stat(await functionFile("abortSwitch"));
    return [
      {
        what: `${what}: median`,
        shown: `${Math.round(middle)} ms (the server asks every ${POLL_MS} ms)`,
        limit: `≤ ${MEDIAN_MS} ms`,
        ok: middle <= MEDIAN_MS,
      },
      {
        what: `${what}: worst`,
        shown: `${Math.round(worst)} ms`,
        limit: `≤ ${seconds(WORST_MS)}`,
        ok: worst <= WORST_MS,
      },
      {
        what: "the abort switch's bundle",
        shown: `${(bytes / 1e6).toFixed(2)} MB`,
        limit: `≤ ${MAX_BYTES / 1e6} MB`,
        ok: bytes <= MAX_BYTES,
      },
    ];
  } finally {
    await ground.close();
  }
}

/** What one round took, in ms from the breach. */
interface Round {
  /** Until the server that asks AppConfig serves them. */
  readonly servedMs: number;
  /** Until `followed` has come. */
  readonly followedMs: number;
}

/**
 * A stage whose flags are raised anew for each round, past Pulumi, and taken down by its own alarm.
 *
 * @param followed comes once whoever else follows has these flags. Default: nobody does
 */
export async function openBench(
  { ground, name: ROLLOUT }: Pick<TestRollout, "ground" | "name">,
  followed: (flags: Flags) => Promise<unknown> = async () => {},
) {
  const { sandbox } = ground;
  const [appconfig, cloudwatch] = [
    appConfigClient(sandbox.aws.region),
    new CloudWatchClient(emulated(sandbox.aws)),
  ];
  const store = new AppConfigStore(appconfig, await findFlagStore(appconfig, ROLLOUT));
  const fleet = await startFleet({
    count: 1,
    sandbox,
    tokens: { analyst: "a", verifier: "v", admin: "m" },
    flags: { application: ROLLOUT, environment: ENVIRONMENT_NAME, profile: PROFILE_NAME },
    // The emulator looks at alarms whenever any metric comes: only the bench's own may.
    settings: { FLAGS_POLL_MS: String(POLL_MS), METRICS_INTERVAL_MS: String(86_400_000) },
  });
  const url = `${fleet.urls[0]}/api/v2.5/feature-flags`;

  async function served(flags: Flags): Promise<void> {
    for (const ends = performance.now() + GIVE_UP_MS; performance.now() < ends; await sleep(5)) {
      const answer = (await (await fetch(url)).json()) as { data: { flags: Flags } };
      if (Object.entries(flags).every(([flag, value]) => answer.data.flags[flag] === value)) return;
    }
    throw new Error(`the server does not serve ${flagDocument(flags)} after ${GIVE_UP_MS} ms`);
  }

  async function raise(attempt: number): Promise<void> {
    const { newest } = await store.read();
    const note = { cutover: 1, rollout: ROLLOUT, kind: "promote", stage: "stageB", attempt } as const;
    const result = await store.deploy(flagDocument(WRITE), note, newest);
    if (result.kind !== "started") throw new Error(`the flags were not raised: ${result.kind}`);
    await Promise.all([served(WRITE), followed(WRITE)]);
    // By itself the alarm is quiet once its period is over, 10 s later.
    const AlarmName = alarmName(ROLLOUT, "stageB", ROW);
    await cloudwatch.send(
      new SetAlarmStateCommand({ AlarmName, StateValue: "OK", StateReason: "the next round of the bench" }),
    );
  }

  let rounds = 0;
  return {
    /** Raises the flags, breaches, and waits until everybody has them lowered. */
    async round(): Promise<Round> {
      rounds++;
      await raise(rounds);
      await sleep(Math.random() * POLL_MS);
      const started = performance.now();
      await cloudwatch.send(
        new PutMetricDataCommand({
          Namespace: METRIC.namespace,
          MetricData: [{ MetricName: METRIC.name, Value: 1, StorageResolution: 1 }],
        }),
      );
      const took = async (work: Promise<unknown>) => {
        await work;
        return performance.now() - started;
      };
      const [servedMs, followedMs] = await Promise.all([took(served(READ)), took(followed(READ))]);
      return { servedMs, followedMs };
    },
    close(): void {
      appconfig.destroy();
      cloudwatch.destroy();
    },
  };
}
