import type { Answer } from "../../answer";
import { type Call, header, type Input, type Scope } from "../../call";
import type { World } from "../../rule";
import { whole } from "../whole";

/** What each hosted version was described with, which the emulator forgets. */
export function descriptions() {
  const said = new Map<string, string>();
  const keyOf = ({ accessKey, region }: Scope, input: Input, version: unknown) =>
    [accessKey, region, input.ApplicationId, input.ConfigurationProfileId, version].join("/");

  const described = (answer: Answer, description: string | undefined): Answer =>
    description === undefined || answer.status >= 300
      ? answer
      : { ...answer, headers: { ...answer.headers, description } };

  return {
    answers: {
      async CreateHostedConfigurationVersion({ input, raw, scope }: Call, { upstream }: World) {
        const answer = await whole(raw, upstream);
        const description = header(raw, "description");
        const version = answer.headers["version-number"];
        if (description !== undefined && version !== undefined)
          said.set(keyOf(scope, input, version), description);
        return described(answer, description);
      },
      async GetHostedConfigurationVersion({ input, raw, scope }: Call, { upstream }: World) {
        return described(await whole(raw, upstream), said.get(keyOf(scope, input, input.VersionNumber)));
      },
    },
    /** Of a version in a list. */
    of: (scope: Scope, input: Input, version: unknown) => said.get(keyOf(scope, input, version)),
    forget: () => said.clear(),
  };
}
