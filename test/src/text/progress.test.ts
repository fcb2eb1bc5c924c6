import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createProgress, duration } from "../../../src/text/progress";

function output(isTTY: boolean, brokenOff?: () => boolean) {
  let text = "";
  const stream = { isTTY, columns: 40, write: (chunk: string) => (text += chunk) };
  return { progress: createProgress(stream as unknown as NodeJS.WriteStream, brokenOff), text: () => text };
}

describe("progress", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubEnv("CI", "");
    vi.stubEnv("NO_COLOR", "1");
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllEnvs();
  });

  const lasting = (ms: number) => () => new Promise<void>((resolve) => setTimeout(resolve, ms));

  it("says nothing about a short step", async () => {
    const { progress, text } = output(false);
    const step = progress.step("Short", lasting(1_500));
    await vi.advanceTimersByTimeAsync(1_600);
    await step;
    expect(text()).toBe("");
  });

  it("writes readable lines to a log: when a step turns out long, now and then, and at its end", async () => {
    const { progress, text } = output(false);
    const step = progress.step("Building", async (detail) => {
      detail("12 packages");
      await lasting(40_000)();
    });
    await vi.advanceTimersByTimeAsync(41_000);
    await step;
    expect(text().split("\n")).toEqual([
      "… Building: 12 packages (2 s)",
      "… Building: 12 packages (17 s)",
      "… Building: 12 packages (32 s)",
      "✔ Building (40 s)",
      "",
    ]);
  });

  it("keeps to one line of a terminal's width, and leaves a line only at the end", async () => {
    const { progress, text } = output(true);
    const step = progress.step("A step with quite a long title that will not fit", lasting(5_000));
    await vi.advanceTimersByTimeAsync(5_100);
    await step;
    expect(text().split("\n")).toHaveLength(2);
    const frames = text()
      .split("\r\x1b[2K")
      .filter((frame) => !frame.includes("\n"));
    expect(Math.max(...frames.map((frame) => frame.length))).toBeLessThanOrEqual(40);
  });

  it("marks a step that failed, and passes the failure on", async () => {
    const { progress, text } = output(false);
    const step = progress.step("Failing", () => lasting(3_000)().then(() => Promise.reject(new Error("no"))));
    const failed = expect(step).rejects.toThrow("no");
    await vi.advanceTimersByTimeAsync(3_100);
    await failed;
    expect(text()).toContain("✖ Failing (3 s)");
  });

  it("says nothing of a step that was broken off on purpose", async () => {
    const { progress, text } = output(false, () => true);
    const step = progress.step("Failing", () => lasting(3_000)().then(() => Promise.reject(new Error("no"))));
    const failed = expect(step).rejects.toThrow("no");
    await vi.advanceTimersByTimeAsync(3_100);
    await failed;
    expect(text()).not.toContain("✖");
  });
});

it.each([
  [999, "0 s"],
  [59_000, "59 s"],
  [65_000, "1 min 05 s"],
])("%d ms reads %s", (ms, text) => expect(duration(ms)).toBe(text));
