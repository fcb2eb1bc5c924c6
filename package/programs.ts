import { FUNCTIONS } from "../src/lambda/functions";

/**
 * What the package holds in compiled form, by its source file. Each is one file in `dist/`, under the path of its
 * source: `compiled` (src/text/packaged.ts) finds it there. A program that is missing here is found by nobody.
 */

/** What is loaded into a process that loads packages by itself: the command, stacks' programs, users' own code. */
export const LOADED = ["index.ts", "cli/main.ts", "package/index.ts", "policies/rules/index.ts"] as const;

/** The policy pack, whose folder is also published by itself. */
export const PACK = "policies/index.ts";

/** What the sandbox starts as processes of their own. */
export const STARTED = [
  "sandbox/aws/front/main.ts",
  "sandbox/postgres/pooler/main.ts",
  "sandbox/webhook/main.ts",
  "sandbox/standin/main.ts",
  "sandbox/standin/service/main.ts",
  "sandbox/demo/service/task.ts",
  "sandbox/platforms/main.ts",
  "sandbox/demo/env/main.ts",
] as const;

/** What the sandbox's engine starts. */
export const PLUGINS = [
  "sandbox/engine/language-host/main.ts",
  "sandbox/aws/plugin/main.ts",
  "sandbox/postgres/plugin/main.ts",
] as const;

/** What runs in AWS. */
export const HANDLERS = Object.keys(FUNCTIONS) as (keyof typeof FUNCTIONS)[];

/** Whose types users' own TypeScript is checked against. */
export const TYPED = ["package/index.ts", "index.ts", "policies/rules/index.ts"] as const;
