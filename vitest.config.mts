import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { Sequencer } from "./test/sequencer.mts";

const MINUTE = 60_000;

/** Files that set mocks on the Pulumi runtime, each before it declares anything. */
const DECLARES = ["test/components/**/*.test.ts"];

/** Files that open a sandbox, or a part of one: they run in the last project alone. */
const ENGINE = ["test/engine/**/*.test.ts", "test/**/*.engine.test.ts"];

/** Files that ask servers of their own, or start programs: most of their time is waiting. */
const TALKS = [
  "test/cli/*.test.ts",
  "test/cli/**/run.test.ts",
  "test/cli/completion/**/*.test.ts",
  "test/cli/ci/**/*.test.ts",
  "test/cli/rehearse/**/*.test.ts",
  "test/cli/sandbox/**/*.local.test.ts",
  "test/docs/*.local.test.ts",
  "test/kit/node/package.test.ts",
  "test/kit/node/sources/*.test.ts",
  "test/kit/python.test.ts",
  "test/rollouts/**/{checks,looking,rows}.test.ts",
  "test/src/backups/*.test.ts",
  "test/src/flags/readLedger.test.ts",
  "test/src/gates/kinds/**/*.test.ts",
  "test/src/lambda/**/*.test.ts",
  "test/src/probe/elsewhere.test.ts",
  "test/src/text/shell.test.ts",
];

/** Files that set up the Pulumi runtime, the environment or processes for themselves. */
const NEEDS_A_PROCESS = [
  "test/cli/{bootstrap,identity}.test.ts",
  "test/cli/retire/world.test.ts",
  "test/start.test.ts",
  "test/printed.test.ts",
  "test/program/**/*.test.ts",
  "test/sandbox/**/*.test.ts",
  "test/src/abort/stopped.test.ts",
  "test/src/promotion/{filledRows,foundationOutputs,heldTo,lastLook,readKept,restarts,schedules,settings,settle,silentRows,stackState,strangers,takeDown,unknownDoors}.test.ts",
  "test/src/text/{growth,progress}.test.ts",
];

export default defineConfig({
  test: {
    // A stray rejection is a bug of the code under test, also where every assertion held.
    dangerouslyIgnoreUnhandledErrors: false,
    // Many tests wait for a server, a timer or a process of their own: more at a time than there are cores.
    maxWorkers: 4,
    // On a busy machine a test may wait long for its turn, and so may what opens something for it; one that hangs is found
    // nevertheless.
    testTimeout: MINUTE,
    hookTimeout: MINUTE,
    sequence: { sequencer: Sequencer },
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: [
            ...DECLARES,
            ...TALKS,
            ...NEEDS_A_PROCESS,
            ...ENGINE,
            "test/browser/**",
            "node_modules/**",
          ],
          // Files of pure code share their modules: most of the time would go into loading the same ones for each.
          pool: "threads",
          isolate: false,
        },
      },
      {
        extends: true,
        test: {
          name: "unit-components",
          include: DECLARES,
          exclude: [...ENGINE, "node_modules/**"],
          // Loading @pulumi/aws takes longer than a file's tests.
          pool: "forks",
          isolate: false,
        },
      },
      {
        extends: true,
        test: {
          name: "local",
          include: TALKS,
          exclude: [...NEEDS_A_PROCESS, ...ENGINE, "node_modules/**"],
          pool: "threads",
          isolate: false,
        },
      },
      {
        extends: true,
        test: {
          name: "local-alone",
          include: NEEDS_A_PROCESS,
          exclude: [...ENGINE, "node_modules/**"],
        },
      },
      {
        extends: true,
        test: {
          name: "browser",
          include: ["test/browser/**/*.test.ts"],
        },
      },
      {
        extends: true,
        test: {
          name: "engine",
          include: ENGINE,
          exclude: ["node_modules/**"],
          // Only a test that hangs takes as long, also where each has half of a small machine.
          testTimeout: 6 * MINUTE,
          // Opens a sandbox, which on a fresh machine builds the engine first.
          hookTimeout: 15 * MINUTE,
          // Each file has an engine, an emulator and a database to itself, and keeps two thirds of a core busy: one more than
          // there are cores. Each takes a gigabyte.
          maxWorkers: Math.min(availableParallelism() + 1, 4),
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
