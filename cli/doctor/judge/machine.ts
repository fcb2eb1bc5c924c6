import { short } from "../../../src/text/command";
import { type Finding, finder } from "../finding";

const { ok, fault, later } = finder("This machine");

/** The programs that there are, and those that are wanted: versions without a `v`. */
export interface MachineFacts {
  readonly node: string;
  /** What the package says it runs on: `>=20.19`. */
  readonly nodeWanted: string;
  /** Undefined where no `pulumi` is on PATH. */
  readonly engine: string | undefined;
  /** Of the SDK that the program is written with. */
  readonly sdk: string;
  /** The provider plugins that are installed, as `aws 7.48.0`. */
  readonly plugins: readonly string[];
  /** Those that the rollout's stacks ask for. */
  readonly wanted: readonly string[];
  readonly first: string | undefined;
}

export function judgeMachine(facts: MachineFacts): Finding[] {
  const { node, nodeWanted, engine, sdk, plugins, wanted, first } = facts;
  const least = nodeWanted.replace(/^\D*/, "");
  const install = `Install the Pulumi CLI, ${minorOf(sdk)} or newer`;
  const up = first === undefined ? "up" : short.ofStack("up", first);
  return [
    older(node, least)
      ? fault("Node", `is ${node}, and cutover needs ${least} or newer`, `Install Node ${least} or newer`)
      : ok("Node", node),
    engine === undefined
      ? fault("pulumi", "is not on PATH", install)
      : older(engine, minorOf(sdk))
        ? fault("pulumi", `is ${engine}, older than the SDK of the program, ${sdk}`, install)
        : ok("pulumi", engine),
    ...wanted.map((one) =>
      plugins.includes(one)
        ? ok(`plugin ${one.split(" ")[0]}`, one.split(" ")[1] ?? "")
        : later(
            `plugin ${one.split(" ")[0]}`,
            `${one.split(" ")[1]} is not here yet: the first ${up} fetches it`,
          ),
    ),
  ];
}

/** Patches of an SDK and of an engine differ. */
const minorOf = (version: string): string => version.split(".").slice(0, 2).join(".");

/** Compares as many parts as `least` has. */
function older(version: string, least: string): boolean {
  const [own, wanted] = [version, least].map((one) =>
    one.split(".").map((part) => Number.parseInt(part, 10)),
  );
  for (const [index, part] of (wanted ?? []).entries()) {
    const mine = own?.[index] ?? 0;
    if (mine !== part) return mine < part;
  }
  return false;
}
