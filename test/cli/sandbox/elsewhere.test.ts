import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Document, parseDocument } from "yaml";
import { pointProject, pointStack, takeSecrets } from "../../../cli/sandbox/elsewhere";
import { pulumiPath } from "../../../cli/sandbox/secrets";

describe("a copy of a stack file", () => {
  it("leads to no account, no database and no key of its own", () => {
    const document = parseDocument(`
secretsprovider: awskms://alias/mine?region=eu-central-1
encryptedkey: abc
encryptionsalt: v1:abc
environment: [team/prod]
config:
  aws:profile: work
  aws:region: eu-central-1
  aws:endpoints: [{ sns: https://elsewhere.example }]
  postgresql:host: db.example.com
  postgresql:superuser: false
  slack:channel: C1
  cutover:stage: { flags: { A: true } }
`);
    pointStack(document);
    expect(document.toJS()).toEqual({
      config: { "slack:channel": "C1", "cutover:stage": { flags: { A: true } } },
    });
  });

  it("tells the sandbox's pooler of no project, whose own name a login ends with elsewhere", () => {
    const document = parseDocument(`
config:
  cutover:rollout: { database: { host: a.pooler.supabase.com, login: { name: gates, tenant: abc } } }
`);
    pointStack(document);
    const database = { host: "a.pooler.supabase.com", login: { name: "gates" } };
    expect(document.toJS()).toEqual({ config: { "cutover:rollout": { database } } });
  });

  it("asks no other service: the made-up app answers in its place", () => {
    const document = parseDocument(`
config:
  cutover:stage:
    entry:
      B3:
        source: requests
        steps: [{ url: https://api.pagerduty.com, path: /incidents, as: pager, authorization: "Token token={token}" }]
        prove: { request: { url: https://api.pagerduty.com, path: /other } }
    exit: { E1: { source: http, request: { url: https://a.example, path: /b } } }
  cutover:rollout:
    gates: { G1: { source: http, request: { url: https://a.example, path: /c } } }
    delivery: { own: { kind: webhook, url: https://deploy.example.com, secret: a } }
`);
    pointStack(document);
    expect(document.toJS()).toEqual({
      config: {
        "cutover:stage": {
          entry: {
            B3: {
              source: "requests",
              steps: [{ path: "/incidents", as: "pager" }],
              prove: { request: { path: "/other" } },
            },
          },
          exit: { E1: { source: "http", request: { path: "/b" } } },
        },
        "cutover:rollout": {
          gates: { G1: { source: "http", request: { path: "/c" } } },
          delivery: { own: { kind: "webhook", url: "https://deploy.example.com", secret: "a" } },
        },
      },
    });
  });

  it.each(["", "config:", "config: {}", "other: 1"])("may be as empty as %j", (text) => {
    const document = parseDocument(text);
    pointStack(document);
    expect(takeSecrets(document)).toEqual([]);
  });

  it("has none of its secrets, and it is told where they stood", () => {
    const document = parseDocument(`
config:
  cutover:token-admin: { secure: AAA }
  slack:hooks: [one, { secure: BBB }, { secure: CCC }, { url: { secure: DDD } }]
  slack:secure: plain
  slack:other: { secure: EEE, beside: it }
`);
    const paths = takeSecrets(document);
    expect(paths.map(pulumiPath)).toEqual([
      "cutover:token-admin",
      "slack:hooks[1]",
      "slack:hooks[2]",
      'slack:hooks[3]["url"]',
    ]);
    expect(document.toJS()).toEqual({
      config: {
        "slack:hooks": ["one", {}],
        "slack:secure": "plain",
        "slack:other": { secure: "EEE", beside: "it" },
      },
    });
  });

  it("never keeps a secret, wherever it stands", () => {
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        fc.constant({ secure: "CIPHER" }),
        fc.constantFrom<unknown>("plain", 1, true, null),
        fc.array(tie("tree"), { maxLength: 4 }),
        fc.dictionary(fc.constantFrom("a", "b", "secure", "c"), tie("tree"), { maxKeys: 3 }),
      ),
    }));
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom("x:a", "x:b"), tree), (config) => {
        const document = new Document({ config });
        takeSecrets(document);
        expect(JSON.stringify(document.toJS())).not.toContain('{"secure":"CIPHER"}');
      }),
    );
  });
});

it("a copy of a project file says nothing of where state, stack files and plugins are", () => {
  const document = parseDocument(`
name: mine
runtime: nodejs
backend: { url: s3://state }
stackConfigDir: stacks
plugins: { providers: [] }
template: { description: x }
`);
  pointProject(document);
  expect(document.toJS()).toEqual({ name: "mine", runtime: "nodejs" });
});
