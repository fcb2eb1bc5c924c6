/** What a line of the table is about, in the order in which it is shown. */
export const GROUPS = [
  "This machine",
  "Stack files",
  "State",
  "AWS",
  "Network",
  "Database",
  "People",
  "Quotas",
  "Gates",
  "Abort rows",
  "Servers",
  "Deliveries",
] as const;
export type Group = (typeof GROUPS)[number];

/** How one thing came out. */
export const STATES = [
  /** It is as it has to be. */
  "ok",
  /** It has to be mended. */
  "fault",
  /** It is not there yet, and need not be: what makes it is said. */
  "later",
  /** No program sees it: a person states it, or it acts only when somebody acts. */
  "hand",
  /** It could not be looked at. */
  "unknown",
] as const;
export type State = (typeof STATES)[number];

/** One line of the table, before lines that say the same are put together. */
export interface Finding {
  readonly group: Group;
  /** What was looked at: a name of the check, a row's id with its stage, a host. */
  readonly name: string;
  readonly state: State;
  /** One sentence without a full stop. */
  readonly what: string;
  /** Where it is written: a YAML path with its file and line. */
  readonly where?: string | undefined;
  /** What to do, for a fault and where something is unknown. */
  readonly remedy?: string | undefined;
}

/** Makes the findings of one group. */
export function finder(group: Group) {
  type Place = Pick<Finding, "where">;
  return {
    ok: (name: string, what: string): Finding => ({ group, name, state: "ok", what }),
    later: (name: string, what: string, more: Place & Pick<Finding, "remedy"> = {}): Finding => ({
      group,
      name,
      state: "later",
      what,
      ...more,
    }),
    hand: (name: string, what: string): Finding => ({ group, name, state: "hand", what }),
    fault: (name: string, what: string, remedy: string, more: Place = {}): Finding => ({
      group,
      name,
      state: "fault",
      what,
      remedy,
      ...more,
    }),
    unknown: (name: string, what: string, remedy: string): Finding => ({
      group,
      name,
      state: "unknown",
      what,
      remedy,
    }),
  };
}

/** The exit code's meaning: nothing has to be mended, and all could be looked at. */
export function healthy(findings: readonly Finding[]): boolean {
  return findings.every(({ state }) => state !== "fault" && state !== "unknown");
}
