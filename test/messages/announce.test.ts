import { expect, test } from "vitest";
import { announceBy } from "../../messages/announce";
import { UserError } from "../../model/problem";
import { memoryPost, TOPICS, written } from "./letters";

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
    /\/cutover\/ops-view\/stageB\/told: cannot be read: AccessDenied/,
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
