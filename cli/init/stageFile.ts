import { showValue } from "../../src/flags/flags";
import { short } from "../../src/text/command";
import { type Answers, FIRST } from "./answers";
import { loweredIn, raisedIn, thresholds, valuesIn } from "./steps";
import { flagValues, scalar } from "./yaml";

/** Errors and requests of this many data points make a p95 that means something. */
const SAMPLES = 20;
/** An alarm's limit of latency is this many times the gate's, and more for a stage that others follow. */
const TIMES = 2;

/** One stage, as its parts are written from. */
interface Written {
  readonly answers: Answers;
  readonly index: number;
  readonly stage: Answers["stages"][number];
  /** The stage before it. */
  readonly before: string;
  /** What its rows' ids begin with. They are unique in a rollout; reports, alarms and people name rows by them. */
  readonly row: string;
}

/** The stack file of one of the rollout's stages, which explains itself. */
export function stageFile(answers: Answers, schema: string, index: number): string {
  const { stages, name: rollout } = answers;
  const stage = stages[index] ?? { name: "" };
  const before = stages[index - 1]?.name ?? FIRST;
  const row = String.fromCharCode("A".charCodeAt(0) + index);
  const written: Written = { answers, index, stage, before, row };
  const { name } = stage;
  return `# yaml-language-server: $schema=${schema}
# Stage ${index + 1} of ${stages.length}. ${short.ofStack("preview", name)} says why it may or may not be promoted, pulumi up promotes it.
${stage.note === undefined ? "" : `# ${stage.note}\n`}config:
  cutover:stage:
    title: ${JSON.stringify(stage.title ?? titleOf(written))}
    predecessor: ${scalar(before)}
    # Promoted once per attempt. After an abort it stays down until this rises, with new sign-offs.
    attempt: 1
    flags:
${flagValues(valuesIn(answers, index + 1))}
${contracts(written)}    # How long it has to be live, without a break, before the next stage.
    soak: 24h
${snapshot(written)}    # What must hold before it is promoted. Only a measured pass promotes.
    entry:
${entry(written)}    # Statements of people, reviewed with the pull request that promotes:
    # signOffs:
    #   ${row}1: { by: ada@example.com, at: "2026-01-01T10:00:00Z", statement: We are ready, attempt: 1 }
    # What must hold before the next stage is promoted.
    exit:
${exit(written)}    # Alarms while it is live. rollback lowers the flags by itself and pages; page only pages.
    abort:
${abort(written)}    messages:
      C${row}1:
        title: ${JSON.stringify(`${name} of ${rollout} is about to be enabled`)}
        to: [ops]
        when: before
${
  lowersOnly(written)
    ? ""
    : `    # The ways back, as the runbook tells them.
    rollback:
      R${row}1:
        title: ${JSON.stringify(`${name} makes trouble`)}
        to: predecessor
        within: 2m
`
}`;
}

/** Whether it raises nothing that an abort of it could lower again. */
function lowersOnly({ answers, index }: Written): boolean {
  return raisedIn(answers, index + 1).length === 0;
}

function contracts({ answers, index, stage }: Written): string {
  const lowered = loweredIn(answers, index + 1);
  if (lowered.length === 0) return "";
  const door =
    stage.irreversible === undefined
      ? ""
      : `    # From the flip on nothing goes back behind it, whoever asks. Whoever promotes it signs that, under signOffs.
    irreversible: { floor: ${scalar(stage.name)}, because: ${JSON.stringify(stage.irreversible)} }
`;
  return `    # Lower than in the stage before, and meant to be: an abort raises nothing, so they stay down after it.
    contracts: [${lowered.map(scalar).join(", ")}]
${door}`;
}

/** `READ is on, PERCENT at 50 %`. */
function titleOf({ answers, index, stage }: Written): string {
  const words = raisedIn(answers, index + 1)
    .map(([flag, value]) => (typeof value === "boolean" ? `${flag} on` : `${flag} at ${showValue(value)}`))
    .join(", ");
  return words.length <= 120 ? words : `What ${stage.name} brings`;
}

/** Whether a stage raises a flag that writes. */
function raisesWrites({ answers, index }: Written): boolean {
  const writers = answers.flags.filter(({ writes }) => writes).map(({ name }) => name);
  return raisedIn(answers, index + 1).some(([flag]) => writers.includes(flag));
}

function snapshot(written: Written): string {
  const { snapshot: taken } = written.answers;
  if (!taken || !raisesWrites(written)) return "";
  return `    # Taken before the flags change: the new path may write from here on.
    snapshot: { ${taken.kind}: ${scalar(taken.id)} }
`;
}

function entry(written: Written): string {
  const { answers, index, stage, before, row } = written;
  const taken = answers.snapshot && raisesWrites(written);
  return `      ${row}1:
        title: The team is ready for ${stage.name}
        source: signOff
        remedy: Put a statement under signOffs, made after ${before} went live
${index === 0 ? tables(written) : soaked(written)}${
  taken
    ? `      ${row}5:
        title: A snapshot of this promotion is available
        source: snapshot
`
    : ""
}${answers.backup !== undefined && raisesWrites(written) ? backups(written) : ""}`;
}

function backups({ stage, row }: Written): string {
  return `      # Taken by ${short.ofStage("backup", stage.name)}, and restored by ${short.ofStage("prove-backup", stage.name)}.
      ${row}6:
        title: A dump of this promotion is whole
        source: backup
      ${row}7:
        title: The last backup that was tried came back
        source: restored
        maxAge: 30d
`;
}

function soaked({ before, row }: Written): string {
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

/** What is asked of the database before anything is raised. */
function tables({ answers: { database }, row }: Written): string {
  if (!database)
    return `      # A value from the database, once cutover:rollout declares one:
      # ${row}9:
      #   title: The migration is applied
      #   source: sql
      #   query: select count(*) from schema_migrations where version = '001'
      #   expect: { eq: 1 }
`;
  return database.tables
    .map(
      (table, index) => `      ${row}${10 + index}:
        title: The table ${table} has rows
        source: sql
        query: select count(*) from ${table}
        expect: { gt: 0 }
        # What is known to be bad, so that the gate shows that it can fail (${short.cutover("prove")}).
        prove: { query: "select count(*) from ${table} where false" }
`,
    )
    .join("");
}

function exit({ answers, stage, row }: Written): string {
  const { errors, requests, latency } = answers.metrics;
  const namespace = JSON.stringify(answers.metrics.namespace ?? answers.name);
  return `      E${row}1:
        title: No server error during the soak
        source: metric
        namespace: ${namespace}
        name: ${JSON.stringify(errors)}
        statistic: Sum
        window: soak
        # Fewer requests than this say nothing.
        minSamples: 100
        samplesFrom: ${JSON.stringify(requests)}
        expect: { eq: 0 }
${
  latency
    ? `      E${row}2:
        title: The p95 of answers stays below ${latency.limit} ms over the soak
        source: metric
        namespace: ${namespace}
        name: ${JSON.stringify(latency.name)}
        statistic: p95
        window: soak
        minSamples: 100
        expect: { lt: ${latency.limit} }
`
    : ""
}${
  stage.compares
    ? `      E${row}3:
        title: The old path and the new one never differ
        source: metric
        namespace: ${namespace}
        # Yours in place of these two: where both answers are held against each other, and how often that was done.
        name: Divergences
        statistic: Sum
        window: soak
        minSamples: 100
        samplesFrom: Comparisons
        expect: { eq: 0 }
`
    : ""
}`;
}

function abort(written: Written): string {
  const { answers, index, stage, row } = written;
  const action = lowersOnly(written) ? "page" : "rollback";
  const { errors, latency } = answers.metrics;
  const namespace = JSON.stringify(answers.metrics.namespace ?? answers.name);
  const later = answers.stages.length - 1 - index;
  const next = answers.stages[index + 1]?.name;
  const staged =
    next === undefined
      ? ""
      : `        # While a later stage is live this one watches, too. It bears more than ${next}: a few errors take one step
        # back, and many take all of them.
`;
  return `      X${row}1:
        title: ${JSON.stringify(`Requests answer with a server error while ${stage.name} is live`)}
        metric: { namespace: ${namespace}, name: ${JSON.stringify(errors)}, statistic: Sum, period: 10s }
${staged}        threshold: { gt: ${thresholds(answers)[index] ?? 0} }
        # The app publishes it zero-filled, or on errors alone: silence is no error.
        missingData: notBreaching
        action: ${action}
        runbook: Look at the servers' log
${
  latency
    ? `      X${row}2:
        title: ${JSON.stringify(`Answers are slow while ${stage.name} is live`)}
        metric: { namespace: ${namespace}, name: ${JSON.stringify(latency.name)}, statistic: p95, period: 1m }
        threshold: { gt: ${latency.limit * (TIMES + later)} }
        # One slow request in a quiet moment is no p95.
        minSamples: ${SAMPLES}
        missingData: notBreaching
        action: ${action}
        runbook: Look at what the new path waits for
`
    : ""
}`;
}
