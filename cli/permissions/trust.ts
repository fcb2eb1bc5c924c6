import { policyOf } from "../../components/permissions/statement";
import { READ_ENVIRONMENT } from "../readEnvironment";
import type { Asked, Role } from "./asked";

/** Whose jobs may take the role. */
export type Host =
  | { readonly kind: "github" /** `owner/name`. */; readonly repository: string }
  | {
      readonly kind: "gitlab";
      /** `group/project`. */
      readonly project: string;
      /** The instance, such as gitlab.com. */
      readonly instance: string;
      /** The protected branch that is promoted from. */
      readonly branch: string;
    };

/**
 * Who may take a role: jobs of that repository, and of it those alone whose part it is. Undefined for a person's role:
 * who breaks the glass, takes a rollout away, or looks at a set-up with the administrator's login, is no job.
 */
export function trustOf(role: Role, host: Host, asked: Asked): object | undefined {
  if (role === "break-glass" || role === "doctor" || role === "retire") return undefined;
  const provider = host.kind === "github" ? "token.actions.githubusercontent.com" : host.instance;
  const audience = host.kind === "github" ? "sts.amazonaws.com" : `https://${host.instance}`;
  const subject = host.kind === "github" ? githubSubject(role, host, asked) : gitlabSubject(role, host);
  return policyOf([
    {
      Sid: "JobsOfTheRepository",
      Effect: "Allow",
      Principal: { Federated: `arn:${asked.partition}:iam::${asked.account}:oidc-provider/${provider}` },
      Action: "sts:AssumeRoleWithWebIdentity",
      Condition: {
        StringEquals: { [`${provider}:aud`]: audience, ...subject.equals(provider) },
        ...subject.like(provider),
      },
    },
  ]);
}

interface Subject {
  equals(provider: string): Record<string, string>;
  like(provider: string): object;
}

const exactly = (subject: string): Subject => ({
  equals: (provider) => ({ [`${provider}:sub`]: subject }),
  like: () => ({}),
});

function githubSubject(
  role: Role,
  { repository }: { readonly repository: string },
  { rollout }: Asked,
): Subject {
  const of = (what: string) => exactly(`repo:${repository}:${what}`);
  if (role === "preview") return of("pull_request");
  return of(`environment:${role === "promote" ? rollout.name : READ_ENVIRONMENT}`);
}

/**
 * GitLab names no environment in a subject: a job of the protected branch alone takes what promotes. A merge request
 * may come from any branch.
 */
function gitlabSubject(
  role: Role,
  { project, branch }: { readonly project: string; readonly branch: string },
): Subject {
  if (role !== "preview") return exactly(`project_path:${project}:ref_type:branch:ref:${branch}`);
  return {
    equals: () => ({}),
    like: (provider) => ({
      StringLike: { [`${provider}:sub`]: `project_path:${project}:ref_type:branch:ref:*` },
    }),
  };
}
