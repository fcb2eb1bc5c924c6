import { type Problem, tellWhere } from "../../text/problem";
import type { ProviderSettings, ReadProvider } from "./provider";

/**
 * What is wrong with the `aws:` settings of a rollout's stacks, as far as it shows without asking AWS: what cannot be read,
 * a role in an account that is not allowed, and stacks in several regions. Pure.
 *
 * @param providers by stack
 */
export function offlineProblems(providers: ReadonlyMap<string, ReadProvider>): Problem[] {
  return [
    ...[...providers].flatMap(([stack, { settings, problems }]) => [
      ...problems,
      ...allowanceProblems(settings, (key) => `Pulumi.${stack}.yaml aws:${key}`),
    ]),
    ...regionProblems(providers),
  ];
}

/** Whoever the roles lead to is in the account of the last one. */
function allowanceProblems(
  { assumeRoles, webIdentity, allowedAccountIds, forbiddenAccountIds }: ProviderSettings,
  locate: (key: string) => string,
): Problem[] {
  const role = assumeRoles.at(-1) ?? webIdentity;
  const account = role?.roleArn.split(":")[4];
  const where = locate(assumeRoles.length > 0 ? "assumeRoles" : "assumeRoleWithWebIdentity");
  return [
    // Source: the AWS provider's schema, in which the two conflict.
    ...tellWhere(allowedAccountIds.length > 0 && forbiddenAccountIds.length > 0, {
      where: locate("forbiddenAccountIds"),
      what: "stands beside aws:allowedAccountIds, and the provider takes one of the two",
      remedy: "Keep aws:allowedAccountIds, which says more",
    }),
    ...tellWhere(
      account !== undefined && allowedAccountIds.length > 0 && !allowedAccountIds.includes(account),
      {
        where,
        what: `ends as a role of ${account}, and aws:allowedAccountIds has ${allowedAccountIds.join(", ")} alone`,
        remedy: "Name a role of an account that is allowed, or allow this one",
      },
    ),
    ...tellWhere(account !== undefined && forbiddenAccountIds.includes(account), {
      where,
      what: `ends as a role of ${account}, which aws:forbiddenAccountIds has`,
      remedy: "Name a role of another account",
    }),
  ];
}

/** The stages of a rollout stand on one foundation, in one region. */
function regionProblems(providers: ReadonlyMap<string, ReadProvider>): Problem[] {
  const said = [...providers].flatMap(([stack, { settings }]) =>
    settings.region === undefined ? [] : [{ stack, region: settings.region }],
  );
  const [first] = said;
  return said
    .filter(({ region }) => region !== first?.region)
    .map(({ stack, region }) => ({
      where: `Pulumi.${stack}.yaml aws:region`,
      what: `is ${region}, and that of ${first?.stack} is ${first?.region}: a stage finds its foundation in its own region alone`,
      remedy: "Write the same region in each stack of the rollout",
    }));
}
