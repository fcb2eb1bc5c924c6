import { databaseUrl } from "../../sandbox/appEnv";
import { fetchedAgo } from "../../sandbox/standin/signals/send";
import type { Exception } from "./plan";
import type { Typing } from "./shell";
import type { World } from "./world";

/** A command that is not typed, and what is done in its place for those after it. */
export interface ExceptionHere extends Exception {
  readonly instead?: (world: World) => Promise<void>;
}

/** Every command that is not typed. */
export const EXCEPTIONS: readonly ExceptionHere[] = [
  { command: "npm ci", because: "it empties node_modules, which this checkout shares; CI begins with it" },
  {
    command: 'npm run -s cutover -- env --write flags.env --run "docker compose up -d --force-recreate web"',
    because:
      "it goes on until it is ended, and a sandbox has no Docker; test/engine/deliver.test.ts runs one",
  },
  { command: "npm run rehearse", because: "it takes minutes; CI runs it by itself" },
  ...["", " --rows"].map((option) => ({
    command: `npm run -s cutover -- rehearse -C rollouts/search${option}`,
    page: "docs/how-to/rehearse-your-own.md",
    because:
      "it takes minutes; the tutorial rehearses the same files, and rehearsals have tests of their own",
  })),
  ...[
    "npx cutover init rollouts/search --name search --flag SEARCH_READ --flag SEARCH_WRITE --stages stageA,stageB",
    "npx cutover validate --rollout search",
    "npx cutover rehearse -C rollouts/search",
  ].map((command) => ({
    command,
    page: "README.md",
    because: "the package is installed by the tutorial, which types the very same",
  })),
  {
    command:
      "aws ssm start-session --target i-0a1b2c3d4e5f60718 --document-name AWS-StartPortForwardingSessionToRemoteHost --parameters host=ops-db.c4k2m8p1x7qz.eu-central-1.rds.amazonaws.com,portNumber=5432,localPortNumber=5432",
    because: "the AWS CLI is a program of its own, and the instance is one of one's own account",
  },
  ...["vercel --secret-string file://vercel-token", "render --secret-string file://render-key"].map(
    (rest) => ({
      command: `aws secretsmanager create-secret --name search/${rest}`,
      because: "the AWS CLI is a program of its own, and the key is one of one's own team",
    }),
  ),
  { command: "npm test", because: "this is one of its tests" },
  {
    command:
      "aws cloudwatch put-metric-data --namespace search --metric-name Errors --value 0 --storage-resolution 1",
    because: "the AWS CLI is a program of its own, which the set-up does not bring along",
    instead: (world) => world.publish("Errors", "search"),
  },
];

/** Words that name something of one's own account, or that a person reads elsewhere, and what stands for it here. */
export const INSTEAD: readonly {
  readonly words: string;
  readonly because: string;
  readonly here: (world: World) => string;
}[] = [
  {
    words: "s3://my-state-bucket",
    because: "it is a bucket of one's own account",
    here: ({ backend }) => backend,
  },
  {
    words: "s3://my-preview-bucket",
    because: "it is a bucket of one's own account",
    here: ({ backend }) => `${backend}-of-previews?create_dir=true`,
  },
  {
    words: "postgresql://owner:password@ops-db.internal:5432/ops",
    because: "it is a database of one's own account",
    here: ({ postgres }) => databaseUrl(postgres),
  },
  {
    words: "pulumi login --local",
    because: "it keeps state in the home of whoever runs the test, whatever HOME says",
    here: ({ backend }) => `pulumi login ${backend}`,
  },
  {
    words: "ops-db.c4k2m8p1x7qz.eu-central-1.rds.amazonaws.com",
    because: "it is a database of one's own account",
    here: ({ postgres }) => postgres.host,
  },
  {
    words: "db.abcdefghijkl.supabase.co",
    because: "it is a database of one's own project",
    here: ({ postgres }) => postgres.host,
  },
  {
    words: "aws-0-eu-central-1.pooler.supabase.com",
    because: "it is a database of one's own project",
    here: ({ postgres }) => postgres.host,
  },
  {
    words: "cutover -- doctor",
    because: "pages are followed side by side, on a machine that has other work as well",
    here: () => "cutover -- doctor --within 5m",
  },
  {
    words: "K7QM2-XWD9F",
    because: "it stands in the page that on-call gets, and nowhere else",
    here: ({ webhook }) => codeIn(webhook.delivered.map(({ message }) => message)),
  },
];

/** What a person does beside typing the command: what they type into it, when they end it, what they see to before. */
export const BY_HAND: readonly {
  readonly command: string;
  readonly typing: (world: World) => Typing | Promise<Typing>;
}[] = [
  {
    command: "pulumi config set -s baseline postgresql:password --secret",
    typing: ({ postgres }) => ({ input: postgres.password }),
  },
  { command: "pulumi config set -s stageA --secret cutover:token-admin", typing: () => ({ input: "m" }) },
  { command: "pulumi config set -s stageB --secret cutover:token-pagerduty", typing: () => ({ input: "p" }) },
  { command: "pulumi config set -s stageA --secret cutover:token-analyst", typing: () => ({ input: "a" }) },
  {
    command: 'pulumi config set -s baseline --path --secret "cutover:rollout.topics.onCall[0].endpoint"',
    typing: ({ webhook }) => ({ input: `${webhook.url}/on-call` }),
  },
  {
    command: "npx cutover status --watch",
    typing: () => ({ interruptAt: /stageA/ }),
  },
  {
    // The sandbox's environment leaves nothing of what said yes before.
    command: 'pulumi up -s baseline -C "$CUTOVER_PROJECT"',
    typing: () => ({ asked: { prompt: "Do you want to perform this update?", answer: "yes" } }),
  },
  {
    command: "npm run -s cutover -- retire --rollout ops-view",
    typing: async ({ server, sandbox }) => {
      // The page says that they have to be in code by then, and for an hour.
      server.inCode = true;
      await fetchedAgo(sandbox.aws, 3_600_000);
      return { asked: { prompt: "Type ops-view", answer: "ops-view" } };
    },
  },
];

/** The code of the newest page. */
function codeIn(messages: readonly string[]): string {
  const codes = messages.flatMap((message) => message.match(/\b[A-Z0-9]{5}-[A-Z0-9]{5}\b/g) ?? []);
  return codes.at(-1) ?? "no page has a code";
}
