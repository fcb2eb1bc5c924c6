import { describe, expect, test } from "vitest";
import { announceBy, takeBackBy } from "../../../src/messages/announce";
import { UserError } from "../../../src/text/problem";
import { type MemoryPost, memoryPost, TOPICS, written } from "./topicMessages";

const C3 = written({ title: "Writes are about to go to the database", to: ["ops", "stakeholders"] });
const C4 = written({ title: "Fully enabled", when: { after: "48h" } });
const promotion = {
  rollout: "ops-view",
  stage: "stageB",
  attempt: 1,
  messages: { C3, C4 },
  from: { READ: true, WRITE: false },
  to: { READ: true, WRITE: true },
  topics: TOPICS,
};

async function run(post = memoryPost(), changes: object = {}) {
  const said: string[] = [];
  const failure = await announceBy(post, { ...promotion, ...changes }, (line) => said.push(line), 0).then(
    () => undefined,
    (error: unknown) => error,
  );
  return { post, said, failure, topics: post.delivered.map(({ topic }) => topic).sort() };
}

test("tells each topic of each message that comes before the flip", async () => {
  const { post, said, failure, topics } = await run();
  expect(failure).toBeUndefined();
  expect(topics).toEqual(["ops", "stakeholders"]);
  expect(post.delivered[0]?.text).toContain("Flags next:   READ true, WRITE true");
  expect([...post.kept].sort()).toEqual(["attempt-1/C3/ops", "attempt-1/C3/stakeholders"]);
  expect(said).toEqual([expect.stringMatching(/told people before the flip: .*C3 to ops/)]);
});

test("a run that is repeated tells nobody twice, and says so", async () => {
  const { post } = await run();
  const { topics, said } = await run(post);
  expect(topics).toEqual(["ops", "stakeholders"]);
  expect(said).toEqual(["stageB: told in an earlier run of this attempt: C3 to ops, C3 to stakeholders"]);
});

test("another attempt is announced anew, also the tenth", async () => {
  const { post } = await run();
  await run(post, { attempt: 10 });
  await run(post, { attempt: 2 });
  expect(post.delivered).toHaveLength(6);
});

test("where a topic refuses, the promotion does not happen, and who heard of it does not hear of it again", async () => {
  const post = memoryPost();
  post.refusing.add("stakeholders");
  const { failure, topics } = await run(post);
  expect(topics).toEqual(["ops"]);
  expect(failure).toBeInstanceOf(UserError);
  expect((failure as UserError).message).toMatch(
    /stageB is not promoted: not everybody could be told before:\n {2}- messages C3 to stakeholders: could not be sent: stakeholders refuses\. Nothing has changed/,
  );
  post.refusing.clear();
  expect((await run(post)).topics).toEqual(["ops", "stakeholders"]);
});

test("where it cannot be known who was told, nobody is, and the promotion does not happen", async () => {
  const post = memoryPost();
  post.sentFails = "AccessDenied";
  const { failure, topics } = await run(post);
  expect(topics).toEqual([]);
  expect((failure as UserError).message).toMatch(
    /\/cutover\/ops-view\/stageB\/sent: cannot be read: AccessDenied/,
  );
});

test("where it cannot be kept that people were told, the promotion goes on and says so", async () => {
  const post = memoryPost();
  post.keepFails = "Throttled";
  const { failure, said } = await run(post);
  expect(failure).toBeUndefined();
  expect(said).toContainEqual(
    expect.stringMatching(/C3 to ops was told, but that could not be kept \(Throttled\)/),
  );
});

describe("an announcement whose flip then failed", () => {
  async function back(post: MemoryPost, changes: object = {}) {
    const said: string[] = [];
    await takeBackBy(post, { ...promotion, ...changes }, "AppConfig refused: conflict", (line) =>
      said.push(line),
    );
    return said;
  }
  const backs = (post: MemoryPost) =>
    post.delivered.filter(({ subject }) => subject.endsWith("(DID NOT HAPPEN)"));

  test("is taken back from everybody who heard of it, and from nobody else", async () => {
    const post = memoryPost();
    post.refusing.add("stakeholders");
    await run(post);
    post.refusing.clear();
    const said = await back(post);
    expect(backs(post).map(({ topic }) => topic)).toEqual(["ops"]);
    expect(backs(post)[0]?.text).toMatch(/^Flags still: +READ true, WRITE false$/m);
    expect(backs(post)[0]?.text).toMatch(/^Why: +AppConfig refused: conflict$/m);
    expect(said).toEqual(["stageB: told people that it did not happen: C3 to ops"]);
  });

  test("is taken back once, and announced anew by the next run; and so on", async () => {
    const { post } = await run();
    await back(post);
    await back(post);
    expect(backs(post)).toHaveLength(2);
    const { said } = await run(post);
    expect(said).toEqual([expect.stringMatching(/told people before the flip: .*C3 to stakeholders/)]);
    await run(post);
    expect(post.delivered).toHaveLength(6);
    await back(post);
    expect(backs(post)).toHaveLength(4);
    await run(post);
    expect(post.delivered).toHaveLength(10);
  });

  test("of another attempt stays as it was said", async () => {
    const { post } = await run();
    await back(post, { attempt: 10 });
    expect(backs(post)).toEqual([]);
  });

  test("never fails the run any more than it has failed", async () => {
    const { post } = await run();
    post.refusing.add("ops");
    expect(await back(post)).toContainEqual(
      "stageB: C3 to ops was announced, and could not be taken back: ops refuses",
    );
    post.sentFails = "AccessDenied";
    expect(await back(post)).toEqual(["stageB: what was announced could not be taken back: AccessDenied"]);
  });
});
