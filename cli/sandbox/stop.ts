import { stopSandbox } from "../../sandbox";
import { EXIT, type Exit } from "../exit";
import { findLeft } from "./find";

/**
 * Ends a sandbox that was left running. Where it is not there any more that is said, and as wished.
 *
 * @param asked its name or its folder. Absent: the only one
 */
export async function stopCommand(
  asked: string | undefined,
  print: (line: string) => void = console.log,
): Promise<Exit> {
  const left = await findLeft(asked, "sandbox stop");
  const stopped = left && (await stopSandbox(left.dir));
  if (stopped)
    print(`The sandbox ${stopped.name} is stopped, and nothing is left of it: ${stopped.dir} is removed.`);
  else
    print(
      `Nothing is left to stop: ${asked === undefined ? "no sandbox runs" : `there is no sandbox ${asked}`}.`,
    );
  return EXIT.ok;
}
