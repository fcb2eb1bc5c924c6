import { setTimeout as sleep } from "node:timers/promises";
import { CloudWatchClient, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import pLimit from "p-limit";
import { emulated } from "../../sandbox/aws/emulated";
import { together } from "../../sandbox/host/together";
import { fetchedAgo } from "../../sandbox/standin/signals/send";
import { loadRollout } from "../../src/rollout/load";
import { short } from "../../src/text/command";
import { EXIT } from "../exit";
import { type CommandResult, runCutover } from "./command";
import { keepLog, redactIn } from "./engineLog";
import { untilSo } from "./pace";
import { checkStep, doStep, type Stage, upStep, wrongFlags } from "./steps";
import type { ServedFlags } from "./world";

/** So long AppConfig keeps what was fetched from being deleted, in ms, where the account does not say otherwise. */
const PROTECTION_MS = 3_600_000;

/** How a rollout that went well ends. */
export interface Ending {
  readonly rollout: string;
  /** The stages' stacks, the last one first, and then the foundation's. */
  readonly stacks: readonly [string, ...string[]];
  readonly foundation: string;
  /** The flags that stay, for good. */
  readonly flags: ServedFlags;
  /** The message that goes out with the finish, where there is one, and to how many topics. */
  readonly message?: { readonly row: string; readonly topics: number };
}

/** Does the same to several stacks of what is finished, two at a time: none of them waits for another. */
async function eachOf(stacks: readonly string[], work: (stack: string) => Promise<unknown>): Promise<void> {
  const limit = pLimit({ concurrency: 2, rejectOnClear: true });
  await together(
    stacks.map((stack) => limit(work, stack)),
    async () => limit.clearQueue(),
  );
}

/** What the finish of a rollout is asked with. */
const REASON = "every exit criterion holds";

const said = ({ code, stdout, stderr }: CommandResult) =>
  `it ended with ${code}: ${[stdout.trim(), stderr.trim()].filter((text) => text !== "").join("\n")}`;

/** `cutover finish` before its time: refused, and nobody reads that all is done. */
export function earlyFinishStep(stage: Stage, ending: Ending, why: string): Promise<void> {
  return checkStep(
    stage,
    `cutover finish, ${why}: refused${ending.message ? `, and ${ending.message.row} is not sent` : ""}`,
    async () => {
      const result = await runCutover(stage.world, ["finish", "--reason", REASON]);
      if (result.code !== EXIT.blocked) return said(result);
      return sentTo(stage, ending) === 0 ? undefined : `${ending.message?.row} was sent`;
    },
  );
}

/** The finish itself: the message about it goes out. */
export async function finishStep(stage: Stage, ending: Ending): Promise<void> {
  const { world } = stage;
  const { message } = ending;
  await checkStep(
    stage,
    `cutover finish, with every exit gate passing${message ? `: ${message.row} goes out` : ""}`,
    async () => {
      const result = await runCutover(world, ["finish", "--reason", REASON]);
      if (result.code !== EXIT.ok) return said(result);
      const told = await untilSo(
        async () => sentTo(stage, ending) >= (message?.topics ?? 0) || undefined,
        world.sandbox.closing,
      );
      return told
        ? undefined
        : `${message?.row} reached ${sentTo(stage, ending)} of ${message?.topics} topics`;
    },
  );
}

/**
 * What a finish leaves, and what is refused from then on.
 *
 * @param stacks those that are brought up once more, so that what guarded them goes: the last stage's, or all
 */
export async function finishedSteps(
  stage: Stage,
  ending: Ending,
  stacks: readonly [string, ...string[]],
): Promise<void> {
  const { world } = stage;
  const { flags, message } = ending;
  const all = stacks.length === ending.stacks.length;
  await checkStep(stage, "finished once more: it says so, and nobody hears of it again", async () => {
    const result = await runCutover(world, ["finish", "--reason", REASON]);
    if (result.code !== EXIT.ok || !/finished/.test(result.stdout)) return said(result);
    return sentTo(stage, ending) === (message?.topics ?? 0) ? undefined : `${message?.row} was sent again`;
  });
  await checkStep(
    stage,
    "cutover abort of what is finished: refused without --reopen, and no flag changes",
    async () => {
      const result = await runCutover(world, ["abort", "-s", stacks[0], "--reason", "by mistake"]);
      const odd = wrongFlags(flags, (await world.servedFlags())[0] ?? {});
      if (result.code === EXIT.ok) return said(result);
      return odd.length > 0 ? odd.join(", ") : undefined;
    },
  );
  const heard = world.webhook.delivered.length;
  await eachOf(stacks, (stack) =>
    upStep(stage, {
      name: `${stack}, finished: its alarms, function and messages go, its flags stay`,
      stack,
      expected: "updated",
      flags,
    }),
  );
  if (all)
    await upStep(stage, {
      name: `${stacks[0]}, finished, once more`,
      stack: stacks[0],
      expected: "unchanged",
      flags,
    });
  // The foundation's stay until it is retired: they watch what people are told by.
  const prefixes = stacks.map((stack) => `${ending.rollout}-${stack}-`);
  await checkStep(
    stage,
    `no alarm of ${all ? "any stage" : stacks.join(", ")} is left, and nobody was paged or told of an incident`,
    async () => {
      // What would be delivered is by then.
      await sleep(1_000, undefined, { signal: world.sandbox.closing });
      const left = (await Promise.all(prefixes.map((prefix) => alarmsOf(stage, prefix)))).flat();
      if (left.length > 0) return `there is still ${left.join(", ")}`;
      const odd = world.webhook.delivered.slice(heard).map(({ topic, subject }) => `${topic}: ${subject}`);
      return odd.length > 0 ? `people got ${odd.join("; ")}` : undefined;
    },
  );
}

/** Takes away what is left: the stages' stacks, then, once no server asks for flags any more, the foundation. */
export async function retireSteps(
  stage: Stage,
  { stacks, foundation, flags }: Ending,
  inCode: () => Promise<void>,
): Promise<void> {
  const { world } = stage;
  const { folder } = world.project;
  // Nobody can ask servers that a rollout does not name: a person says that they are done.
  const { servers } = loadRollout(folder);
  const done = servers ? [] : ["--servers-done", "the flags are in their code"];
  const pulumi = async (...args: string[]) => {
    const result = await world.sandbox.pulumi([...args, "--non-interactive"], {
      cwd: folder,
      signal: world.sandbox.closing,
    });
    if (result.code === 0) return undefined;
    const output = `${result.stdout}\n${result.stderr}`;
    const errors = output.split("\n").filter((line) => /^\s*error: /.test(line));
    const redact = redactIn(world);
    return [
      `it ended with ${result.code}`,
      ...errors.map((line) => redact(line.trim())),
      ...(await keepLog(stage, output)),
    ].join("\n");
  };
  await eachOf(stacks, (stack) =>
    checkStep(stage, `${short.ofStack("destroy", stack)}: nothing keeps it any more`, async () => {
      const failed = await pulumi("destroy", "--yes", "--skip-preview", "-s", stack);
      const odd = wrongFlags(flags, (await world.servedFlags())[0] ?? {});
      return failed ?? (odd.length > 0 ? odd.join(", ") : undefined);
    }),
  );
  await checkStep(
    stage,
    "cutover retire, while servers read their flags from AppConfig: refused",
    async () => {
      const result = await runCutover(world, ["retire", "--yes"]);
      const asked = servers ? world.fleet.urls : [];
      const listed = asked.filter((url) => result.stdout.includes(new URL(url).host));
      if (result.code === EXIT.ok || listed.length < asked.length) return said(result);
      return undefined;
    },
  );
  await doStep(
    stage,
    "the servers are deployed with these flags in their code, and an hour passes",
    async () => {
      await inCode();
      await fetchedAgo(world.sandbox.aws, PROTECTION_MS);
    },
  );
  await checkStep(
    stage,
    `cutover retire: ${foundation} is taken away, and the flags are what they are`,
    async () => {
      const result = await runCutover(world, ["retire", "--yes", ...done]);
      if (result.code !== EXIT.ok) return said(result);
      // Where no server tells them, they were told by what was taken away.
      if (!servers) return undefined;
      // A server may tell its flags no more once they are code.
      const odd = (await world.servedFlags()).flatMap((served) => wrongFlags(flags, served));
      return odd.length > 0 ? odd.join(", ") : undefined;
    },
  );
}

function sentTo({ world }: Stage, { message }: Ending): number {
  if (!message) return 0;
  const { row } = message;
  return world.webhook.delivered.filter(({ subject }) => subject?.includes(` ${row}: `)).length;
}

async function alarmsOf({ world }: Stage, AlarmNamePrefix: string): Promise<string[]> {
  const client = new CloudWatchClient(emulated(world.sandbox.aws));
  try {
    const { MetricAlarms = [], CompositeAlarms = [] } = await client.send(
      new DescribeAlarmsCommand({ AlarmNamePrefix, AlarmTypes: ["MetricAlarm", "CompositeAlarm"] }),
    );
    return [...MetricAlarms, ...CompositeAlarms].map(({ AlarmName = "" }) => AlarmName);
  } finally {
    client.destroy();
  }
}
