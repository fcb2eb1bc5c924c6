import { stripVTControlCharacters } from "node:util";
import { runCutover } from "../command";
import { type Ending, earlyFinishStep, finishSteps, retireSteps } from "../ending";
import { holdStep } from "../hold";
import { untilSo } from "../pace";
import { sign } from "../sign";
import { checkStep, doStep } from "../steps";
import { untilQuiet } from "../world";
import { aloneStep } from "./blocked";
import { heard, type Walk } from "./promote";
import { keyOf, signOffsIn } from "./rows";
import type { Derived } from "./world";

/** How a rollout that went well ends, by its config. */
export function end({ act, proofs, attempts, mode }: Walk) {
  const { world } = act;
  const { stages, name: rollout } = world.rollout;
  const [first, ...others] = stages;
  const last = stages.at(-1) ?? first;
  const [letter] = Object.entries(last.messages).filter(([, { when }]) => when === "finish");
  const ending: Ending = {
    rollout,
    stacks: others.map(({ name }) => name).toReversed() as [string, ...string[]],
    foundation: first.name,
    flags: last.flags,
    ...(letter ? { message: { row: letter[0], topics: letter[1].to.length } } : {}),
  };
  return {
    async finish(): Promise<void> {
      await doStep(act, "every alarm is quiet", () => untilQuiet(world, rollout));
      const exit = proofs.rows.filter(({ stage, section }) => stage === last.name && section === "exit");
      // What nobody has signed yet blocks by itself; each of the others is made to.
      for (const row of exit.filter(({ byPerson }) => byPerson))
        if ((await saidBy(act, last.name, row.id)) === undefined)
          proofs.add(row.key, "blocked", "nobody has signed", 0);
      if (mode === "rows")
        for (const row of exit)
          await aloneStep(act, proofs, row, `${row.id} keeps ${last.name} by itself: ${row.title}`, () =>
            saidBy(act, last.name, row.id),
          );
      const signed = signOffsIn(last.exit);
      const attempt = attempts.get(last.name) ?? 1;
      if (signed.length > 0) {
        await earlyFinishStep(act, ending, `before ${signed.join(" and ")}`);
        await doStep(
          act,
          `${signed.join(", ")} ${signed.length === 1 ? "is" : "are"} signed off`,
          async () => {
            for (const gate of signed)
              await sign(world, last.name, { gate, statement: "Looked at, and in order", attempt });
          },
        );
      }
      await holdStep(act, last.name);
      if (mode === "rows") await messagesStep({ act, proofs });
      const started = Date.now();
      await finishSteps(act, ending);
      if (letter) proofs.add(keyOf(last.name, letter[0]), "sent", "the finish", Date.now() - started);
    },
    retire: (): Promise<void> => retireSteps(act, ending, () => world.inCode(ending.flags)),
  };
}

/** What `cutover check` says of a gate that passes; undefined where it does not pass. */
async function saidBy({ world }: Derived, stage: string, gate: string): Promise<string | undefined> {
  const { stdout, stderr } = await runCutover(world, ["check", "-s", stage]);
  const line = stripVTControlCharacters(stdout)
    .split("\n")
    .find((one) => one.split("│")[0]?.trim() === gate);
  if (line === undefined) return `cutover check does not tell of ${gate}: ${stderr.trim() || stdout.trim()}`;
  return /│\s*(FAIL|INCONCLUSIVE)/.test(line) ? undefined : line.trim();
}

/** What is sent by a schedule was sent by now, or is waited for. */
async function messagesStep({ act, proofs }: Pick<Walk, "act" | "proofs">): Promise<void> {
  const { closing } = act.world.sandbox;
  const { stages } = act.world.rollout;
  const timed = proofs.rows.filter(
    ({ section, stage, id }) =>
      section === "messages" &&
      typeof stages.find(({ name }) => name === stage)?.messages[id]?.when === "object",
  );
  if (timed.length === 0) return;
  await checkStep(act, `${timed.map(({ id }) => id).join(", ")} went out by schedule`, async () => {
    const started = Date.now();
    const missing = () => timed.filter(({ id }) => !heard(act, id)).map(({ id }) => id);
    await untilSo(async () => missing().length === 0 || undefined, closing);
    for (const { key, id } of timed)
      if (heard(act, id)) proofs.add(key, "sent", "its schedule", Date.now() - started);
    return missing().length === 0 ? undefined : `nobody was sent ${missing().join(", ")}`;
  });
}
