import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expression } from "../../../../../sandbox/aws/front/models/check";
import { Library, MODELLED, type Model } from "../../../../../sandbox/aws/front/models/library";
import { refusalsOf } from "../../../../../sandbox/aws/front/refusals";
import { startMiniStack } from "../../../../../sandbox/aws/ministack";
import { Processes } from "../../../../../sandbox/host/processes";
import { silentProgress } from "../../../../../src/text/progress";
import { environment } from "../../../support";
import { appconfig } from "../rows/appconfig";
import { clients, type Row } from "../rows/ask";
import { cloudwatch } from "../rows/cloudwatch";
import { functions } from "../rows/functions";
import { MODEL_ROWS } from "../rows/models";
import { names } from "../rows/names";
import { openFront } from "../world";

let dir: string;
let processes: Processes;
/** The models that come with the emulator, as a sandbox uses them. */
let library: Library;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "cutover-models-"));
  processes = new Processes(dir);
  const started = await startMiniStack({ dir, processes, env: environment(), progress: silentProgress });
  library = new Library(started.models);
});

afterAll(async () => {
  await processes?.stop();
  await processes?.release();
  rmSync(dir, { recursive: true, force: true });
});

describe.each(Object.entries(MODEL_ROWS))("%s", (_what, row) => {
  it("is refused, and the emulator is not asked", async () => {
    const front = await openFront({}, library);
    const error = (await row.refused(clients(front), front).catch((thrown) => thrown)) as Error & {
      Code?: string;
    };
    expect([error.name, error.Code]).toContain(row.code);
    expect(error.message).toMatch(row.message);
    expect(front.asked).toEqual([]);
    expect(await refusalsOf(front.endpoint)).toMatchObject([{ code: row.code, message: error.message }]);
  });

  it("is taken where it is in order", async () => {
    const front = await openFront({}, library);
    await row.taken(clients(front), front);
    expect(await refusalsOf(front.endpoint)).toEqual([]);
  });
});

/** What the rules of the services take, no model refuses: the two must not contradict each other. */
const TAKEN = Object.entries({ ...cloudwatch, ...appconfig, ...functions, ...names } as Record<string, Row>);

it.each(TAKEN)("lets pass what the rule %s takes", async (_id, row) => {
  for (const ask of row.taken) {
    const front = await openFront({}, library);
    await ask(clients(front), front);
    expect(await refusalsOf(front.endpoint)).toEqual([]);
  }
});

it.each(Object.keys(MODELLED))("reads every pattern of %s that a request can meet", (service) => {
  const models = library.of(service);
  expect(models.length).toBeGreaterThan(0);
  const patterns = new Set(models.flatMap(patternsOf));
  for (const pattern of patterns) expect(() => expression(pattern)).not.toThrow();
});

function patternsOf(model: Model): string[] {
  return Object.values(model.shapes).flatMap(({ pattern }) => (pattern === undefined ? [] : [pattern]));
}
