import type { IamLogin } from "../gates/databaseConnection";
import type { Elsewhere } from "../gates/elsewhere/ask";
import type { Stated } from "../gates/look";
import type { CheckContext } from "../gates/smokeCheck";
import type { Baseline } from "../imports/answer";
import type { Places } from "../measuring/places";
import type { MessagesConfig } from "../messages/messagesConfig";
import type { ImportsConfig } from "../rollout/config/imports";

/** What gates are measured from, beside AWS: as a promotion has it, without its secrets. */
export interface MessagesSources extends Pick<Places, "service" | "servers" | "database"> {
  /** The stage that follows, with the sign-offs that were made when the messages function was brought up. */
  readonly promoted: Stated;
  readonly parameters: CheckContext["parameters"];
  readonly elsewhere?: Elsewhere["sources"] | undefined;
  /** The gate role's login, where IAM vouches for it; else only the secret holds it. */
  readonly iam?: IamLogin | undefined;
  /** The secret with the gate role's login and the tokens. Absent where nothing needs either. */
  readonly secretArn?: string | undefined;
}

/** All that the messages function has beside its code. Plain data, and no secret in it. */
export interface MessagesSettings extends MessagesConfig {
  readonly sources: MessagesSources;
  /** The table of imports, and the answers before the first stage; absent where no message asks about it. */
  readonly imports?:
    | { readonly mapping: ImportsConfig; readonly baseline?: Baseline | undefined }
    | undefined;
}
