import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { startWebhook } from "../../../../cli/rehearse/webhook";
import { type JudgeContext, judge, type Outcome } from "../../../../src/gates/judge";
import { providerBackup } from "../../../../src/gates/kinds/providerBackup";
import { look } from "../../../../src/gates/kinds/providerBackup.look";
import type { Seen } from "../../../../src/gates/observation";
import { compareFields } from "../../../../src/gates/strength";
import { ago, flags, gateOf, ledger, NOW, observe } from "../../../support/build";

const HOUR = 3_600_000;
const context: JudgeContext = { now: NOW, timeScale: 1, attempt: 1 };
const PROJECT = "abcdefghijklmnopqrst";
const definition = {
  source: "providerBackup",
  provider: "supabase",
  project: PROJECT,
  as: "provider",
} as const;
const reached = { host: `db.${PROJECT}.supabase.co` };
type Of = Extract<Seen, { kind: "providerBackup" }>;
const done = (age: number) => ({ at: ago(age), state: "completed" });
const seen: Of = { kind: "providerBackup", status: 200, backups: [done(HOUR)], liveSince: ago(2 * HOUR) };

function verdict(one: Partial<Of>, of: object = {}, at: object = { reached }) {
  return judge(
    gateOf("B9", { ...definition, ...of }, at),
    observe(gateOf("B9", definition), { ...seen, ...one }),
    context,
  );
}

describe("a provider's backup", () => {
  test.each<[string, Partial<Of>, Outcome, RegExp]>([
    [
      "that is completed",
      {},
      "pass",
      /^Supabase's backup of abc\w+ was taken 1 h ago; what is in it is not known$/,
    ],
    [
      "beside a newer one that failed",
      { backups: [{ at: ago(1), state: "failed" }, done(HOUR)] },
      "pass",
      /1 h ago/,
    ],
    ["of which there is none", { backups: [] }, "fail", /^Supabase has no completed backup of abc/],
    [
      "that is under way",
      { backups: [{ at: ago(1), state: "pending" }] },
      "fail",
      /the newest of 1 is pending/,
    ],
    ["that is old", { backups: [done(25 * HOUR)], liveSince: undefined }, "fail", /1 d 1 h ago/],
    [
      "from before what is live",
      { liveSince: ago(HOUR - 1) },
      "fail",
      /before what is live went live, at 2026-/,
    ],
    ["of the future", { backups: [done(-6_000)] }, "inconclusive", /not known when/],
    ["of no time", { backups: [{ at: "yesterday", state: "completed" }] }, "inconclusive", /not known when/],
    ["that may not be seen", { status: 401, backups: undefined }, "inconclusive", /401/],
    ["in no list", { backups: undefined }, "inconclusive", /answered 200, and no list/],
  ])("%s", (_, one, outcome, observed) => {
    const found = verdict(one);
    expect(found.observed).toMatch(observed);
    expect(found.outcome).toBe(outcome);
  });

  test("of another database blocks, unless somebody says that it is another name", () => {
    const other = { reached: { host: "db.internal" } };
    expect(verdict({}, {}, other)).toMatchObject({
      outcome: "fail",
      observed: expect.stringContaining("the gates read db.internal, which is no host of Supabase's abc"),
      remedy: expect.stringContaining("reachedAs: { host: db.internal, because: … }"),
    });
    const named = { reachedAs: { host: "db.internal", because: "CNAME in our zone" } };
    expect(verdict({}, named, other).outcome).toBe("pass");
    const rooted = { reachedAs: { ...named.reachedAs, host: "db.internal." } };
    expect(verdict({}, rooted, other).outcome).toBe("pass");
    expect(verdict({}, named).outcome).toBe("fail");
    expect(verdict({}, {}, {}).outcome).toBe("inconclusive");
  });

  test("passes only what is completed, young enough, and from after what is live", () => {
    const backup = fc.record({
      at: fc.integer({ min: -HOUR, max: 60 * HOUR }).map(ago),
      state: fc.constantFrom("completed", "failed", "pending"),
    });
    fc.assert(
      fc.property(fc.array(backup), fc.integer({ min: 0, max: 60 * HOUR }), (backups, live) => {
        const sorted = backups.toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at));
        const passes = verdict({ backups: sorted, liveSince: ago(live) }).outcome === "pass";
        const ages = sorted.flatMap(({ at, state }) => (state === "completed" ? [NOW - Date.parse(at)] : []));
        const [age] = ages;
        expect(passes).toBe(age !== undefined && age >= -5_000 && age <= 24 * HOUR && age <= live);
      }),
    );
  });

  test("is weaker where it may be older", () => {
    const longer = gateOf("B9", { ...definition, maxAge: "48h" }).definition;
    expect(
      compareFields(gateOf("B9", definition).definition, longer, providerBackup.strength as never),
    ).toMatchObject([{ strength: "weaker" }]);
  });

  test.each([
    ["supabase", PROJECT],
    ["render", "dpg-cabc123456789defgh-a"],
  ] as const)("is asked of %s with a token, and a stranger learns nothing", async (provider, project) => {
    const webhook = await startWebhook();
    try {
      const gate = gateOf(
        "B9",
        { ...definition, provider, project, url: `${webhook.url}/${provider}` },
        { reached },
      );
      const sources = (tokens: Record<string, string>) =>
        ({ ledger: ledger(flags(true, false), []), service: { url: webhook.url, tokens } }) as never;
      expect(await look(gate as never, sources({ provider: "secret" }))).toMatchObject({
        status: 200,
        backups: [{ state: "completed" }],
      });
      expect(await look(gate as never, sources({}))).toMatchObject({ kind: "failure", failure: "refused" });
    } finally {
      await webhook.stop();
    }
  });
});
