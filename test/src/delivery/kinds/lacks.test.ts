import { describe, expect, test } from "vitest";
import type { Answered, Asked } from "../../../../sandbox/host/http";
import { Hosted } from "../../../../sandbox/platforms/platform";
import { RENDER, render } from "../../../../sandbox/platforms/render";
import { VERCEL, vercel } from "../../../../sandbox/platforms/vercel";
import type { AwsReach, Reach, Request } from "../../../../src/delivery/kind";
import { type DeliveryConfig, delivery, deliveryKindOf } from "../../../../src/delivery/registry";

const AT = "http://127.0.0.1:9";
const asked: Request[] = [];

function reachOf(
  answer: (hosted: Hosted, asked: Asked) => Answered,
  restarting: AwsReach["restarting"] = async () => [],
): Reach {
  const hosted = new Hosted();
  return {
    async ask(request) {
      asked.push(request);
      const { method, headers, body = "" } = request;
      return answer(hosted, { method, path: request.url.slice(AT.length), headers, body });
    },
    aws: { restarting } as AwsReach,
    now: Date.now,
  };
}

const of = (config: object): DeliveryConfig => delivery.parse(config);
const lacks = (config: DeliveryConfig, secret: string, reach: Reach) =>
  deliveryKindOf(config).lacks(config, secret, reach);
const RENDERED = { kind: "render", service: RENDER.service, secret: "x/render", url: AT };
const VERCELED = { kind: "vercel", project: VERCEL.project, team: VERCEL.team, secret: "x/vercel", url: AT };

describe("what a platform lacks", () => {
  test("is nothing where it is as declared, and nothing was changed to find out", async () => {
    expect(await lacks(of(RENDERED), RENDER.key, reachOf(render))).toBeUndefined();
    expect(await lacks(of(VERCELED), VERCEL.token, reachOf(vercel))).toBeUndefined();
    expect(new Set(asked.map(({ method }) => method))).toEqual(new Set(["GET"]));
  });

  test("is a service of Render's that is not there, or is suspended", async () => {
    const other = of({ ...RENDERED, service: "srv-other0123456789" });
    expect(await lacks(other, RENDER.key, reachOf(render))).toBe(
      "there is no service srv-other0123456789, or the key is of another workspace",
    );
    const suspended = () => ({ status: 200, body: JSON.stringify({ id: "x", suspended: "suspended" }) });
    expect(await lacks(of(RENDERED), RENDER.key, reachOf(suspended))).toContain("is suspended");
  });

  test("is a production deployment on Vercel", async () => {
    const other = of({ ...VERCELED, project: "prj_other" });
    expect(await lacks(other, VERCEL.token, reachOf(vercel))).toBe(
      "prj_other has no production deployment that could be built anew",
    );
  });

  test("is a service of ECS, or its cluster", async () => {
    const config = of({ kind: "ssm", path: "/x", ecs: [{ cluster: "a", service: "b" }] });
    const gone = reachOf(render, async () => [{ service: "a/b", failed: "it is not there" }]);
    expect(await lacks(config, "", gone)).toBe("a/b: it is not there");
    const cluster = Object.assign(new Error("Cluster not found."), { name: "ClusterNotFoundException" });
    expect(
      await lacks(
        config,
        "",
        reachOf(render, () => Promise.reject(cluster)),
      ),
    ).toBe("there is no cluster a");
    expect(
      await lacks(
        config,
        "",
        reachOf(render, async () => [{ service: "a/b" }]),
      ),
    ).toBeUndefined();
  });

  test("is not known where the platform says no: that is thrown, in its words and without the secret", async () => {
    for (const [config, reach] of [
      [of(RENDERED), reachOf(render)],
      [of(VERCELED), reachOf(vercel)],
    ] as const)
      await expect(lacks(config, "wrong-secret-0123456789", reach)).rejects.toThrow(/answered 40[13]: /);
  });
});

test.each([
  [{ kind: "ssm", path: "/x/flags" }, "parameters below /x/flags"],
  [RENDERED, `service ${RENDER.service}`],
  [VERCELED, `project ${VERCEL.project} of ${VERCEL.team}`],
  [{ kind: "webhook", url: "https://deploy.example.com/cutover/x", secret: "x/hook" }, "deploy.example.com"],
])("%o is %s in words", (config, words) => {
  const one = of(config);
  expect(deliveryKindOf(one).place(one)).toContain(words);
});
