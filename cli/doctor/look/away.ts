import { failed } from "../../../src/aws/failure";
import { known } from "../../../src/aws/known";
import type { Ledger } from "../../../src/flags/ledger";
import { type Gate, gate } from "../../../src/gates/gate";
import type { Observation } from "../../../src/gates/observation";
import { askerOf, measuringOutput, observedBy } from "../../../src/promotion/away";
import type { Rollout } from "../../../src/rollout/rollout";
import { type Ground, must } from "../ground";
import type { AwayFacts } from "../judge/away";
import { type GateHere, isAway } from "../judge/gates";

type Seen = Observation["seen"];

/** What is asked along with each gate of a stage. */
interface Around {
  readonly gates: readonly GateHere[];
  readonly tokens: ReadonlyMap<string, Readonly<Record<string, string>>>;
  readonly ledger: Ledger;
  readonly timeScale: number;
}

/**
 * Has the rollout's measuring function look at gates and servers, each stage's with its own tokens. What writes is not
 * sent. Never throws.
 */
async function seenAway(ground: Ground, around: Around): Promise<AwayFacts | undefined> {
  const { rollout } = ground.files;
  const { measure } = rollout;
  if (!measure) return undefined;
  const [first] = rollout.stages;
  const outputs = await ground.outputs();
  if (!outputs.ok) return { kind: "silent", why: outputs.why };
  if (outputs.value === undefined) return { kind: "later" };
  const { data: measuring } = measuringOutput.safeParse(outputs.value.measuring);
  // However long it may take for a promotion: here nobody waits for it longer than for all else.
  const patient: Rollout = {
    ...rollout,
    measure: { ...measure, timeout: `${Math.ceil(ground.left / 1_000)}s` },
  };
  const ask = askerOf({ rollout: patient, stage: first, foundation: { measuring } });
  if (!ask) return undefined;
  const answers = await known(() => ask({ kind: "nothing" }), ground.left);
  if (!answers.ok) return { kind: "silent", why: answers.why };
  if (!answers.value.ok) return { kind: "silent", why: answers.value.why };
  const { gates, tokens, ledger, timeScale } = around;
  const stages = rollout.stages.map(({ name }) => ({
    tokens: tokens.get(name) ?? {},
    gates: gates.flatMap((one) => (one.promoted.name === name && isAway(one.gate) ? [one.gate] : [])),
  }));
  const lookAt = async (asked: readonly Gate[], own: Readonly<Record<string, string>>) => {
    const { service, parameters } = rollout;
    const seen = await known(
      () =>
        observedBy(ask, asked, {
          ...{ parameters, ledger, timeScale },
          service: service && { url: service.url, tokens: own },
        }),
      ground.left,
    );
    return asked.map((one, index): [Gate, Seen] => [
      one,
      seen.ok
        ? (seen.value[index]?.seen ?? failed("unanswered", "it was not looked at"))
        : failed("timeout", seen.why),
    ]);
  };
  const [servers, ...seen] = await Promise.all([
    rollout.servers ? lookAt([serversGate(first.name)], {}) : [],
    ...stages.map((one) => (one.gates.length > 0 ? lookAt(one.gates, one.tokens) : [])),
  ]);
  return { kind: "answers", seen: new Map(seen.flat()), servers: servers[0]?.[1] };
}

/** What asks every server for its flags, whether any gate does or not. */
const serversGate = (stage: string): Gate =>
  gate.parse({
    ...{ id: "servers", phase: "smoke", stage },
    definition: { title: "Servers tell their flags", source: "convergence" },
  });

/** What the function saw, read once for all that is said of it. */
export async function awayOnce(ground: Ground, around: () => Promise<Around>) {
  return must(await ground.once("away", async () => seenAway(ground, await around())));
}
