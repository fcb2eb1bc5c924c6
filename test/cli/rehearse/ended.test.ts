import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { whileTheyRun } from "../../../cli/rehearse/ended";
import { Timeline, UnexpectedOutcome } from "../../../cli/rehearse/timeline";

function ending() {
  const lines: string[] = [];
  const timeline = new Timeline("search", (line) => lines.push(stripVTControlCharacters(line)));
  let end: (why: string) => void = () => {};
  const ended = new Promise<string>((resolve) => {
    end = resolve;
  });
  return { timeline, lines, ended, end: (why: string) => end(why) };
}

test("an app that ends by itself is a failed step at once, whatever goes on", async () => {
  const { timeline, lines, ended, end } = ending();
  const working = whileTheyRun({ ended }, timeline, new Promise(() => {}));
  end("app-1 ended by itself");
  await expect(working).rejects.toThrow(UnexpectedOutcome);
  expect(lines.join("\n")).toMatch(/✖ failed +the app goes on running[\s\S]*app-1 ended by itself/);
});

test.each([
  ["that came to its end", () => Promise.resolve()],
  ["that failed", () => Promise.reject(new Error("a step failed"))],
])("an app that is ended after a rehearsal %s is nobody's fault", async (_, work) => {
  const { timeline, lines, ended, end } = ending();
  await whileTheyRun({ ended }, timeline, work()).catch(() => {});
  end("app-1 was stopped with its sandbox");
  await ended;
  await Promise.resolve();
  expect(lines).toEqual([]);
});
