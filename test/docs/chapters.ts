import type { Setting } from "./world";

/** Pages that are followed one after the other, in a world in which nothing has happened before the first of them. */
export interface Chapter {
  readonly name: string;
  /** Whose flags the server has, and whose stack files the pages speak of. */
  readonly rollout: string;
  /** How much faster declared durations pass than the clock. */
  readonly timeScale: number;
  readonly setting: Setting;
  /** Commands that bring about what the chapter's first page begins with. */
  readonly before: readonly string[];
  readonly pages: readonly Page[];
}

/** A page, which is followed in a shell of its own. */
export interface Page {
  /** Its path in the checkout. */
  readonly page: string;
  /** Commands that bring about what it begins with, where that is more than the page before it left. */
  readonly before?: readonly string[];
  /**
   * Where the files are that its YAML blocks speak of, from the checkout: they are no examples, but edits. Absent: they
   * are not done.
   */
  readonly edited?: string;
}

/** Durations take what they say. */
const REAL = 1;
/** A soak of 24 h takes a second. */
const FAST = 24 * 3_600;

/** A page that says nothing of it leaves these to whoever follows it. */
const SETTING: Setting = { region: "eu-central-1", passphrase: "made-up-for-a-test" };

const LOGIN = 'pulumi login "$BACKEND"';
const PASSWORD = "pulumi config set -s baseline postgresql:password --secret";
const PACK = "export PULUMI_OPTION_POLICY_PACK=$PWD/policies";
const INIT = "npm run -s cutover -- init rollouts/search --name search --flag SEARCH_READ --stages stageA";
const make = (...names: string[]) => names.map((name) => `pulumi stack init ${name}`);

/** Stacks of the rollout at the root: config is set on them from there. */
const MADE = [LOGIN, ...make("baseline")];

/** The longest first: what is read side by side then ends at about the same time. */
export const CHAPTERS: readonly Chapter[] = [
  {
    name: "a rollout of one's own",
    rollout: "search",
    timeScale: REAL,
    setting: {},
    before: [],
    pages: [{ page: "docs/tutorial.md", edited: "../shop/rollouts/search" }],
  },
  {
    name: "a rollout whose last stage is live, and its soak over",
    rollout: "ops-view",
    timeScale: FAST,
    setting: SETTING,
    before: [
      LOGIN,
      ...make("baseline", "stageA", "stageB"),
      PASSWORD,
      PACK,
      "pulumi up -s baseline",
      "pulumi up -s stageA",
      // A soak of 24 h.
      "sleep 2",
      "pulumi up -s stageB",
    ],
    pages: [
      { page: "docs/reference/gates.md" },
      { page: "docs/how-to/runbook.md" },
      {
        page: "docs/how-to/backups.md",
        before: [
          'pulumi config set -s baseline --path "cutover:rollout.backup.dumps" s3://ops-backups/postgres',
        ],
      },
      {
        page: "docs/how-to/flags-from-environment.md",
        before: ['pulumi config rm -s baseline --path "cutover:rollout.backup"'],
      },
      { page: "docs/how-to/deliver-flags.md" },
      { page: "docs/how-to/incident-tracker.md" },
      { page: "docs/how-to/metrics-elsewhere.md" },
      { page: "docs/how-to/finish.md" },
      { page: "docs/how-to/private-network.md" },
      { page: "docs/how-to/when-it-goes-wrong.md" },
      { page: "docs/how-to/stop-and-hold.md" },
      { page: "docs/how-to/github.md" },
      { page: "docs/how-to/gitlab.md" },
      { page: "docs/how-to/notifications.md" },
      {
        page: "docs/how-to/retire.md",
        before: [PACK, 'npm run -s cutover -- abort --rollout ops-view --all --reason "it is given up"'],
      },
      // The last one: it says which database the foundation is in, which is gone by now.
      { page: "docs/how-to/postgresql-elsewhere.md" },
    ],
  },
  {
    name: "a rehearsal in a checkout",
    rollout: "search",
    timeScale: REAL,
    setting: {},
    before: [INIT],
    pages: [{ page: "docs/how-to/rehearse-your-own.md" }],
  },
  {
    name: "a rollout on Vercel, Render and Supabase",
    rollout: "search",
    timeScale: REAL,
    setting: SETTING,
    before: MADE,
    pages: [{ page: "docs/how-to/vercel-render-supabase.md", edited: "rollouts/search" }],
  },
  {
    name: "a rollout on Replit and RDS",
    rollout: "search",
    timeScale: REAL,
    setting: SETTING,
    before: MADE,
    pages: [{ page: "docs/how-to/replit-and-rds.md", edited: "rollouts/search" }],
  },
  {
    name: "a real account, from nothing to nothing",
    rollout: "ops-view",
    timeScale: REAL,
    setting: {},
    before: [],
    pages: [{ page: "docs/how-to/real-account.md" }],
  },
  {
    name: "the README, from nothing",
    rollout: "ops-view",
    timeScale: REAL,
    setting: {},
    before: [],
    pages: [{ page: "README.md" }],
  },
  {
    name: "a sandbox of one's own",
    rollout: "search",
    timeScale: REAL,
    setting: SETTING,
    before: [INIT],
    pages: [{ page: "docs/how-to/sandbox.md" }],
  },
  {
    name: "a rollout with a table of imports, with its first stage up",
    rollout: "v2-pipeline",
    timeScale: FAST,
    setting: SETTING,
    before: [LOGIN, "cd rollouts/v2-pipeline", ...make("baseline"), PASSWORD, "pulumi up -s baseline"],
    pages: [
      { page: "docs/how-to/imports.md" },
      {
        page: "docs/how-to/no-way-back.md",
        before: ['npm run -s cutover -- hold --rollout v2-pipeline --reason "data is corrupt"'],
      },
    ],
  },
];

/** Pages with apps, and commands that no rollout needs: the test that types them, below `test/docs/app`. */
export const APP_PAGES: Readonly<Record<string, string>> = {
  "docs/how-to/app-fastapi.md": "fastapi.engine.test.ts",
  "docs/how-to/app-nextjs.md": "nextjs.engine.test.ts",
  "docs/how-to/metrics-from-logs.md": "logs.engine.test.ts",
};
