import { type Ending, earlyFinishStep, finishSteps, retireSteps } from "../ending";
import { holdStep } from "../hold";
import { sign } from "../sign";
import { doStep } from "../steps";
import { untilQuiet } from "../world";
import type { Walk } from "./promote";
import { keyOf, signOffsIn } from "./rows";

/** How a rollout that went well ends, by its config. */
export function end({ act, proofs, attempts }: Walk) {
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
      const started = Date.now();
      await finishSteps(act, ending);
      if (letter) proofs.add(keyOf(last.name, letter[0]), "sent", "the finish", Date.now() - started);
    },
    retire: (): Promise<void> => retireSteps(act, ending, () => world.inCode(ending.flags)),
  };
}
