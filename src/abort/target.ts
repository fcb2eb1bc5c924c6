import { allOff, type FlagSpecs, type Flags } from "../flags/flags";
import { downTo } from "../rollout/rollout";
import { abortAll, cutover, type Place, quoted } from "../text/command";
import { UserError } from "../text/problem";
import type { LooseConfig } from "./looseConfig";

/** What a person asks a break-glass abort for. */
export interface Asked {
  readonly stage?: string | undefined;
  readonly all?: boolean | undefined;
  /** How far down: `predecessor`, `previous`, `off`, or the stage whose flags are left. Default: as config says. */
  readonly to?: string | undefined;
  /** The only flags that go down. */
  readonly flags?: readonly string[] | undefined;
  readonly rollout?: string | undefined;
}

/**
 * The rollout's name: the one that is asked for, or the only one that the folder holds. Throws a `UserError` that
 * says what to type instead.
 *
 * @param candidates what there is, as a person reads it
 */
export function rolloutOf(asked: Asked, config: LooseConfig, candidates = "none known here"): string {
  const name = asked.rollout ?? config.rollout;
  if (name !== undefined) return name;
  const several =
    config.rollouts.length > 1 && `the stack files here declare ${config.rollouts.join(" and ")}`;
  const words = asked.all || asked.stage === undefined ? "--all" : `-s ${quoted(asked.stage)}`;
  throw new UserError("Which rollout is meant cannot be read from the stack files:", {
    where: "--rollout",
    what: several || config.problems.join("; ") || "is missing, and no stack file here declares one",
    remedy: `Name it, one of ${candidates}: ${cutover({ rollout: "NAME" }, "abort", words, '--reason "…"')}`,
  });
}

/**
 * The flags to go down to: a stage's floor is what its predecessor had, unless its config says all off. Never guessed:
 * where it cannot be read, the way down is all the way.
 */
export function floorOrOff(
  asked: Asked,
  config: LooseConfig,
  specs: FlagSpecs,
  place: Place = { rollout: config.rollout ?? "NAME" },
): Flags {
  const { stage } = asked;
  if (asked.all || stage === undefined || asked.to === "off") return allOff(specs);
  const refuse = (what: string): never => {
    throw new UserError(`How far down ${stage} goes cannot be read:`, {
      where: `stage ${stage}`,
      what,
      remedy: `Turn everything off: ${abortAll(place)}`,
    });
  };
  const known = config.stages.get(stage);
  if (!known)
    return refuse(
      config.problems.join("; ") ||
        `there is no such stage (known: ${[...config.stages.keys()].join(", ") || "none"})`,
    );
  const to = downTo(config, known, asked);
  // Whoever names a stage means that stage, and not whatever is live.
  const name = to === "predecessor" || to === "previous" ? known.predecessor : to;
  const before = stagesBefore(config, stage);
  // Config that leads nowhere further down is read as all the way.
  if (name === undefined || (asked.to === undefined && !before.includes(name))) return allOff(specs);
  if (!before.includes(name)) return refuse(`${name} is no stage before it (${before.join(", ") || "none"})`);
  return config.stages.get(name)?.flags ?? refuse(`the flags of ${name} cannot be read`);
}

function stagesBefore({ stages }: LooseConfig, stage: string): string[] {
  const before: string[] = [];
  for (let one = stages.get(stage)?.predecessor; one !== undefined && !before.includes(one); )
    one = stages.get(before[before.push(one) - 1] ?? "")?.predecessor;
  return before;
}

/** Where AWS is asked. Throws a `UserError` where nothing says. */
export function regionOf(env: NodeJS.ProcessEnv, config: LooseConfig): string {
  const region = env.AWS_REGION ?? env.AWS_DEFAULT_REGION ?? config.region;
  if (region) return region;
  throw new UserError("No AWS region is set:", {
    where: "AWS_REGION",
    what: "is missing",
    remedy: "Set it, and run the same command again",
  });
}

/** Throws a `UserError` where a stage is named that readable stack files do not know: a typing error holds nothing. */
export function requireKnownStage({ stage, rollout }: Asked, config: LooseConfig): void {
  const known = [...config.stages.keys()];
  const ours = rollout === undefined || rollout === config.rollout;
  if (stage === undefined || !ours || config.problems.length > 0 || known.includes(stage)) return;
  throw new UserError("There is no such stage:", {
    where: "-s",
    what: `${stage} is none of ${known.join(", ") || "none"}`,
    remedy: "Name one of them",
  });
}
