import { posix } from "node:path";
import { parse } from "yaml";
import type { Problem } from "../../src/text/problem";
import { READ_ENVIRONMENT } from "../readEnvironment";
import { matchingOnGitLab } from "./owners";

/** The files of a repository that a job may be made of. */
export interface Sources {
  /** Every file, from the root. */
  readonly files: readonly string[];
  /** The text of one of them. */
  read(file: string): string;
}

export const WORKFLOW = /^\.github\/workflows\/[^/]+\.ya?ml$/;
export const GITLAB_CI = ".gitlab-ci.yml";

/**
 * What changes an account, in a job's commands: `up`, `destroy` and `refresh` by all of their names, and whatever a
 * variable says.
 */
const CHANGES =
  /\bpulumi\b[^\n]*?[\s"'](?:up(?:date)?|destroy|down|dn|watch|refresh(?![^\n]*--preview-only))\b|\bpulumi\s+["']?\$/;
/** Lines that go on are one. */
const joined = (run: unknown) => String(run ?? "").replaceAll(/[\\`]\r?\n/g, " ");
const changes = (run: unknown) => CHANGES.test(joined(run));

type Fields = Readonly<Record<string, unknown>>;
const fields = (value: unknown): Fields | undefined =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;

interface Job {
  readonly where: string;
  /** The name, or an expression that makes it; undefined without one. */
  readonly environment: string | undefined;
  readonly steps: readonly Fields[];
  /** The workflow of this repository that it calls. */
  readonly calls: string | undefined;
}

/** A workflow as GitHub has it, or what keeps it from being one: GitHub runs nothing of that. */
type Workflow =
  | { readonly triggers: readonly string[]; readonly jobs: readonly Job[] }
  | { readonly broken: string };

function workflowIn(sources: Sources, file: string): Workflow {
  const found = parsed(sources.read(file));
  if (found === undefined) return { broken: "cannot be read as YAML" };
  const { on, jobs } = fields(found.value) ?? {};
  const named = fields(jobs);
  if (named === undefined) return { broken: "is no workflow: jobs is missing, or is no map of them" };
  const strange = Object.entries(named).find(([, job]) => {
    const { steps, uses } = fields(job) ?? {};
    return uses === undefined && !(Array.isArray(steps) && steps.every((step) => fields(step)));
  });
  if (strange)
    return { broken: `is no workflow: jobs.${strange[0]}.steps is missing, or is no list of steps` };
  return {
    triggers:
      typeof on === "string" ? [on] : Array.isArray(on) ? on.map(String) : Object.keys(fields(on) ?? {}),
    jobs: Object.entries(named).map(([name, job]): Job => {
      const { environment, steps, uses } = job as Fields;
      return {
        where: `${file} jobs.${name}`,
        environment: nameOf(environment),
        steps: allSteps(sources, steps, new Set()),
        calls: typeof uses === "string" && uses.startsWith("./") ? posix.normalize(uses) : undefined,
      };
    }),
  };
}

/** An environment is a name, or a map with one. */
function nameOf(environment: unknown): string | undefined {
  const name = fields(environment)?.name ?? environment;
  return typeof name === "string" && name.trim() !== "" ? name.trim() : undefined;
}

/** Steps, and in place of an action of this repository the steps that it is made of. */
function allSteps(sources: Sources, steps: unknown, seen: ReadonlySet<string>): Fields[] {
  if (!Array.isArray(steps)) return [];
  return steps.flatMap((one) => {
    const step = fields(one);
    if (step === undefined) return [];
    const uses = String(step.uses ?? "");
    if (!uses.startsWith("./") || seen.has(uses)) return [step];
    const file = ["action.yml", "action.yaml"]
      .map((name) => posix.join(uses, name))
      .find((name) => sources.files.includes(name));
    const action = file === undefined ? undefined : fields(parsed(sources.read(file))?.value);
    return [step, ...allSteps(sources, fields(action?.runs)?.steps, new Set([...seen, uses]))];
  });
}

/** Undefined where it is no YAML. A tag of GitLab's own, `!reference`, leaves a list of a job and its key. */
function parsed(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: parse(text, { logLevel: "error", merge: true }) };
  } catch {
    return undefined;
  }
}

/** What an action does without a command, or with one of these, changes nothing. */
const READS = /^(?:preview|output)$/;

function changesAnAccount({ run, uses, with: given }: Fields): boolean {
  if (changes(run)) return true;
  const { command, args } = fields(given) ?? {};
  const action = String(uses ?? "").toLowerCase();
  if (/^pulumi\/actions(?:\/|@)/.test(action))
    return command !== undefined && !READS.test(String(command).trim());
  return action.startsWith("docker://") && action.includes("pulumi") && changes(`pulumi ${args ?? ""}`);
}

/** What takes code from elsewhere into a job. */
const FETCHES =
  /\bgh\s+(?:pr\s+(?:checkout|diff)|repo\s+clone)\b|\bgit\b[^\n]*?\s(?:fetch|pull|clone|checkout|switch|merge|am|apply)\b/;

/** With the rights of the default branch, although somebody else may have started it. */
const LENDS_RIGHTS = ["pull_request_target", "workflow_run", "issue_comment"];

function takesCode({ run, uses, with: given }: Fields, trigger: string): boolean {
  if (FETCHES.test(joined(run))) return true;
  if (!/^[^@]*\/[^@/]*checkout[^@/]*@/i.test(String(uses ?? ""))) return false;
  // The others check out the default branch, unless they are told what else.
  const { ref, repository } = fields(given) ?? {};
  return trigger === "pull_request_target" || ref !== undefined || repository !== undefined;
}

const asksNobody = (environment: string | undefined) =>
  environment === undefined || environment.toLowerCase() === READ_ENVIRONMENT;

/** Jobs that change an account, and wait for nobody, and those that lend strangers' code the repository's rights. */
export function unheld(sources: Sources, file: string): Problem[] {
  const workflow = workflowIn(sources, file);
  if ("broken" in workflow)
    return [{ where: file, what: workflow.broken, remedy: "Mend it: GitHub runs nothing of it until then" }];
  const lent = LENDS_RIGHTS.find((trigger) => workflow.triggers.includes(trigger));
  return workflow.jobs.flatMap(({ where, environment, steps, calls }) => [
    ...(lent !== undefined &&
    stepsWith(sources, steps, calls, new Set([file])).some((step) => takesCode(step, lent))
      ? [
          {
            where,
            what: `checks code out with the rights of ${lent}: ${lent === "pull_request_target" ? "whoever opens a pull request has them" : "whoever can start it has them"}`,
            remedy: "Trigger it by pull_request, which has none of this repository's secrets for a fork",
          },
        ]
      : []),
    ...(steps.some(changesAnAccount) && asksNobody(environment)
      ? [
          {
            where,
            what:
              environment === undefined
                ? "changes an account, and has no environment: nobody approves it, and any branch may run it"
                : `changes an account in the environment ${environment}, which asks nobody`,
            remedy:
              "Set environment: to one that asks for reviewers, and that the default branch alone may use",
          },
        ]
      : []),
  ]);
}

/** A job's steps, and those of the workflows of this repository that it calls. */
function stepsWith(
  sources: Sources,
  steps: readonly Fields[],
  calls: string | undefined,
  seen: ReadonlySet<string>,
): readonly Fields[] {
  if (calls === undefined || seen.has(calls) || !sources.files.includes(calls)) return steps;
  const called = workflowIn(sources, calls);
  if ("broken" in called) return steps;
  const further = new Set([...seen, calls]);
  return [...steps, ...called.jobs.flatMap((job) => stepsWith(sources, job.steps, job.calls, further))];
}

/** The environments by name in which jobs change an account. An expression names those of the rollouts. */
export function promotedIn(sources: Sources): string[] {
  const named = sources.files
    .filter((file) => WORKFLOW.test(file))
    .map((file) => workflowIn(sources, file))
    .flatMap((workflow) => ("broken" in workflow ? [] : workflow.jobs))
    .flatMap(({ environment, steps }) =>
      environment !== undefined && !environment.includes("${{") && steps.some(changesAnAccount)
        ? [environment]
        : [],
    );
  return [...new Set(named)];
}

/** The same of GitLab's jobs, those of this repository's own files. */
export function unheldOnGitLab(sources: Sources): Problem[] {
  const maps = pipelineOnGitLab(sources).map(
    (file) => [file, fields(parsed(sources.read(file))?.value)] as const,
  );
  const broken = maps.flatMap(([file, jobs]) =>
    jobs === undefined
      ? [
          {
            where: file,
            what: "cannot be read as YAML, or is no map of jobs",
            remedy: "Mend it: GitLab runs nothing of it until then",
          },
        ]
      : [],
  );
  const jobs: Fields = Object.assign({}, ...maps.map(([, one]) => one));
  const open = Object.keys(jobs).flatMap((name) => {
    if (name.startsWith(".")) return [];
    const scripts = ["before_script", "script", "after_script"].map((one) => inherited(jobs, name, one));
    const environment = nameOf(inherited(jobs, name, "environment"));
    if (!commandsIn(jobs, scripts).some(changes) || !asksNobody(environment)) return [];
    return [
      {
        where: `${GITLAB_CI} ${name}`,
        what: "changes an account, and has no environment that asks: nobody approves it",
        remedy: "Set environment: to one that is protected, and asks for approval",
      },
    ];
  });
  return [...broken, ...open];
}

/** The commands of a script, and in place of a `!reference` in it those that it names. */
function commandsIn(jobs: Fields, script: unknown, depth = 11): unknown[] {
  if (!Array.isArray(script)) return [script];
  const [name, key] = script.map(String);
  const referred = script.length === 2 ? fields(jobs[name ?? ""])?.[key ?? ""] : undefined;
  if (referred !== undefined && depth > 0) return commandsIn(jobs, referred, depth - 1);
  return script.flatMap((one) => commandsIn(jobs, one, depth));
}

/** What a job has itself, or else by what it extends, of which the last one counts. */
function inherited(jobs: Fields, name: string, field: string, depth = 11): unknown {
  const job = fields(jobs[name]);
  if (job === undefined || depth === 0) return undefined;
  if (job[field] !== undefined) return job[field];
  return [job.extends]
    .flat()
    .map((one) => inherited(jobs, String(one), field, depth - 1))
    .findLast((one) => one !== undefined);
}

/** The files of this repository that its pipeline is made of, each after those that it includes: what it says counts. */
export function pipelineOnGitLab(sources: Sources, file = GITLAB_CI, seen = new Set<string>()): string[] {
  if (!sources.files.includes(file) || seen.has(file)) return [];
  seen.add(file);
  const { include } = fields(parsed(sources.read(file))?.value) ?? {};
  const included = [include].flat().flatMap((one) => {
    const name = fields(one)?.local ?? one;
    if (typeof name !== "string") return [];
    // A name may have stars.
    const named = matchingOnGitLab(`/${name.replace(/^\//, "")}`);
    return sources.files.filter((path) => named.test(path));
  });
  return [...included.flatMap((one) => pipelineOnGitLab(sources, one, seen)), file];
}
