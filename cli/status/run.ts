import { requireStage } from "../../src/rollout/rollout";
import { pageWidth } from "../../src/text/page";
import { createProgress } from "../../src/text/progress";
import { EXIT, type Exit } from "../exit";
import { paintsFor } from "../paints";
import { readProject } from "../project";
import { gather } from "./gather";
import { measureAll } from "./measure";
import { renderStatus } from "./render";
import type { StatusView } from "./schema";
import { focusOn, statusView } from "./view";
import { type Screen, watch } from "./watch";

export interface StatusOptions {
  /** The folder with the stack files. */
  readonly folder: string;
  /** Shows this stage alone, with all its rows. */
  readonly stage?: string | undefined;
  readonly json?: boolean | undefined;
  /** Measures every gate of the next stage, through `pulumi`; by default only those that cost nothing. */
  readonly gates?: boolean | undefined;
  /** Draws anew every so many ms. */
  readonly watch?: number | undefined;
  readonly env?: NodeJS.ProcessEnv;
  readonly screen?: Screen & { readonly columns?: number | undefined };
  /** Ends a watch. */
  readonly until?: AbortSignal;
  /** After this many ms a part counts as unknown. */
  readonly patience?: number;
}

/**
 * Tells how a rollout stands, from AWS and the stack files alone. Returns the exit code: failed where any part is
 * unknown, blocked where something has to be looked at, and else ok.
 */
export async function statusCommand(options: StatusOptions): Promise<Exit> {
  const { env = process.env, screen = process.stdout, json = false } = options;
  const project = readProject(options.folder, env);
  if (options.stage !== undefined) requireStage(project.rollout, options.stage);
  const measure = options.gates ? measuring(options.folder, env) : undefined;
  let exit: Exit = EXIT.ok;
  const draw = async (): Promise<string[]> => {
    const asking = () =>
      gather(project, {
        ...(measure ? { measure } : {}),
        ...(options.patience === undefined ? {} : { patience: options.patience }),
      });
    // Measuring has a progress of its own, and a watch shows the picture before.
    const quiet = measure !== undefined || options.watch !== undefined;
    const facts = quiet ? await asking() : await createProgress().step("Asking AWS", asking);
    const whole = statusView(facts);
    const view = options.stage === undefined ? whole : focusOn(whole, options.stage);
    exit = exitOf(view);
    if (json) return [JSON.stringify(view)];
    return renderStatus(view, {
      width: pageWidth(screen.columns),
      paints: paintsFor(screen, env),
      all: options.stage !== undefined,
    });
  };
  if (options.watch === undefined) screen.write(`${(await draw()).join("\n")}\n`);
  else {
    const until = options.until ?? interrupted();
    await watch({
      draw,
      screen: json ? { write: onlyLines(screen) } : screen,
      everyMs: options.watch,
      until,
    });
  }
  return exit;
}

function exitOf({ complete, attention }: StatusView): Exit {
  if (!complete) return EXIT.failed;
  return attention.length > 0 ? EXIT.blocked : EXIT.ok;
}

function measuring(folder: string, env: NodeJS.ProcessEnv) {
  const progress = createProgress();
  return (...[rollout, ledger]: [Parameters<typeof measureAll>[1], Parameters<typeof measureAll>[2]]) =>
    progress.step("Measuring the gates", async () => {
      const { openStage } = await import("../pulumi");
      return measureAll((stage) => openStage(folder, stage, env), rollout, ledger);
    });
}

/** One JSON document per line, for programs that read along. */
function onlyLines(screen: Screen): (text: string) => void {
  return (text) => screen.write(`${text.trim()}\n`);
}

function interrupted(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.once(signal, () => controller.abort());
  return controller.signal;
}
