import { describe, expect, test } from "vitest";
import { placeOf } from "../../../src/promotion/settings";
import { short } from "../../../src/text/command";
import { UserError } from "../../../src/text/problem";
import { toldAt } from "../../../src/text/runError";

const refused = () =>
  new UserError("stageB is not promoted:", [
    { where: "stage stageB", what: "is held", remedy: `Release it: ${short.release("stageB")}` },
    {
      where: "stage stageA",
      what: "was never promoted",
      remedy: `Promote it: ${short.ofStack("up", "stageA")}`,
    },
  ]);
const message = (folder: string) => {
  const place = placeOf("search", { folder, checkout: "/checkout", region: "eu-central-1" });
  return (toldAt(place, refused()) as Error).message;
};

describe("a refusal of a run", () => {
  test("prints commands that can be typed where it was started", () => {
    const said = message("/checkout/rollouts/search");
    expect(said).toContain(
      'npm run cutover -- release --rollout search --region eu-central-1 -s stageB --reason "…"',
    );
    expect(said).toContain("Promote it: pulumi up -s stageA");
  });

  test("names the folder where the rollout's name does not lead there", () => {
    expect(message("/elsewhere/search")).toContain(
      "npm --prefix /checkout run cutover -- release --rollout search -C /elsewhere/search --region eu-central-1",
    );
  });

  test("leaves what is no mistake of a user as it is", () => {
    const error = new Error(short.abortAll());
    expect(toldAt({ rollout: "search" }, error)).toBe(error);
    expect(error.message).toBe(short.abortAll());
  });
});
