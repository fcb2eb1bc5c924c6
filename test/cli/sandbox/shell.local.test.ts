import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { printedAs } from "../../../cli/sandbox/formats";

/** What these variables are in a shell that has evaluated the lines, so many times. */
function evaluated(
  shell: string,
  exported: Record<string, string>,
  { reader = {}, times = 1 }: { reader?: Record<string, string>; times?: number } = {},
): Record<string, string> {
  const lines = printedAs("sh", exported, reader);
  const script = `${'eval "$0";'.repeat(times)} exec ${JSON.stringify(process.execPath)} -p 'JSON.stringify(process.env)'`;
  const env = { PATH: "/usr/bin:/bin", ...reader };
  // A bash whose input is a socket, as Node's pipes are, takes itself for one of a remote login.
  const stdio = ["ignore", "pipe", "inherit"] as const;
  return JSON.parse(execFileSync(shell, ["-c", script, lines], { encoding: "utf8", env, stdio: [...stdio] }));
}

describe.each(["sh", "bash"])("in %s", (shell) => {
  it("every value arrives as it is", () => {
    // A shell's words cannot hold the character that ends them, nor halves of one.
    const value = fc.string({ unit: "grapheme" }).filter((text) => !text.includes("\0"));
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 20 }), (values) => {
        const exported = Object.fromEntries(values.map((one, index) => [`VALUE_${index}`, one]));
        expect(evaluated(shell, exported)).toMatchObject(exported);
      }),
      {
        numRuns: 15,
        examples: [[["it's", "$(date)", "`date`", '"', "\\", "a\nb", "!x", "*", "~", " ", ""]]],
      },
    );
  });

  it("PATH is put before the shell's own, once however often it is evaluated", () => {
    const exported = { PATH: "/it's here:/node bin" };
    const wanted = "/it's here:/node bin:/usr/bin:/bin";
    expect(evaluated(shell, exported).PATH).toBe(wanted);
    expect(evaluated(shell, exported, { times: 3 }).PATH).toBe(wanted);
  });

  it("what leads elsewhere is gone", () => {
    const reader = { AWS_PROFILE: "work", PULUMI_ACCESS_TOKEN: "x", HOME: "/home/ada" };
    const after = evaluated(shell, { AWS_REGION: "us-east-1" }, { reader });
    expect(after).toMatchObject({ AWS_REGION: "us-east-1", HOME: "/home/ada" });
    expect(Object.keys(after)).not.toContain("AWS_PROFILE");
    expect(Object.keys(after)).not.toContain("PULUMI_ACCESS_TOKEN");
  });
});
