import type { Aws } from "../../../../sandbox/aws/plugin/session";
import type { Props } from "../../../../sandbox/plugin/values";
import type { Life, Living } from "../lifecycle";

/** What a life may need before it begins. */
export interface World {
  readonly aws: Aws;
  /** Another resource of the table, removed when the test ends. */
  has(type: string, inputs: Props): Promise<Living>;
}

export type Cases = Readonly<Record<string, (world: World) => Life | Promise<Life>>>;

export const arnOf = ({ state }: Living): string => String(state.arn);
