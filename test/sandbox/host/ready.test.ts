import { expect, it } from "vitest";
import { tail } from "../../../sandbox/host/processes";
import { untilListening, untilReady } from "../../../sandbox/host/ready";
import { environment, processesIn, temporaryFolder } from "../support";

const PACE = { everyMs: 5, withinMs: 60_000 };
const started = (line: string) =>
  processesIn(temporaryFolder()).spawn("app", "sh", ["-c", line], { env: environment() });

it("a service is waited for until it is ready, and runs on", async () => {
  const service = await started("echo at 7; exec sleep 600");
  const port = await untilReady(
    service,
    () => /at (\d)/.exec(tail(service.log))?.[1],
    PACE,
    () => "No.",
  );
  expect(port).toBe("7");
  expect(service.running).toBe(true);
});

it("one that ends before is told of with the end of its log", async () => {
  const service = await started("echo no database; exit 3");
  const ready = untilReady(
    service,
    async () => undefined,
    PACE,
    ({ running }) => (running ? "It is slow." : "It ended."),
  );
  await expect(ready).rejects.toThrow("It ended. The end of its log:\nno database");
});

it("one that never becomes ready is stopped", async () => {
  const service = await started("exec sleep 600");
  const ready = untilReady(
    service,
    () => undefined,
    { everyMs: 5, withinMs: 50 },
    ({ running }) => (running ? "It is slow." : "It ended."),
  );
  await expect(ready).rejects.toThrow("It is slow. It printed nothing.");
  expect(service.running).toBe(false);
});

it("a program of the sandbox's own says where it listens, once its line is whole", async () => {
  const said = [`printf '{"listening":"htt'`, "sleep 0.1", `echo 'p://here"}'`, "exec sleep 600"];
  expect(await untilListening(await started(said.join("; ")), "No.")).toBe("http://here");
});
