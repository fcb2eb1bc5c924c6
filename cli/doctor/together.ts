import { known } from "../../src/aws/known";
import { secretsOut } from "../../src/text/redact";
import { plainLine } from "../../src/text/text";
import { CHECKS, type Check, type Need } from "./checks";
import { type Finding, finder, type Group } from "./finding";
import { Ground } from "./ground";

/** What is kept of the time for telling what came out, in ms; and at most that part of it. */
const TELLING = { ms: 1_000, part: 0.1 };

/** What a rollout's set-up looks like, and what of the files is known of it. */
export interface Examined {
  readonly findings: readonly Finding[];
  readonly ground: Ground;
}

/**
 * Makes all checks at once, each for as long as there is. What one throws, or a time that is over, is told as a line of
 * its own, and hides no other. Changes nothing.
 *
 * @param within how long it may take, in ms
 */
export async function examine(
  folder: string,
  { env, within, checks = CHECKS }: { env: NodeJS.ProcessEnv; within: number; checks?: readonly Check[] },
): Promise<Examined> {
  const ground = new Ground(folder, env, within - Math.min(TELLING.ms, within * TELLING.part));
  const wants = new Map<Need, Promise<boolean>>(
    [...new Set(checks.flatMap(({ needs }) => needs))].map((need) => [need, THERE[need](ground)]),
  );
  const skipped = new Map<Need, string[]>();
  const found = await Promise.all(
    checks.map(async (check): Promise<readonly Finding[]> => {
      for (const need of check.needs)
        if (!(await wants.get(need))) {
          skipped.set(need, [...(skipped.get(need) ?? []), check.name]);
          return [];
        }
      // Its parts have this time: what is longer is none of them.
      const made = await known(() => check.make(ground), ground.left + TELLING.ms / 2);
      return made.ok ? made.value : [finder(check.group).unknown(check.name, made.why.trim(), made.remedy)];
    }),
  );
  const unmade = [...skipped].map(([need, names]) => {
    const [group, words] = WANTING[need];
    return finder(group).unknown(
      "not looked at",
      [...new Set(names)].join(", "),
      `${words}, then run doctor again`,
    );
  });
  const clean = secretsOut({ secrets: ground.secrets });
  return { ground, findings: [...found.flat(), ...unmade].map((one) => cleaned(one, clean)) };
}

const THERE: Readonly<Record<Need, (ground: Ground) => Promise<boolean>>> = {
  files: async ({ written }) => written.ok,
  aws: async (ground) => ground.region !== undefined && (await ground.caller()).ok,
  state: async (ground) => {
    if (!ground.written.ok) return false;
    const [first] = ground.written.value.rollout.stages;
    const stacks = await ground.stacks();
    return stacks.ok && stacks.value.includes(first.name) && (await ground.config(first.name)).ok;
  },
};

const WANTING: Readonly<Record<Need, readonly [Group, string]>> = {
  files: ["Stack files", "Mend what is wrong with the stack files"],
  aws: ["AWS", "Mend what keeps AWS from answering"],
  state: ["State", "Mend what keeps the first stage's stack from being read"],
};

function cleaned({ name, what, where, remedy, ...rest }: Finding, clean: (text: string) => string): Finding {
  const text = (one: string) => plainLine(clean(one));
  return {
    ...rest,
    name: text(name),
    what: text(what),
    ...(where === undefined ? {} : { where: text(where) }),
    ...(remedy === undefined ? {} : { remedy: text(remedy) }),
  };
}
