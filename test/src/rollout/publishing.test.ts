import { expect, test } from "vitest";
import { publishing, redimensioned } from "../../../src/rollout/publishing";

test.each([
  ["SearchErrors", "Sum", 'metrics.signal("Search")'],
  ["SearchLatencyMs", "p95", 'metrics.signal("Search")'],
  ["Complaints", "Sum", 'metrics.count("Complaints")'],
  ["Complaints", "SampleCount", 'metrics.count("Complaints")'],
  ["Divergence", "Maximum", 'metrics.level("Divergence", …)'],
  ["CpuPercent", "Average", 'metrics.observe("CpuPercent", …)'],
  ["CpuPercent", "p99", 'metrics.observe("CpuPercent", …)'],
])("%s, by its %s, is what a kit publishes by its own call", (name, statistic, call) => {
  const said = publishing({ namespace: "App", name, statistic });
  expect(said).toContain(`with a kit by ${call};`);
  expect(said).toContain("docs/how-to/your-app.md");
});

test("of AWS's own metrics no app publishes anything", () => {
  expect(publishing({ namespace: "AWS/Lambda", name: "Errors", statistic: "Sum" })).toMatch(
    /^AWS publishes it/,
  );
});

test("other dimensions are published by the app, and never by whoever reads AWS's own metrics", () => {
  expect(redimensioned({ namespace: "App", name: "Errors" })).toContain("openMetrics({ dimensions })");
  expect(redimensioned({ namespace: "AWS/Lambda", name: "Errors" })).toBe("");
});
