import { expect, it } from "vitest";
import { keepConverged, lastConverged } from "../../../src/aws/converged";
import { fakeAws, nobody, pointAwsTo } from "../../support/standIn";

const REGION = "eu-central-1";

it("is kept as a metric of the rollout's own", async () => {
  const aws = await fakeAws({ PutMetricData: () => ({}) });
  expect(await keepConverged(REGION, "ops-view", 23_400.4)).toBeUndefined();
  expect(aws.calls).toMatchObject([
    {
      operation: "PutMetricData",
      input: {
        Namespace: "cutover/ops-view",
        MetricData: [{ MetricName: "Converged", Value: 23_400, Unit: "Milliseconds" }],
      },
    },
  ]);
});

it("is read as the longest of the newest day, however it is ordered", async () => {
  const at = (day: string) => Date.parse(`${day}T00:00:00Z`) / 1_000;
  const aws = await fakeAws({
    GetMetricStatistics: () => ({
      Datapoints: [
        { Timestamp: at("2026-11-20"), Maximum: 90_000 },
        { Timestamp: at("2026-11-28"), Maximum: 23_400 },
        { Timestamp: at("2026-11-21"), Maximum: 10 },
      ],
    }),
  });
  expect(await lastConverged(REGION, "ops-view")).toEqual({ ms: 23_400, day: "2026-11-28" });
  expect(aws.calls[0]?.input).toMatchObject({ MetricName: "Converged", Statistics: ["Maximum"] });
});

it("is nothing where nothing was measured", async () => {
  await fakeAws({ GetMetricStatistics: () => ({ Datapoints: [] }) });
  expect(await lastConverged(REGION, "ops-view")).toBeUndefined();
});

it("holds nothing up: who may not, or is not answered, goes on without", async () => {
  await fakeAws({
    GetMetricStatistics: () => ({ error: "AccessDenied", status: 403 }),
    PutMetricData: () => ({ error: "AccessDenied", status: 403 }),
  });
  expect(await lastConverged(REGION, "ops-view")).toBeUndefined();
  expect(await keepConverged(REGION, "ops-view", 1)).toContain("AccessDenied");
  pointAwsTo(await nobody());
  expect(await lastConverged(REGION, "ops-view")).toBeUndefined();
  expect(await keepConverged(REGION, "ops-view", 1)).toEqual(expect.any(String));
});
