import { mkdtempSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { LOOPBACK, listenAnywhere } from "../../sandbox/host/ports";
import { Processes } from "../../sandbox/host/processes";
import { askElsewhere } from "../../src/gates/elsewhere/ask";
import { loadRollout } from "../../src/rollout/load";
import { findPrometheus, NO_PROMETHEUS, startPrometheus } from "../support/prometheus";
import { examples } from "./examples";

const program = await findPrometheus();
if (program === undefined) console.warn(NO_PROMETHEUS);

const folder = examples().find(({ name }) => name === "metrics-elsewhere")?.folder ?? "";
const search = loadRollout(folder).stages.find(({ name }) => name === "search");
const promql = search?.abort?.XA1?.elsewhere?.promql ?? "";

describe.skipIf(program === undefined)("the share of searches that fail, asked of a real Prometheus", () => {
  const dir = mkdtempSync(join(tmpdir(), "prometheus-"));
  const processes = new Processes(dir);
  const searched = { requests: 0, errors: 0 };
  const app = createServer((_, response) =>
    response.end(
      `search_requests_total{index="new"} ${searched.requests}\nsearch_errors_total{index="new"} ${searched.errors}\n`,
    ),
  );
  let [url, port] = ["", 0];

  beforeAll(async () => {
    port = await listenAnywhere(app);
    url = await startPrometheus(processes, program ?? "", dir, [`${LOOPBACK}:${port}`]);
    await scraped();
  }, 120_000);
  afterAll(async () => {
    await processes.stop();
    app.closeAllConnections();
    app.close();
  });

  const told = (query: string) =>
    askElsewhere(
      { sources: { prom: { url, headers: {} } }, tokens: {} },
      { from: "prom", promql: query },
      10_000,
    );
  const until = (query: string, found: object) =>
    vi.waitFor(async () => expect(await told(query)).toMatchObject(found), {
      timeout: 60_000,
      interval: 200,
    });
  /** Twice, so that there is a rate. */
  const scraped = async () => {
    await until("sum(search_requests_total)", { value: searched.requests });
    await until("sum(search_errors_total)", { value: searched.errors });
    await until("min(count_over_time(search_requests_total[5m])) > bool 1", { value: 1 });
  };
  const searching = async (requests: number, errors: number) => {
    searched.requests += requests;
    searched.errors += errors;
    await scraped();
  };

  it("is 0 where nobody searches, and where one search of one fails", async () => {
    expect(await told(promql)).toMatchObject({ value: 0 });
    await searching(1, 1);
    expect(await told("sum(increase(search_errors_total[5m])) > bool 0")).toMatchObject({ value: 1 });
    expect(await told(promql)).toMatchObject({ value: 0 });
  });

  it("is silent where the app is not scraped, which breaches", async () => {
    app.closeAllConnections();
    await new Promise((resolve) => app.close(resolve));
    await until('sum(up{job="apps"})', { value: 0 });
    expect(await told(promql)).toMatchObject({ failure: "no-data" });
    await new Promise<void>((resolve) => app.listen(port, LOOPBACK, resolve));
    await scraped();
    expect(await told(promql)).toMatchObject({ value: 0 });
  });

  it.each(["search_errors_total", "search_requests_total"])(
    "is silent where %s has another name",
    async (counter) => {
      expect(await told(promql.replaceAll(counter, "of_another_name"))).toMatchObject({ failure: "no-data" });
    },
  );

  it("breaches where many searches fail", async () => {
    await searching(200, 20);
    const said = await told(promql);
    expect(said.kind === "elsewhere" && Number(said.value)).toBeGreaterThan(0.02);
    expect(said.kind === "elsewhere" && Number(said.value)).toBeLessThan(0.2);
  });
});
