import { expect, it, test } from "vitest";
import { look } from "../../../../src/gates/kinds/signOff.look";
import { entry, flags, ledger, stage } from "../../../support/build";

const live = ledger(flags(true, false), [entry(2)]);
const signOff = {
  by: "ada@example.com",
  at: "2026-11-03T10:00:00+02:00",
  statement: "No open incident",
  attempt: 1,
};
const withSignOffs = (signOffs: Record<string, typeof signOff>) => stage("stageB", { signOffs });

it("is what the stage's config holds, in UTC, beside the time since when its subject is live", () => {
  expect(look({ id: "B3" }, { promoted: withSignOffs({ B3: signOff }), ledger: live })).toEqual({
    kind: "signOff",
    by: "ada@example.com",
    at: "2026-11-03T08:00:00.000Z",
    statement: "No open incident",
    attempt: 1,
    liveSince: "2026-11-02T12:00:00.000Z",
  });
});

it("keeps where it can be looked up, and until when it counts", () => {
  const whole = { ...signOff, link: "https://example.com/1", expires: "2026-11-09T00:00:00+01:00" };
  expect(look({ id: "B3" }, { promoted: withSignOffs({ B3: whole }), ledger: live })).toMatchObject({
    link: "https://example.com/1",
    expires: "2026-11-08T23:00:00.000Z",
  });
});

test.each(["B3", "constructor", "toString"])("is no data where nobody has stated %s", (id) => {
  expect(look({ id }, { promoted: withSignOffs({ E4: signOff }), ledger: live })).toEqual({
    kind: "failure",
    failure: "no-data",
    message: `nobody has stated it: signOffs of stageB has no ${id}`,
  });
});

it("is no data where no flags are live", () => {
  expect(
    look({ id: "B3" }, { promoted: withSignOffs({ B3: signOff }), ledger: { history: [], newest: 0 } }),
  ).toMatchObject({
    kind: "failure",
    failure: "no-data",
  });
});
