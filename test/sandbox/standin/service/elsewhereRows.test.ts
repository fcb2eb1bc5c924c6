import { expect, test } from "vitest";
import { readAnswer } from "../../../../src/gates/elsewhere/question";
import { type GateDefinition, gateDefinition } from "../../../../src/gates/gate";
import { rolloutOf, scriptAt } from "./rollouts";

test.each(
  [
    "!failing",
    "state != 'Alert'",
    "data.state != ''",
    "!(failing && critical)",
    "error != 'none'",
    "rate <= `5`",
  ].flatMap((value) => [true, false].map((eq): [string, boolean] => [value, eq])),
)("what is asked of a named source is answered with all that it goes by: %s is %s", (value, eq) => {
  const gate: GateDefinition = gateDefinition.parse({
    source: "elsewhere",
    title: "The monitor is quiet",
    from: "dd",
    path: "/monitor",
    value,
    expect: { eq },
  });
  const { plan, problems } = scriptAt(rolloutOf([{ smoke: { S1: gate } }]));
  expect(problems).toEqual([]);
  const answers = plan.parts.flatMap(({ system }) => [...system.answers.values()]);
  expect(answers).not.toEqual([]);
  for (const { status, body } of answers)
    expect(readAnswer({ from: "dd", path: "/monitor", value }, { status, json: body })).toEqual({
      kind: "elsewhere",
      value: eq,
    });
});
