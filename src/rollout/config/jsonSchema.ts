import { z } from "zod";
import { rolloutConfig, stageConfig } from "./stackFile";

/**
 * The JSON Schema of a stack file, for editors: completion, and red underlines before anything runs. Generated
 * from the very schemas that the program parses with (`npm run docs`).
 */
export function stackFileSchema(): object {
  const inner = (schema: z.ZodType) => {
    const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: "input", target: "draft-7" });
    return rest;
  };
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "A stack file of a cutover rollout",
    type: "object",
    properties: {
      config: {
        type: "object",
        properties: {
          "cutover:rollout": inner(rolloutConfig),
          "cutover:stage": inner(stageConfig),
          "cutover:timeScale": {
            type: "number",
            minimum: 1,
            description:
              "How much faster declared durations pass than the clock. For the sandbox only: refused on a real account.",
          },
        },
      },
    },
  };
}
