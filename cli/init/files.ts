import { short } from "../../src/text/command";
import { type Answers, type DatabaseAnswer, FIRST, type FlagAnswer } from "./answers";
import { stageFile } from "./stageFile";
import { valuesIn } from "./steps";
import { flagValues, scalar } from "./yaml";

/** A file to be written, by its name in the rollout's folder. */
export interface NewFile {
  readonly name: string;
  readonly text: string;
}

/** Paths from the rollout's folder to the project that its stacks run. */
export interface Paths {
  /** To `index.ts` of a checkout; absent where the package is installed, which is found by its name. */
  readonly program?: string | undefined;
  /** To the JSON Schema of stack files. */
  readonly schema: string;
}

/** The files of a new rollout: one project file, and a stack file for each stage. Each explains itself. */
export function filesOf(answers: Answers, paths: Paths): NewFile[] {
  return [
    { name: "Pulumi.yaml", text: projectFile(answers, paths) },
    ...(paths.program === undefined ? [{ name: PROGRAM_FILE, text: PROGRAM_TEXT }] : []),
    { name: `Pulumi.${FIRST}.yaml`, text: firstFile(answers, paths) },
    ...answers.stages.map((stage, index) => ({
      name: `Pulumi.${stage.name}.yaml`,
      text: stageFile(answers, paths.schema, index),
    })),
  ];
}

/** Where a rollout says that its program is the package's. By its ending, it is CommonJS in any repository. */
const PROGRAM_FILE = "index.cjs";
const PROGRAM_TEXT = `// The program of every stack: what differs from rollout to rollout is in the stack files beside this one.
module.exports = require("cutover/program");
`;

function projectFile({ name }: Answers, { program }: Paths): string {
  return `# One Pulumi project for the rollout; each of its stages is a stack.
name: ${scalar(name)}
description: The rollout ${name}.
runtime:
  name: nodejs
  options:
    typescript: false
    nodeargs: --require ${program === undefined ? "cutover/start" : "./start.cjs"}
# The program is the same for every rollout: what differs is in the stack files beside this one.
main: ${program === undefined ? PROGRAM_FILE : JSON.stringify(program)}
`;
}

function firstFile(answers: Answers, { schema }: Paths): string {
  const flags = answers.flags.map(flagLines);
  return `# yaml-language-server: $schema=${schema}
# The rollout, and its first stage with every flag off. It owns what all stages share, so it comes up first:
#   ${short.pulumi("stack init", FIRST)}
#   ${short.ofStack("up", FIRST)}
config:
  # Leave it out to take AWS_REGION.
  # aws:region: eu-central-1
${providerLines(answers.database)}  cutover:rollout:
    # Names the AppConfig application that servers read their flags from, and begins every resource's name.
    name: ${scalar(answers.name)}
    flags:
${flags.join("\n")}
    # Who is told. Nobody is paged before somebody is subscribed here.
    topics:
      # Abort alarms: yours in place of this one. For PagerDuty: - { protocol: https, endpoint: "https://events.pagerduty.com/integration/KEY/enqueue" }
      onCall:
        - { protocol: email, endpoint: on-call@example.com }
      # Promotions and soaks: - { protocol: email, endpoint: ops@example.com }
      ops: []
      # What users notice, and rollbacks.
      stakeholders: []
    # Servers that have to agree on the flags after a flip, and where each tells its flags: yours in place of these. A
    # drill proves on them that the way down works, and a smoke check of source convergence looks at them.
    servers:
      urls: [https://app-1.internal.example.com, https://app-2.internal.example.com]
      path: /feature-flags
      at: data.flags
      # What they come from: any text with appconfig in it as long as a server asks AppConfig for them.
      source: data.source
    # Where gates and smoke checks send their requests.
    # service: { url: https://app.example.com }
${databaseLines(answers.database)}${backupLines(answers)}
  cutover:stage:
    title: Every flag off
    flags:
${flagValues(valuesIn(answers, 0))}
`;
}

function flagLines({ name, kind, states, title, requires, writes }: FlagAnswer): string {
  const listed = states?.map((state) => JSON.stringify(state)).join(", ");
  return `      ${scalar(name)}:
        kind: ${kind}${listed === undefined ? "" : `\n        # Raised in this order; the first is off.\n        states: [${listed}]`}
        # What it turns on, as on-call would say it.
        title: ${JSON.stringify(title ?? `What ${name} turns on`)}
        # Never on unless these are on as well.
        ${requires ? `requires: [${requires.map(scalar).join(", ")}]` : "# requires: [OTHER_FLAG]"}
        # Lets the new path write users' data: a stage that raises it takes a snapshot or a backup first.
        ${writes ? "writes: true" : "# writes: true"}`;
}

/** What the provider that makes the gate role is told. */
function providerLines(database: DatabaseAnswer | undefined): string {
  return database
    ? "  # The administrator of RDS is no superuser, and the provider has to be told.\n  postgresql:superuser: false\n"
    : "";
}

function databaseLines(database: DatabaseAnswer | undefined): string {
  const words = "    # Where gates of source sql measure. They read these tables and nothing else.\n    ";
  if (!database)
    return `${words}# With postgresql:superuser: false beside cutover:rollout, where their administrator is none, as on RDS.
    # database: { host: db.internal, name: app, reads: [schema_migrations, users] }`;
  const { host, port, name, tables } = database;
  const reached = `host: ${scalar(host)}${port === undefined ? "" : `, port: ${port}`}`;
  return `${words}database: { ${reached}, name: ${scalar(name)}, reads: [${tables.map(scalar).join(", ")}] }`;
}

function backupLines({ backup }: Answers): string {
  if (backup === undefined) return "";
  return `
    # Where ${short.cutover("backup")} puts dumps, and ${short.cutover("prove-backup")} what became of restoring one.
    backup: { dumps: ${scalar(backup)} }`;
}
