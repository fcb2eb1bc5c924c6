/** The stack files of a small rollout, as a person writes them. */
export const STACK_FILES: Readonly<Record<string, string>> = {
  "Pulumi.baseline.yaml": `
config:
  cutover:rollout:
    name: ops-view
    flags:
      READ: { kind: boolean }
    topics: { onCall: [{ protocol: email, endpoint: on-call@example.com }] }
  cutover:stage:
    flags: { READ: false }
`,
  "Pulumi.stageA.yaml": `
config:
  cutover:stage:
    predecessor: baseline
    flags: { READ: true }
    soak: 24h
    entry:
      A2: { source: soak, title: The baseline has soaked, atLeast: 1h }
    abort:
      XA1:
        title: The queue answers with errors
        metric: { namespace: OpsView, name: Queue5xx, statistic: Sum }
        threshold: { gt: 0 }
        missingData: notBreaching
        action: rollback
`,
};
