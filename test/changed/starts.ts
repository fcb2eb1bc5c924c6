import { HANDLERS, PACK } from "../../package/programs";

/** The program of every stack. Its rollout's own code is loaded by it, from beside the stack files. */
const PROGRAM = "index.ts";
const COMMAND = "cli/main.ts";

/**
 * What a module starts as a process of its own, or loads by its path: imports that no import says. A module that names a
 * program and is not here is found by a test.
 */
export const STARTS: Readonly<Record<string, readonly string[]>> = {
  // What a stack file names as its program, and the pack that judges it.
  "cli/sandbox/project.ts": [PROGRAM],
  "cli/policyPack.ts": [PACK],
  "src/lambda/functions.ts": HANDLERS.map((name) => `src/lambda/${name}.ts`),
  "cli/rehearse/command.ts": [COMMAND],
  "cli/rehearse/report.ts": [COMMAND],
  "sandbox/engine/plugins.ts": [
    "sandbox/engine/language-host/main.ts",
    "sandbox/aws/plugin/main.ts",
    "sandbox/postgres/plugin/main.ts",
  ],
  "sandbox/aws/front/start.ts": ["sandbox/aws/front/main.ts"],
  "sandbox/postgres/pooler/start.ts": ["sandbox/postgres/pooler/main.ts"],
  "sandbox/webhook/start.ts": ["sandbox/webhook/main.ts"],
  "sandbox/platforms/start.ts": ["sandbox/platforms/main.ts", "sandbox/demo/env/main.ts"],
  "sandbox/standin/spawn.ts": ["sandbox/standin/main.ts"],
  "sandbox/standin/service/fleet.ts": ["sandbox/standin/service/main.ts"],
  "sandbox/demo/ops-view/fleet.ts": ["sandbox/demo/ops-view/main.ts"],
  "sandbox/demo/service/servers.ts": ["sandbox/demo/service/task.ts"],
  "rehearsal.ts": ["sandbox/demo/ops-view/main.ts"],
  "rollouts/v2-pipeline/rehearsal.ts": ["sandbox/demo/v2-pipeline/main.ts"],
  // It loads what lies beside the stack files: the shipped rollouts', where one of them is tried.
  "src/rollout/ownModule.ts": [
    "rehearsal.ts",
    "rollouts/v2-pipeline/checks.ts",
    "rollouts/v2-pipeline/rehearsal.ts",
  ],
  "test/engine/deliver.test.ts": [COMMAND],
  "test/engine/finish.test.ts": [COMMAND],
  "test/cli/main.engine.test.ts": [COMMAND],
  "test/cli/sandbox/sandbox.engine.test.ts": [COMMAND],
  "test/cli/rehearse/derived/trouble.engine.test.ts": [COMMAND],
  "test/src/backups/interrupted.engine.test.ts": [COMMAND],
  "test/docs/world.ts": [COMMAND],
  "test/sandbox/sandbox.engine.test.ts": ["test/sandbox/host/fixtures/holder.ts"],
  "test/cli/drill/run.engine.test.ts": ["test/src/abort/fixtures/switch.ts"],
  "test/package/installed.ts": [
    "package/build.ts",
    "package/index.ts",
    "package/template.ts",
    COMMAND,
    PROGRAM,
  ],
  "test/support/shop.ts": [COMMAND],
};
