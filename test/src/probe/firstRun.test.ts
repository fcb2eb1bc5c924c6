import { expect, test } from "vitest";
import { ROUNDS } from "../../../src/probe/cadence";
import { firstRun, type Invoke } from "../../../src/probe/firstRun";
import { UserError } from "../../../src/text/problem";

const ARN = "arn:aws:lambda:eu-central-1:123456789012:function:p";
const quick = { attempts: 3, pauseMs: 1 };
const report = (failures = {}) => ({ report: { values: {}, failures, tookMs: 1 } });

/** Answers in turn; the last one over and over. */
function answering(...answers: (Awaited<ReturnType<Invoke>> | Error)[]) {
  const called: string[] = [];
  const begun: (number | undefined)[] = [];
  const invoke: Invoke = async (arn, rounds) => {
    if (rounds !== undefined) {
      begun.push(rounds);
      return { begun: true };
    }
    const answer = answers[Math.min(called.length, answers.length - 1)];
    called.push(arn);
    if (!answer || answer instanceof Error) throw answer;
    return answer;
  };
  return { invoke, called, begun };
}

test("one good run is enough; then it goes on by itself until its schedule begins", async () => {
  const { invoke, called, begun } = answering(report());
  await firstRun(ARN, invoke, quick);
  expect(called).toEqual([ARN]);
  expect(begun).toEqual([ROUNDS]);
});

test("one that does not go on is told: the alarms would find it silent", async () => {
  const { invoke, called } = answering(report());
  const failing: Invoke = (arn, rounds) => {
    if (rounds !== undefined) throw new Error("TooManyRequestsException");
    return invoke(arn);
  };
  await expect(firstRun(ARN, failing, quick)).rejects.toThrow("probe: TooManyRequestsException");
  expect(called).toHaveLength(3);
});

test("a role that is not known yet gets its time", async () => {
  const { invoke, called } = answering(new Error("AccessDenied"), { error: "cold" }, report());
  await firstRun(ARN, invoke, quick);
  expect(called).toHaveLength(3);
});

test("rows that stay without a value are told, all of them", async () => {
  const failures = { XB3: "unreachable: connect ECONNREFUSED", XB4: "timeout: too slow" };
  const { invoke, called } = answering(report(failures));
  const error = await firstRun(ARN, invoke, quick).catch((thrown) => thrown);
  expect(called).toHaveLength(3);
  expect(error).toBeInstanceOf(UserError);
  expect(error.message).toContain("XB3: unreachable: connect ECONNREFUSED. Mend its query");
  expect(error.message).toContain("XB4: timeout: too slow");
});

test("what waiting does not mend is not waited for", async () => {
  const failures = { XB3: "refused: permission denied for table divergences", XB4: "timeout: too slow" };
  const { invoke, called, begun } = answering(report(failures));
  await expect(firstRun(ARN, invoke, { attempts: 9, pauseMs: 1 })).rejects.toThrow("permission denied");
  expect(called).toHaveLength(2);
  expect(begun).toEqual([]);
});

test("a function that fails, or cannot be called, is told", async () => {
  await expect(firstRun(ARN, answering({ error: "Error: no bundle" }).invoke, quick)).rejects.toThrow(
    "probe: Error: no bundle",
  );
  await expect(firstRun(ARN, answering(new Error("no such function")).invoke, quick)).rejects.toThrow(
    "probe: no such function",
  );
});
