import { readdirSync } from "node:fs";
import { join } from "node:path";

/** Where rollouts lie that show what can be said, each after a plan of somebody else's. */
const EXAMPLES = join(__dirname, "..", "..", "rollouts", "examples");

/** What the runbook of a stage has to say, word by word, since the plan says so. */
interface Said {
  readonly stage: string;
  readonly says: readonly string[];
}

/** By the folder's name. Each example stands here. */
export const SAYS: Readonly<Record<string, readonly Said[]>> = {
  "business-days": [
    {
      stage: "ten",
      says: [
        "mon, tue, wed, thu 09:00 to 16:00; fri 09:00 to 12:00 in Europe/Berlin, holidays left out",
        "not from 2026-12-18 11:00:00Z until 2027-01-04 07:00:00Z (Year-end business)",
        "flags may come down at any time",
      ],
    },
    {
      stage: "everybody",
      says: [
        "≥ 1 business cycle without a break",
        "A business cycle is a whole working day, all of which it is live (09:00 to 17:30 in Europe/Berlin, mon, tue, wed, thu, fri, holidays left out).",
      ],
    },
  ],
  "every-server": [
    {
      stage: "search",
      says: [
        "### V1: Every server runs build 2.5.0",
        "every server: build = 2.5.0",
        "every server is asked by itself for `/version`",
        "curl -sS https://app-1.internal.example.com/version | jq .build",
        "curl -sS https://app-2.internal.example.com/version | jq .build",
      ],
    },
  ],
  "dual-write": [
    {
      stage: "new-only",
      says: [
        "| `DUAL_WRITE` | true | **false** |",
        "Once new-only is live, nothing goes below `READ_PERCENT` 100 %: **the old store is no longer written, and stale**",
        "page; no flag changes",
        "SHADOW_READS false, DUAL_WRITE false stay down: new-only contracts them, and no abort raises a flag.",
      ],
    },
    { stage: "read100", says: ["`READ_PERCENT` 100 % → 50 %"] },
  ],
  "half-percent": [
    { stage: "half", says: ["| `HALF_PERCENT` | 0 % | **0.5 %** |"] },
    { stage: "p5", says: ["| `HALF_PERCENT` | 0.5 % | **5 %** |", "`HALF_PERCENT` 5 % → 0.5 %"] },
    { stage: "p50", says: ["| `HALF_PERCENT` | 5 % | **50 %** |"] },
    { stage: "p100", says: ["| `HALF_PERCENT` | 50 % | **100 %** |"] },
  ],
  "rate-limit": [
    {
      stage: "shadow",
      says: ["| `RATE_LIMIT` | off | **shadow** |", "`RATE_LIMIT` shadow → off, `RETRY_HINTS` true → false"],
    },
    { stage: "enforce", says: ["| `RATE_LIMIT` | shadow | **enforce** |", "`RATE_LIMIT` enforce → shadow"] },
  ],
  surfaces: [
    {
      stage: "android",
      says: [
        "page; `WEB_CHECKOUT` true → false (WEB_CHECKOUT alone, and what requires it)",
        "page; `ANDROID_CHECKOUT` true → false (one phase down: from android to ios)",
        "--to previous",
        "-s android --to predecessor --flags ANDROID_CHECKOUT",
      ],
    },
    { stage: "ios", says: ["(one phase down: from ios to web)"] },
  ],
  "load-balancer": [
    {
      stage: "p1",
      says: ["Average < 1.2, 3 times in a row, no worse than the first 1h by 25% over 1h, ≥ 500 samples"],
    },
    {
      stage: "p10",
      says: [
        "FILL(newErrors, 0) / newRequests - 1.25 * FILL(oldErrors, 0) / oldRequests ≤ 0 over 1h, ≥ 500 samples",
        "Average < 1, no worse than the first 1h by 25% over 1h, ≥ 500 samples",
        "> 1 over 5m, 6 of 6 times, from 500 samples (newRequests) on",
        "it has to be live for 14d without a break",
      ],
    },
    { stage: "p50", says: ["> 0.5 over 5m, 6 of 6 times, from 500 samples (newRequests) on"] },
  ],
  "metrics-elsewhere": [
    {
      stage: "search",
      says: [
        "Required: `overall_state of /api/v1/monitor/91234567 at datadog = OK`",
        "(le)) at prometheus < 0.3`",
        "at prometheus, asked every 10s, > 0.02 over 10s, 2 of 3 times, or silence",
        "Fires: `the alarm search-index-lag fires, which decides by itself when`",
        'Fires: `lines of /ecs/search that match "unknown mapping" > 0 over 1m`',
      ],
    },
  ],
  "two-tables": [
    {
      stage: "new",
      says: [
        "the number of rows that only old has, or that only new has, or that differ between old and new, > 0",
        "Orders in the old table and in the new one: the first hundred rows that differ",
      ],
    },
  ],
  "proven-backups": [
    {
      stage: "new",
      says: [
        "A6: A dump of this promotion is whole",
        "cutover -- backup --rollout proven-backups",
        "A7: The last backup that was tried came back",
        "cutover -- prove-backup --rollout proven-backups",
      ],
    },
  ],
};

/** The folders of all examples, in the order of their names. */
export function examples(): readonly { readonly name: string; readonly folder: string }[] {
  return readdirSync(EXAMPLES, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => ({ name, folder: join(EXAMPLES, name) }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
