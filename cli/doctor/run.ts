import { addressed } from "../../src/text/command";
import { safeMilliseconds } from "../../src/text/duration";
import { pageWidth } from "../../src/text/page";
import { createProgress } from "../../src/text/progress";
import { EXIT, type Exit, UsageError } from "../exit";
import type { Written } from "../fitting";
import { paintsFor } from "../paints";
import { healthy } from "./finding";
import { renderDoctor } from "./render";
import type { DoctorView } from "./schema";
import { examine } from "./together";

export interface DoctorOptions {
  /** The folder with the stack files. */
  readonly folder: string;
  /** Prints the result as JSON, and nothing else. */
  readonly json?: boolean | undefined;
  /** How long all of it may take, such as `10s`. */
  readonly within: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly screen?: Written & { write(text: string): void };
}

/** Looks whether a rollout's set-up is as it has to be, and changes nothing. The exit code says whether it is. */
export async function doctorCommand(options: DoctorOptions): Promise<Exit> {
  const { folder, json = false, env = process.env, screen = process.stdout } = options;
  const within = safeMilliseconds(options.within);
  if (!(within > 0)) throw new UsageError(`--within must be a duration such as 10s, got ${options.within}`);
  const looking = () => examine(folder, { env, within });
  const { findings: found, ground } = json
    ? await looking()
    : await createProgress().step("Looking at the set-up", looking);
  const place = ground.written.ok ? ground.written.value.place : undefined;
  const findings = found.map((one) =>
    place && one.remedy !== undefined ? { ...one, remedy: addressed(one.remedy, place) } : one,
  );
  const well = healthy(findings);
  if (json) {
    const view: DoctorView = {
      ...(ground.written.ok ? { rollout: ground.written.value.rollout.name } : {}),
      ...(ground.region === undefined ? {} : { region: ground.region }),
      at: new Date().toISOString(),
      healthy: well,
      lines: findings,
    };
    screen.write(`${JSON.stringify(view)}\n`);
  } else {
    const lines = renderDoctor(findings, {
      width: pageWidth(screen.columns),
      paints: paintsFor(screen, env),
    });
    screen.write(`${lines.join("\n").trimStart()}\n`);
  }
  return well ? EXIT.ok : EXIT.failed;
}
