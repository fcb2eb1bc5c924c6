import { describe, expect, it } from "vitest";
import { tellsSomething, troubleOf } from "../../../cli/preview/trouble";

const of = (printed: string, errors: readonly string[] = []) =>
  troubleOf({ stage: "stageB", errors, printed });

describe("why a preview failed", () => {
  it.each([
    ["error: no stack named 'stageB' found", "The stack stageB does not exist", "pulumi stack init stageB"],
    [
      "error: PULUMI_ACCESS_TOKEN must be set for login during non-interactive CLI sessions",
      "not logged in",
      "pulumi login",
    ],
    ["error: incorrect passphrase", "the passphrase is missing or wrong", "PULUMI_CONFIG_PASSPHRASE"],
    [
      "error: failed to load checkpoint: unexpected end of JSON input",
      "The state of the stack stageB cannot be read",
      "cutover abort",
    ],
    [
      "error: the stack is currently locked by 1 lock(s)",
      "is locked by another run",
      "pulumi cancel -s stageB",
    ],
    ["error: could not load policy pack at ./policies", "The policy pack cannot be loaded", "npm ci"],
    ["something nobody has seen before", "pulumi preview failed", "Make pulumi preview -s stageB work"],
  ])("%s", (printed, what, remedy) => {
    const trouble = of(printed);
    expect(trouble.what).toContain(what);
    expect(trouble.remedy).toContain(remedy);
    expect(trouble.said.join(" ")).toContain(printed);
  });

  it.each([
    [
      "The stack baseline, on which all stages stand, is not up:\n  - baseline: has no outputs yet. Run pulumi up -s baseline first",
      "The rollout was never started: its first stack, baseline, is not up",
    ],
    [
      'Preview failed: unknown stack "organization/ops-view/baseline"',
      "The rollout was never started: its first stack, baseline, is not up",
    ],
    [
      "The live flags cannot be read from AppConfig (application a): Could not load credentials from any providers\n  - ledger: x. Check the AWS credentials",
      "There are no AWS credentials that work",
    ],
    [
      "The live flags cannot be read from AppConfig (application a): connect ECONNREFUSED 127.0.0.1:4566",
      "does not answer",
    ],
    ["The live flags cannot be read from AppConfig (application a): boo", "The live flags cannot be read"],
    [
      "Scaled time is for the sandbox only:\n  - cutover:timeScale: may only",
      "Scaled time is for the sandbox only",
    ],
    ["No AWS region is set:\n  - aws:region: is missing", "No AWS region is set"],
  ])("the program's own %j", (error, what) => {
    const trouble = of("", [error, "preview failed"]);
    expect(trouble.what).toContain(what);
    expect(trouble.said[0]).toBe(error.split("\n")[0]);
    expect(trouble.said).not.toContain("preview failed");
  });

  it("is one sentence and a remedy without full stops, which whoever shows them adds", () => {
    for (const words of ["no stack named x", "locked", "?"]) {
      const { what, remedy } = of(words);
      for (const sentence of [what, remedy]) expect(sentence).not.toMatch(/\.$|\n/);
    }
  });

  it("leaves out traces and lines that only say that it failed", () => {
    const { said } = of("", [
      "Running program '/p/index.ts' failed with an unhandled exception:\nError: boo\n    at main (/p/index.ts:3:1)",
      "preview failed",
    ]);
    expect(said).toEqual(["Error: boo"]);
    expect(tellsSomething("preview failed")).toBe(false);
    expect(tellsSomething("")).toBe(false);
    expect(tellsSomething("error: boo")).toBe(true);
  });

  it("names all that a provider and the state's backend were not allowed, and what prints it, by no account", () => {
    const denied = (call: string, words: string) =>
      `operation error ${call}, https response error StatusCode: 403, RequestID: 7d2e, api error ${words}`;
    const who = "arn:aws:sts::123456789012:assumed-role/cutover-ops-view-preview/job";
    const { what, remedy } = of("", [
      denied(
        "KMS: Decrypt",
        `AccessDeniedException: User: ${who} is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:eu-central-1:123456789012:key/1 because no identity-based policy allows the kms:Decrypt action`,
      ),
      denied("S3: HeadObject", "Forbidden: Forbidden"),
      denied(
        "EC2: DescribeSubnets",
        "UnauthorizedOperation: You are not authorized to perform this operation. Encoded authorization failure message: p1EyykaD2fI3",
      ),
    ]);
    expect(what).toContain(`AWS does not let ${who} do kms:Decrypt on arn:aws:kms:`);
    expect(what).toContain("do s3:GetObject (Forbidden)");
    expect(what).toContain("do ec2:DescribeSubnets");
    expect(what).not.toContain("p1Eyy");
    expect(remedy).toMatch(/cutover permissions --account "…" preview prints with --state-key/);
    expect(remedy).toMatch(/cutover permissions --account "…" preview prints with --state-bucket/);
    expect(remedy).not.toMatch(/--account \d/);
  });
});
