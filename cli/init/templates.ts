import type { FlagAnswer, StageAnswer } from "./answers";

/** A plan to start from: its flags and stages, and what is to be said of them. */
export interface Template {
  /** In a few words, for help. */
  readonly words: string;
  readonly plan: (rollout: string) => {
    readonly flags: readonly FlagAnswer[];
    readonly stages: readonly StageAnswer[];
  };
}

/** From an old store to a new one, by steps that can each be taken back; but for the last, which leaves the old store. */
const migration: Template = {
  words: "off, shadow, dual write, dual read, new only, old gone",
  plan(rollout) {
    const prefix = rollout.replaceAll("-", "_").toUpperCase();
    const [shadow, write, read, only] = ["SHADOW", "DUAL_WRITE", "DUAL_READ", "NEW_ONLY"].map(
      (step) => `${prefix}_${step}`,
    ) as [string, string, string, string];
    return {
      flags: [
        { name: shadow, kind: "boolean", title: "The new path runs beside the old one, and is not answered" },
        { name: write, kind: "boolean", title: "Writes go to the old store and the new one", writes: true },
        {
          name: read,
          kind: "boolean",
          title: "Reads ask both stores, and are answered from the new one",
          requires: [write],
        },
        {
          name: only,
          kind: "boolean",
          // It requires none of the others: in the end they come down, and it stays.
          title: "The new store alone is read, and alone written once dual write is off",
        },
      ],
      stages: [
        {
          name: "shadow",
          values: [[shadow, true]],
          compares: true,
          title: "The new path runs in the shadow of the old one",
        },
        { name: "dualWrite", values: [[write, true]], title: "Both stores are written" },
        {
          name: "dualRead",
          values: [[read, true]],
          compares: true,
          title: "Both stores are read, and the new one answers",
        },
        {
          name: "newOnly",
          values: [[only, true]],
          title: "The new store alone is read",
          note: `Both stores are still written: ${write} stays on, so that an abort goes back to an old store that
# is whole.`,
        },
        {
          name: "oldGone",
          values: [shadow, write, read].map((flag) => [flag, false] as const),
          contracts: true,
          title: "The new store alone is written, and the old one is left",
          irreversible: "The old store is no longer written, and stale",
        },
      ],
    };
  },
};

export const TEMPLATES: Readonly<Record<string, Template>> = { migration };
