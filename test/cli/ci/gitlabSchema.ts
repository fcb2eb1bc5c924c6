import { z } from "zod";

/**
 * What GitLab takes in a `.gitlab-ci.yml`, as far as ours go. Derived from its published schema
 * (gitlab.com/gitlab-org/gitlab, app/assets/javascripts/editor/schema/ci.json): keywords that are not there are refused, as
 * GitLab's linter does.
 */
const text = z.string().min(1);
const variables = z.record(z.string(), z.union([z.string(), z.number()]));
const script = z.union([text, z.array(text).min(1)]);
const when = z.enum(["on_success", "on_failure", "always", "never", "manual", "delayed"]);
const rules = z.array(
  z.strictObject({ if: text.optional(), when: when.optional(), variables: variables.optional() }),
);
const audience = z.union([text, z.array(text).min(1)]);

const shared = {
  image: text.optional(),
  interruptible: z.boolean().optional(),
  before_script: script.optional(),
  after_script: script.optional(),
  id_tokens: z.record(z.string(), z.strictObject({ aud: audience })).optional(),
  timeout: z
    .string()
    .regex(/^\d+ (?:seconds?|minutes?|hours?)$/)
    .optional(),
  artifacts: z
    .strictObject({
      paths: z.array(text).min(1),
      when: z.enum(["on_success", "on_failure", "always"]).optional(),
      expire_in: text.optional(),
      access: z.enum(["none", "developer", "all"]).optional(),
    })
    .optional(),
};

const job = z
  .strictObject({
    ...shared,
    script: script.optional(),
    extends: text.optional(),
    rules: rules.optional(),
    variables: variables.optional(),
    needs: z.array(z.strictObject({ job: text, artifacts: z.boolean().optional() })).optional(),
    environment: z
      .strictObject({
        name: text,
        action: z.enum(["start", "prepare", "stop", "verify", "access"]).optional(),
        deployment_tier: z.enum(["production", "staging", "testing", "development", "other"]).optional(),
      })
      .optional(),
    resource_group: text.optional(),
    trigger: z.strictObject({ project: text, branch: text.optional() }).optional(),
  })
  .refine(({ trigger, ...of }) => trigger === undefined || of.script === undefined, {
    message: "a job that triggers has no script",
    path: ["script"],
  });

const file = z
  .object({
    workflow: z.strictObject({ rules }).optional(),
    default: z.strictObject(shared).optional(),
  })
  .catchall(job);

/** What GitLab would refuse, a line each: by the schema, and where a job names another one that is not there. */
export function problemsOf(yaml: unknown): string[] {
  const read = file.safeParse(yaml);
  if (!read.success) return read.error.issues.map((issue) => `${issue.path.join(" ")}: ${issue.message}`);
  const { workflow: _, default: __, ...jobs } = read.data;
  const known = Object.keys(jobs);
  return Object.entries(jobs).flatMap(([name, { extends: template, needs = [], script: own, trigger }]) => [
    ...(template === undefined || known.includes(template) ? [] : [`${name} extends ${template}`]),
    ...needs.flatMap(({ job }) => (known.includes(job) ? [] : [`${name} needs ${job}`])),
    ...(name.startsWith(".") || own !== undefined || trigger !== undefined ? [] : [`${name} does nothing`]),
  ]);
}
