import { describe, expect, test } from "vitest";
import { channel } from "../../../src/channels/registry";
import { PAGER, queue, World } from "./deliverWorld";
import { AT, alarmed, enveloped, PUBLISHED } from "./sent";

const KEY = "123456789012/eu-central-1/ops-view-stageA-XA1";
const rolledBack = enveloped(PUBLISHED["rolled back"] as never);

describe("a rollback that failed", () => {
  const night = (at: string) => {
    const { attributes, ...rest } = PUBLISHED["rollback failed"] as (typeof PUBLISHED)[string];
    return [alarmed("ALARM", at), enveloped({ ...rest, attributes: { ...attributes, at } }, at)];
  };
  const seen = enveloped(PUBLISHED.seen as never);

  test("wakes people nights later, too, where an earlier one was acknowledged and left open", async () => {
    const world = new World();
    await queue(world, PAGER, [...night(AT), seen, alarmed("OK", "2026-11-21T04:00:00.000Z")]);
    await queue(world, PAGER, night("2026-11-29T03:00:00.000Z"));
    const pages = world.taken.filter(({ action }) => action === "trigger");
    expect(pages).toHaveLength(4);
    expect(pages.filter(({ wakesNobody }) => wakesNobody)).toEqual([]);
  });

  test("joins what somebody has acknowledged where it is of the same alarm: the stand-in says so", async () => {
    const world = new World();
    await queue(world, PAGER, [alarmed("ALARM"), seen, rolledBack]);
    expect(world.taken.flatMap(({ action, wakesNobody }) => (wakesNobody ? [action] : []))).toEqual([
      "trigger",
    ]);
  });
});

describe("out of order", () => {
  const OK_AT = "2026-11-21T03:04:00.000Z";

  test("an end before its beginning leaves no incident open", async () => {
    const world = new World();
    await queue(world, PAGER, [alarmed("OK", OK_AT), alarmed("ALARM"), rolledBack]);
    expect(world.done).toEqual([
      `resolve ${KEY}`,
      ...[`trigger ${KEY}`, `resolve ${KEY}`],
      ...[`trigger ${KEY}`, `resolve ${KEY}`],
    ]);
  });

  test("an end that is sent after its beginning is another message to whoever takes each once", async () => {
    const world = new World();
    world.secrets["ops-view/hook"] = "the-signing-key-of-the-sandbox";
    const url = "https://hooks.example.com/cutover";
    const hook = channel.parse({ kind: "webhook", topics: ["onCall"], url, secret: "ops-view/hook" });
    const sent: [action: unknown, id: string | undefined][] = [];
    world.broken = ({ headers, body }) => {
      sent.push([JSON.parse(body).action, headers["idempotency-key"]]);
      return { status: 204, body: "" };
    };
    await queue(world, { name: "hook", config: hook }, [alarmed("OK", OK_AT), alarmed("ALARM")]);
    expect(sent.map(([action]) => action)).toEqual(["resolve", "page", "resolve"]);
    expect(new Set(sent.map(([, id]) => id)).size).toBe(3);
  });

  const seen = enveloped(PUBLISHED.seen as never);

  test("an acknowledgement before its page acknowledges it once it is there", async () => {
    const world = new World();
    await queue(world, PAGER, [seen, alarmed("ALARM")]);
    expect(world.done.slice(-2)).toEqual([`trigger ${KEY}`, `acknowledge ${KEY}`]);
  });

  test("an acknowledgement of an earlier alarm acknowledges no later one", async () => {
    const world = new World();
    await queue(world, PAGER, [seen, alarmed("ALARM", "2026-11-29T03:00:00.000Z")]);
    expect(world.done.at(-1)).toBe(`trigger ${KEY}`);
  });

  test("an acknowledgement that overtook ROLLBACK FAILED is of that page", async () => {
    const world = new World();
    await queue(world, PAGER, [seen, enveloped(PUBLISHED["rollback failed"] as never)]);
    expect(world.done.slice(-2)).toEqual([
      `trigger ${KEY}/rollback-failed/${AT}`,
      `acknowledge ${KEY}/rollback-failed/${AT}`,
    ]);
  });

  test("a page that was sent after somebody saw the alarm wakes anew", async () => {
    const world = new World();
    const later = enveloped(PUBLISHED["rollback failed"] as never).replace("03:00:01.000Z", "03:30:01.000Z");
    await queue(world, PAGER, [alarmed("ALARM"), seen, later]);
    expect(world.done.at(-1)).toBe(`trigger ${KEY}/rollback-failed/${AT}`);
  });

  test("an end of an earlier time ends nothing", async () => {
    const world = new World();
    await queue(world, PAGER, [alarmed("OK", "2026-11-21T02:00:00.000Z"), alarmed("ALARM")]);
    expect(world.done).toEqual([`resolve ${KEY}`, `trigger ${KEY}`]);
  });

  test("an alarm that rings again is another page", async () => {
    const world = new World();
    await queue(world, PAGER, [
      alarmed("ALARM"),
      alarmed("OK", OK_AT),
      alarmed("ALARM", "2026-11-21T03:05:00.000Z"),
    ]);
    expect(world.done).toEqual([`trigger ${KEY}`, `resolve ${KEY}`, `trigger ${KEY}`]);
  });
});
