import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ReportData, reportData } from "../../../cli/report/data";
import { PAGE_LIMIT, render } from "../../../cli/report/render";
import { anyText, at, partialFixture, reportFixture, signal, wave } from "./fixture";

const page = render(reportFixture());
const sha = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
const attribute = (name: string) =>
  [...page.matchAll(new RegExp(`\\s${name}="([^"]*)"`, "g"))].map(([, v]) => v);

test("the same data is the same bytes, also once it was written and read", () => {
  expect(render(reportFixture())).toBe(page);
  expect(render(reportData.parse(JSON.parse(JSON.stringify(reportFixture()))))).toBe(page);
});

test("data that is not sound is refused, and not half shown", () => {
  expect(() => render({ ...reportFixture(), madeAt: "yesterday" })).toThrow(/madeAt/);
  expect(() => render({ ...reportFixture(), extra: 1 } as ReportData)).toThrow(/extra/);
});

describe("the page needs nothing else", () => {
  test("and its policy lets nothing in but its own style and script", () => {
    const style = /<style>([\s\S]*?)<\/style>/.exec(page)?.[1] ?? "";
    const script = /<script>([\s\S]*?)<\/script>/.exec(page)?.[1] ?? "";
    expect(page).toContain(
      `<meta http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;; style-src ${sha(style)}; script-src ${sha(script)}; base-uri &#39;none&#39;; form-action &#39;none&#39;">`.replaceAll(
        /'(sha256-[^']*)'/g,
        "&#39;$1&#39;",
      ),
    );
    expect(style + script).not.toMatch(/@import|url\(|https?:|fetch\(|import\(|eval\(|innerHTML/);
  });

  test("and refers to nothing outside of itself", () => {
    for (const href of attribute("href")) expect(href).toMatch(/^#\w/);
    for (const name of ["src", "srcset", "action", "poster", "style"]) expect(attribute(name)).toEqual([]);
    expect(page).not.toMatch(/\son\w+=/);
  });
});

describe("hostile words", () => {
  // A bar in the timeline has its word in it only where there is room.
  const elements = (html: string) =>
    [...html.replaceAll(/<script[\s\S]*?<\/script>/g, "").matchAll(/<([a-z][a-z0-9]*)/gi)]
      .map(([, name]) => name)
      .filter((name) => name !== "text");

  /** The fixture, with one text in every place that takes any. */
  function everywhere(text: string): ReportData {
    // Few points: it is about words.
    const whole = reportFixture();
    const data = { ...whole, signals: [signal({ points: { known: true, value: wave(20, 5) } })] };
    const deep = (value: unknown, key = ""): unknown => {
      const free = [
        "title",
        "said",
        "by",
        "release",
        "reason",
        "label",
        "metric",
        "name",
        "commit",
        "aborted",
        "measured",
      ];
      if (typeof value === "string") return free.includes(key) ? text : value;
      if (Array.isArray(value)) return value.map((inner) => deep(inner, key === "lines" ? "title" : ""));
      if (typeof value !== "object" || value === null) return value;
      return Object.fromEntries(Object.entries(value).map(([inner, of]) => [inner, deep(of, inner)]));
    };
    return { ...(deep(data) as ReportData), rollout: "ops-view" };
  }

  const plain = elements(render(everywhere("plain")));

  test.each([
    "<script>alert(1)</script>",
    "</script><img src=x onerror=alert(1)>",
    "</style><svg onload=alert(1)>",
    '"><iframe srcdoc="<script>alert(1)</script>">',
    "' onfocus='alert(1)' autofocus='",
    "<!--",
    "]]>",
    "javascript:alert(1)",
  ])("%s makes no element of its own", (text) => {
    const html = render(everywhere(text));
    expect(elements(html)).toEqual(plain);
    expect(html.match(/<script/g)).toHaveLength(2);
    expect(html.match(/<\/script/g)).toHaveLength(2);
  });

  test("of any kind make none", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(elements(render(everywhere(`x${text}`)))).toEqual(plain);
      }),
      { numRuns: 20 },
    );
  }, 30_000);
});

