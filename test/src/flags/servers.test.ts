import { describe, expect, it } from "vitest";
import { pollingOf, servers } from "../../../src/flags/servers";

const service = (name: string, spec: object = {}) => ({ cluster: "ops", service: name, ...spec });
const parsed = (spec: object) => servers.safeParse({ path: "/flags", ...spec });

describe("servers", () => {
  it.each<[string, object, RegExp | undefined]>([
    ["none at all", {}, /at least one of urls, ecs/],
    ["URLs", { urls: ["https://one.example"] }, undefined],
    ["a service whose tasks have addresses", { ecs: [service("view")] }, undefined],
    [
      "a service whose tasks stand in the URLs",
      { urls: ["https://one.example"], ecs: [service("view", { reachedBy: "urls" })] },
      undefined,
    ],
    [
      "one whose tasks stand in URLs that are not there",
      { ecs: [service("view"), service("more", { reachedBy: "urls" })] },
      /the address of every task of each service whose reachedBy is urls/,
    ],
    ["a URL with a query", { urls: ["https://one.example?a=1"] }, /a URL without \? and #/],
    ["a service twice", { ecs: [service("view"), service("view")] }, /each service once/],
    [
      "a service by its name and by its ARN",
      {
        ecs: [
          service("view"),
          service("arn:aws:ecs:eu-central-1:123456789012:service/ops/view", {
            cluster: "arn:aws:ecs:eu-central-1:123456789012:cluster/ops",
          }),
        ],
      },
      /each service once/,
    ],
    ["a service at two ports", { ecs: [service("view"), service("view", { port: 8080 })] }, undefined],
    ["services of two clusters", { ecs: [service("view"), service("view", { cluster: "b" })] }, undefined],
  ])("%s", (_, spec, problem) => {
    const messages = parsed(spec).error?.issues.map(({ message }) => message) ?? [];
    if (problem === undefined) expect(messages).toEqual([]);
    else expect(messages).toEqual([expect.stringMatching(problem)]);
  });
});

describe("the servers that take new flags while they run", () => {
  const of = (spec: object) => {
    const { urls, ecs } = pollingOf(servers.parse({ path: "/flags", ...spec }));
    return [...urls, ...ecs.map((one) => one.service)];
  };
  const urls = ["https://one.example/"];

  it.each<[string, object, string[]]>([
    ["all, where none restarts", { urls, ecs: [service("a")] }, [...urls, "a"]],
    ["those beside a service that restarts", { urls, ecs: [service("a", { restart: true })] }, urls],
    [
      "no URL that may be a task that restarts",
      { urls, ecs: [service("a", { restart: true, reachedBy: "urls" }), service("b")] },
      ["b"],
    ],
    ["none, where all restart", { ecs: [service("a", { restart: true })] }, []],
  ])("%s", (_, spec, expected) => {
    expect(of(spec)).toEqual(expected);
  });
});
