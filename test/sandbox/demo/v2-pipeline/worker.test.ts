import type { Pool } from "pg";
import { expect, test } from "vitest";
import { FaultSwitch } from "../../../../sandbox/demo/v2-pipeline/faults";
import { checksum } from "../../../../sandbox/demo/v2-pipeline/store";
import { Worker } from "../../../../sandbox/demo/v2-pipeline/worker";

/** A table of queued imports; tells with what each of them ended. */
function table(files: readonly string[]) {
  const queued = files.map((file, index) => ({ id: `job-${index}`, file }));
  const endings: { id: string; status: string; stored: string | null; error: string | null }[] = [];
  const query = async (text: string, values: unknown[]) => {
    if (text.includes("skip locked")) return { rows: queued.splice(0, Number(values[1])) };
    const [id, status, stored, error] = values as [string, string, string | null, string | null];
    endings.push({ id, status, stored, error });
    return { rows: [] };
  };
  return { pool: { query } as unknown as Pool, endings, queued };
}

async function run(pipeline: "v1" | "v2", fault: object, files: readonly string[] = ["people.csv"]) {
  const faults = new FaultSwitch();
  faults.set(fault);
  const { pool, endings, queued } = table(files);
  const worker = new Worker({ pool, pipeline, faults, workMs: 1 });
  await worker.work();
  const taken = files.length - queued.length;
  await worker.idle();
  return { endings, taken };
}

test("an import ends with the checksum of what was stored", async () => {
  const { endings } = await run("v2", {});
  expect(endings).toEqual([
    { id: "job-0", status: "completed", stored: checksum("people.csv"), error: null },
  ]);
});

test.each<["v1" | "v2", object, string]>([
  ["v2", { v2Failures: 1 }, 'column mapping lost in "people.csv" at row 5'],
  ["v1", { v1Failures: 1 }, 'the file cannot be read in "people.csv" at row 5'],
])("%s fails as %j says, and tells why", async (pipeline, fault, error) => {
  expect((await run(pipeline, fault)).endings).toEqual([
    { id: "job-0", status: "failed", stored: null, error },
  ]);
});

test("faults of v2 leave v1 alone", async () => {
  const { endings } = await run("v1", { v2Failures: 1, v2Stuck: 1, v2Corrupt: 1, v2SlowMs: 60_000 });
  expect(endings).toMatchObject([{ status: "completed", stored: checksum("people.csv") }]);
});

test("a stuck import never ends, and takes nobody's place", async () => {
  const { endings, taken } = await run(
    "v2",
    { v2Stuck: 1 },
    Array.from({ length: 20 }, () => "x"),
  );
  expect([endings, taken]).toEqual([[], 20]);
});

test("a corrupt import stores other bytes than it was given, and looks finished", async () => {
  const { endings } = await run("v2", { v2Corrupt: 1 });
  expect(endings[0]?.status).toBe("completed");
  expect(endings[0]?.stored).not.toBe(checksum("people.csv"));
});

test("a worker takes no more than it has room for", async () => {
  const { taken, endings } = await run(
    "v2",
    {},
    Array.from({ length: 50 }, (_, index) => `${index}.csv`),
  );
  expect([taken, endings.length]).toEqual([20, 20]);
});