test("secrets, account numbers and addresses are left out, wherever they stand", () => {
  const words = [
    ["arn:aws:sns:eu-central-1:123456789012:topic", "123456789012"],
    ["told ada@example.com", "ada@example.com"],
    ["key AKIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7EXAMPLE"],
    ["at https://ops.example.com/hook/s3cr3t", "s3cr3t"],
    ["Bearer abcdefghijklmnop", "abcdefghijklmnop"],
  ] as const;
  const title = words.map(([text]) => text).join("; ");
  const data = reportFixture();
  const html = render({ ...data, title, events: [{ at: at(1), kind: "note", title, lines: [title] }] });
  for (const [, secret] of words) expect(html).not.toContain(secret);
});

describe("what is not known", () => {
  const partial = render(partialFixture());

  test("is said before anything else, and where it is missing", () => {
    const gaps = /<section class="gaps"[\s\S]*?<\/section>/.exec(partial)?.[0] ?? "";
    for (const words of ["Alarms: unknown, access denied.", "Evidence of stageA, stageB: unknown"])
      expect(gaps).toContain(words);
    expect(partial.indexOf('class="gaps"')).toBeLessThan(partial.indexOf('id="now"'));
    expect(partial).toMatch(/Abort alarms<\/h3><p><span class="chip t-warn">Unknown/);
    expect(partial).toMatch(
      /<h3>stageA<\/h3><p><span class="chip t-warn">Unknown<\/span> there is no pulumi/,
    );
    expect(partial).toMatch(/Unknown<\/span> access denied/);
    expect(page).not.toContain('class="gaps"');
  });

  test("never shows a good word for flags or stages", () => {
    const html = render({ ...reportFixture(), ledger: { known: false, why: "access denied" } });
    const now = /<section id="now"[\s\S]*?<\/section>/.exec(html)?.[0] ?? "";
    expect(now).not.toMatch(/>(On|Off|Live|Passed|Not yet)</);
    expect(now.match(/>Unknown</g)).toHaveLength(3 + 2);
  });

  test("a signal without data says so", () => {
    expect(page).toContain('<span class="chip t-warn">No data</span> in this time');
  });
});

describe("the page stays small", () => {
  test("a usual one by far", () => {
    expect(Buffer.byteLength(page)).toBeLessThan(PAGE_LIMIT / 2);
  });

  test("also with sixty signals, a thousand things that happened, and long words", () => {
    const data = reportFixture();
    const long = "something went wrong ".repeat(10);
    const huge: ReportData = {
      ...data,
      signals: Array.from({ length: 60 }, (_, index) =>
        signal({
          id: `s${index}`,
          metric: `Metric${index}`,
          points: { known: true, value: wave(1_400, 400) },
        }),
      ),
      events: Array.from({ length: 1_000 }, (_, index) => ({
        at: at(index * 60_000),
        kind: "step" as const,
        title: long,
        lines: [],
      })),
    };
    const html = render(huge);
    expect(Buffer.byteLength(html)).toBeLessThanOrEqual(PAGE_LIMIT);
    expect(html).toMatch(/\d+ earlier ones are left out\./);
  });
});

test("a rollout that never began is a page as well", () => {
  const data = reportFixture();
  const html = render({
    ...data,
    stages: data.stages.map(({ soakEnds: _, ...stage }) => stage),
    ledger: { known: true, value: { deployments: [], attempts: [] } },
    alarms: { known: true, value: [] },
    signals: [],
    evidence: [],
    messages: [],
    told: { known: true, value: [] },
    events: [],
  });
  expect(html.includes("the rollout has not begun")).toBe(true);
  expect(html.includes("Nothing has happened yet.")).toBe(true);
  expect(html.includes("No stage was promoted yet.")).toBe(true);
});
