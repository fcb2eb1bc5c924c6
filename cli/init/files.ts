import { short } from "../../src/text/command";
import { type Answers, FIRST, valuesIn } from "./answers";

/** A file to be written, by its name in the rollout's folder. */
export interface NewFile {
  readonly name: string;
  readonly text: string;
}

/** Paths from the rollout's folder to the project that its stacks run. */
export interface Paths {
  /** To `index.ts`. */
  readonly program: string;
  /** To the JSON Schema of stack files. */
  readonly schema: string;
}

/** The files of a new rollout: one project file, and a stack file for each stage. Each explains itself. */
export function filesOf(answers: Answers, paths: Paths): NewFile[] {
  return [
    { name: "Pulumi.yaml", text: projectFile(answers, paths) },
    { name: `Pulumi.${FIRST}.yaml`, text: firstFile(answers, paths) },
    ...answers.stages.map((stage, index) => ({
      name: `Pulumi.${stage}.yaml`,
      text: stageFile(answers, paths, index),
    })),
  ];
}

function projectFile({ name }: Answers, { program }: Paths): string {
  return `# One Pulumi project for the rollout; each of its stages is a stack.
name: ${scalar(name)}
description: The rollout ${name}.
runtime:
  name: nodejs
  options:
    typescript: false
    nodeargs: --require ./start.cjs
# The program is the same for every rollout: what differs is in the stack files beside this one.
main: ${JSON.stringify(program)}
`;
}

function firstFile(answers: Answers, { schema }: Paths): string {
  const flags = answers.flags.map(
    ({ name, kind }) => `      ${scalar(name)}:
        kind: ${kind}
        # What it turns on, as on-call would say it.
        title: ${JSON.stringify(`What ${name} turns on`)}
        # requires: [OTHER_FLAG]   # never on unless these are on as well
        # writes: true             # lets the new path write users' data: its stage then takes a snapshot`,
  );
  return `# yaml-language-server: $schema=${schema}
# The rollout, and its first stage with every flag off. It owns what all stages share, so it comes up first:
#   ${short.pulumi("stack init", FIRST)}
#   ${short.ofStack("up", FIRST)}
config:
  # Leave it out to take AWS_REGION.
  # aws:region: eu-central-1
  cutover:rollout:
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
    # Servers that have to agree on the flags after a flip, and where each tells its flags. With them, a stage can
    # have a smoke check of source convergence, and a drill can prove the way down.
    # servers:
    #   urls: [https://app-1.internal.example.com, https://app-2.internal.example.com]
    #   path: /feature-flags
    #   at: data.flags
    # Where gates and smoke checks send their requests.
    # service: { url: https://app.example.com }
    # Where gates of source sql measure. They read these tables and nothing else.
    # database: { host: db.internal, name: app, reads: [schema_migrations, users] }
  cutover:stage:
    title: Every flag off
    flags:
${flagValues(valuesIn(answers, 0))}
`;
}

function stageFile(answers: Answers, { schema }: Paths, index: number): string {
  const { stages } = answers;
  const stage = stages[index] ?? "";
  const before = stages[index - 1] ?? FIRST;
  // Row ids are unique in a rollout; reports, alarms and people name rows by them.
  const row = String.fromCharCode("A".charCodeAt(0) + index);
  return `# yaml-language-server: $schema=${schema}
# Stage ${index + 1} of ${stages.length}. ${short.ofStack("preview", stage)} says why it may or may not be promoted, pulumi up promotes it.
config:
  cutover:stage:
    title: ${JSON.stringify(`What ${stage} brings`)}
    predecessor: ${scalar(before)}
    # Promoted once per attempt. After an abort it stays down until this rises, with new sign-offs.
    attempt: 1
    flags:
${flagValues(valuesIn(answers, index + 1))}
    # How long it has to be live, without a break, before the next stage.
    soak: 24h
    # What must hold before it is promoted. Only a measured pass promotes.
    entry:
      ${row}1:
        title: The team is ready for ${stage}
        source: signOff
        remedy: Put a statement under signOffs, made after ${before} went live
${index === 0 ? "" : soaked(row, before)}      # A value from the database, once cutover:rollout declares one:
      # ${row}9:
      #   title: The migration is applied
      #   source: sql
      #   query: select count(*) from schema_migrations where version = '001'
      #   expect: { eq: 1 }
    # Statements of people, reviewed with the pull request that promotes:
    # signOffs:
    #   ${row}1: { by: ada@example.com, at: 2026-01-01T10:00:00Z, statement: We are ready, attempt: 1 }
    # What must hold before the next stage is promoted.
    exit:
      E${row}1:
        title: No server error during the soak
        source: metric
        namespace: ${JSON.stringify(answers.name)}
        name: Errors
        statistic: Sum
        window: soak
        # Fewer requests than this say nothing.
        minSamples: 100
        samplesFrom: Requests
        expect: { eq: 0 }
    # Alarms while it is live. rollback lowers the flags by itself and pages; page only pages.
    abort:
      X${row}1:
        title: Requests answer with a server error
        metric: { namespace: ${JSON.stringify(answers.name)}, name: Errors, statistic: Sum, period: 10s }
        threshold: { gt: 0 }
        # The app publishes it zero-filled, or on errors alone: silence is no error.
        missingData: notBreaching
        action: rollback
        runbook: Look at the servers' log
    messages:
      C${row}1:
        title: ${JSON.stringify(`${stage} of ${answers.name} is about to be enabled`)}
        to: [ops]
        when: before
    # The ways back, as the runbook tells them.
    rollback:
      R${row}1:
        title: ${JSON.stringify(`${stage} makes trouble`)}
        to: predecessor
        within: 2m
`;
}

function soaked(row: string, before: string): string {
  return `      ${row}2:
        title: ${JSON.stringify(`${before} has been live for its soak`)}
        source: soak
      ${row}3:
        title: ${JSON.stringify(`No abort alarm of ${before} fired during its soak`)}
        source: alarms
      ${row}4:
        title: ${JSON.stringify(`The abort path of ${before} was drilled`)}
        source: drill
`;
}

function flagValues(values: readonly (readonly [flag: string, value: boolean | number])[]): string {
  return values.map(([flag, value]) => `      ${scalar(flag)}: ${value}`).join("\n");
}

/** A name as YAML: those that YAML, of any version, would take for something else are quoted. */
function scalar(text: string): string {
  return /^(true|false|null|yes|no|on|off|y|n)$/i.test(text) || !/^[A-Za-z][\w.-]*$/.test(text)
    ? JSON.stringify(text)
    : text;
}
