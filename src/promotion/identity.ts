import { identify } from "../aws/caller";
import { type Identity, identityProblems } from "../aws/identity/compare";
import { type Known, known } from "../aws/known";
import type { Rollout } from "../rollout/rollout";
import { type Problem, UserError } from "../text/problem";
import { keyAndTopicProblems } from "./keysAndTopics";
import type { Settings } from "./settings";

/** Who the provider is, as it says itself. */
export type AskProvider = () => Promise<Identity>;

/**
 * What speaks against raising anything, by the account: by who asks AWS here and who changes it, who have to be one, and by
 * the keys and topics of the account that config names. STS is asked once for all of it. Never throws: where one of them
 * does not say who it is, that speaks against it, too.
 */
export async function accountProblems(
  rollout: Pick<Rollout, "name" | "stages" | "account" | "channels" | "existingTopics">,
  { region, provider }: Pick<Settings, "region" | "provider">,
  askProvider: AskProvider,
): Promise<Problem[]> {
  const who = await known(() => identify(region));
  const found = await Promise.all([
    identityAgainst({ region, provider }, who, askProvider),
    keyAndTopicProblems(rollout, region, who),
  ]);
  return found.flat();
}

/** Program and provider are one, or nothing is raised. */
async function identityAgainst(
  { region, provider: { settings, problems } }: Pick<Settings, "region" | "provider">,
  ours: Known<string>,
  askProvider: AskProvider,
): Promise<Problem[]> {
  if (problems.length > 0) return [...problems];
  const theirs = await known(askProvider);
  if (!ours.ok) return [unknownWho("the program asks AWS", ours)];
  if (!theirs.ok) return [unknownWho("the provider changes AWS", theirs)];
  return identityProblems({ arn: ours.value, region }, theirs.value, settings);
}

/** Throws a `UserError` with all of that, before a foundation is laid. */
export async function requireOneIdentity(
  rollout: Rollout,
  settings: Settings,
  askProvider: AskProvider,
): Promise<void> {
  const problems = await accountProblems(rollout, settings, askProvider);
  if (problems.length > 0)
    throw new UserError(
      `Nothing of ${settings.stack} is declared, since the account is not as it says:`,
      problems,
    );
}

function unknownWho(what: string, { why, remedy }: Extract<Known<never>, { ok: false }>): Problem {
  return { where: "AWS", what: `it is not known as whom ${what}: ${why}`, remedy };
}
