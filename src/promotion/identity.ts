import { identify } from "../aws/caller";
import { type Identity, identityProblems } from "../aws/identity/compare";
import { type Known, known } from "../aws/known";
import type { Rollout } from "../rollout/rollout";
import { type Problem, UserError } from "../text/problem";
import { existingTopicProblems } from "./existingTopics";
import { keyProblems } from "./keys";
import type { Settings } from "./settings";

/** Who the provider is, as it says itself. */
export type AskProvider = () => Promise<Identity>;

/**
 * What speaks against raising anything, by who asks AWS here and who changes it: program and provider are one, or
 * nothing is raised. Never throws: where one of them does not say who it is, that speaks against it, too.
 */
export async function identityAgainst(
  { region, provider: { settings, problems } }: Pick<Settings, "region" | "provider">,
  askProvider: AskProvider,
): Promise<Problem[]> {
  if (problems.length > 0) return [...problems];
  const [ours, theirs] = await Promise.all([known(() => identify(region)), known(askProvider)]);
  if (!ours.ok) return [unknownWho("the program asks AWS", ours)];
  if (!theirs.ok) return [unknownWho("the provider changes AWS", theirs)];
  return identityProblems({ arn: ours.value, region }, theirs.value, settings);
}

/** What speaks against raising anything, by the keys and topics of the account that config names. Never throws. */
export async function accountProblems(
  rollout: Pick<Rollout, "account" | "existingTopics">,
  region: string,
): Promise<Problem[]> {
  return (await Promise.all([keyProblems(rollout, region), existingTopicProblems(rollout, region)])).flat();
}

/** Throws a `UserError` with all of that, before a foundation is laid. */
export async function requireOneIdentity(
  rollout: Pick<Rollout, "account" | "existingTopics">,
  settings: Settings,
  askProvider: AskProvider,
): Promise<void> {
  const of = await Promise.all([
    identityAgainst(settings, askProvider),
    accountProblems(rollout, settings.region),
  ]);
  const problems = of.flat();
  if (problems.length > 0)
    throw new UserError(
      `Nothing of ${settings.stack} is declared, since the account is not as it says:`,
      problems,
    );
}

function unknownWho(what: string, { why, remedy }: Extract<Known<never>, { ok: false }>): Problem {
  return { where: "AWS", what: `it is not known as whom ${what}: ${why}`, remedy };
}
