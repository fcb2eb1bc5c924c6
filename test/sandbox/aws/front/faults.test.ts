import { expect, it } from "vitest";
import type { Faults } from "../../../../sandbox/aws/front/faults";
import { refusalsOf } from "../../../../sandbox/aws/front/refusals";
import { clients } from "./rows/ask";
import { openFront } from "./world";

async function faulty(faults: Faults) {
  const front = await openFront({ GetCallerIdentity: "" });
  await fetch(`${front.endpoint}/_front/faults`, { method: "PUT", body: JSON.stringify(faults) });
  return { front, aws: clients(front) };
}

it.each<[Faults, string, string, RegExp]>([
  [{ expired: true }, "ExpiredTokenException", "ExpiredToken", /expired/],
  [{ regions: ["eu-west-1"] }, "UnrecognizedClientException", "InvalidClientTokenId", /invalid/],
])("turns callers away with %j, in the words of each protocol", async (faults, json, query, message) => {
  const { front, aws } = await faulty(faults);
  const asked = [
    [aws.appconfig.listApplications({}), json, 403],
    [aws.logs.describeLogGroups({}), json, 400],
    [aws.iam.getRole({ RoleName: "r" }), query, 403],
  ] as const;
  for (const [call, name, status] of asked) {
    await expect(call).rejects.toMatchObject({
      name,
      message: expect.stringMatching(message),
      $metadata: { httpStatusCode: status },
    });
  }
  expect(front.asked).toEqual([]);
  expect((await refusalsOf(front.endpoint)).map(({ code }) => code)).toEqual([json, json, query]);
});

it("lets callers through again, in the regions that are enabled", async () => {
  const { front, aws } = await faulty({ expired: true });
  await fetch(`${front.endpoint}/_front/faults`, { method: "PUT", body: '{"regions":["us-east-1"]}' });
  await aws.logs.describeLogGroups({});
  expect(front.asked).toHaveLength(1);
});
