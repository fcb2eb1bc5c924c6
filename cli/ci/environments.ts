import { z } from "zod";
import type { Problem } from "../../src/text/problem";
import { READ_ENVIRONMENT } from "../readEnvironment";
import { type Api, ask, PAGE, Refused } from "./host";

/** An environment of a repository, as GitHub is set. */
interface Environment {
  readonly reviewers: number;
  readonly selfReview: boolean;
  /** Undefined where GitHub does not tell. */
  readonly adminsBypass?: boolean | undefined;
  /** Whose jobs may use it: anybody's, those of every protected branch, or those of names of branches and tags. */
  readonly lets: "everything" | "protected" | readonly { readonly name: string; readonly type: string }[];
}

/** The environments that the workflows need: undefined where there is none of the name. */
export interface Environments {
  /** The branch that is promoted from. */
  readonly branch: string;
  readonly byName: ReadonlyMap<string, Environment | undefined>;
}

/** Source: GitHub's REST API, "Deployment environments" and "Deployment branch policies". */
const environment = z.object({
  can_admins_bypass: z.boolean().nullish(),
  protection_rules: z
    .array(
      z.object({
        type: z.string(),
        prevent_self_review: z.boolean().nullish(),
        reviewers: z.array(z.unknown()).nullish(),
      }),
    )
    .nullish(),
  deployment_branch_policy: z
    .object({ protected_branches: z.boolean(), custom_branch_policies: z.boolean() })
    .nullish(),
});
const policies = z.object({
  branch_policies: z.array(z.object({ name: z.string(), type: z.string().nullish() })),
});

/** What GitHub is set to, of these environments. Throws `Refused` where it does not say. */
export async function readEnvironments(
  api: Api,
  names: readonly string[],
  timeoutMs = 30_000,
): Promise<Environments> {
  const get = <T>(path: string, answer: z.ZodType<T>) => ask(api, "GET", path, answer, { timeoutMs });
  const { default_branch: branch } = await get("", z.object({ default_branch: z.string() }));
  const read = async (name: string): Promise<Environment | undefined> => {
    const at = `/environments/${encodeURIComponent(name)}`;
    const found = await get(at, environment).catch((error: unknown) => {
      if (error instanceof Refused && error.gone) return undefined;
      throw error;
    });
    if (found === undefined) return undefined;
    const asking = found.protection_rules?.find(({ type }) => type === "required_reviewers");
    const policy = found.deployment_branch_policy;
    const named = async () =>
      (await get(`${at}/deployment-branch-policies?per_page=${PAGE}`, policies)).branch_policies;
    return {
      reviewers: asking?.reviewers?.length ?? 0,
      selfReview: asking?.prevent_self_review !== true,
      adminsBypass: found.can_admins_bypass ?? undefined,
      lets: policy?.custom_branch_policies
        ? (await named()).map(({ name: one, type }) => ({ name: one, type: type ?? "branch" }))
        : policy?.protected_branches
          ? "protected"
          : "everything",
    };
  };
  const each = await Promise.all(names.map(async (name) => [name, await read(name)] as const));
  return { branch, byName: new Map(each) };
}

/** What of them could promote something that nobody else has looked at. Pure. */
export function unprotected({ branch, byName }: Environments): Problem[] {
  return [...byName].flatMap(([name, one]) => {
    const where = `environment ${name}`;
    if (one === undefined)
      return [
        {
          where,
          what: "is not there: GitHub makes it, and asks nobody, when the first job names it",
          remedy: `Make it, for ${branch} alone${name === READ_ENVIRONMENT ? "" : ", with reviewers"}`,
        },
      ];
    return [...letsIn(one, branch), ...(name === READ_ENVIRONMENT ? [] : unasked(one))].map(
      ([what, remedy]) => ({ where, what, remedy }),
    );
  });
}

type Open = readonly [what: string, remedy: string];

function letsIn({ lets }: Environment, branch: string): Open[] {
  const alone = `Let the branch ${branch} alone use it: one deployment policy of type branch`;
  if (lets === "everything") return [["may be used by a job of any branch or tag", alone]];
  if (lets === "protected") return [["may be used by a job of every protected branch", alone]];
  const others = lets.filter(({ name, type }) => type !== "branch" || name !== branch);
  return [
    ...(others.length === 0
      ? []
      : [
          [
            `may be used by a job of ${others.map(({ name, type }) => `the ${type} ${name}`).join(", ")}`,
            alone,
          ] as const,
        ]),
    ...(others.length === lets.length ? [[`may not be used by the branch ${branch}`, alone] as const] : []),
  ];
}

function unasked({ reviewers, selfReview, adminsBypass }: Environment): Open[] {
  return [
    ...(reviewers === 0
      ? [["asks nobody before a job runs", "Give it reviewers, who answer for the rollout"] as const]
      : []),
    ...(reviewers > 0 && selfReview
      ? [["lets whoever started a job approve it", "Set prevent_self_review"] as const]
      : []),
    ...(adminsBypass === false
      ? []
      : [
          [
            adminsBypass
              ? "lets administrators of the repository go past its reviewers"
              : "does not tell whether administrators may go past its reviewers",
            'Take the tick off "Allow administrators to bypass configured protection rules"',
          ] as const,
        ]),
  ];
}
