import type * as pulumi from "@pulumi/pulumi";
import type { TopicName } from "../src/aws/names";
import { type DatabaseConnection, partsOf } from "../src/gates/databaseConnection";
import { type Gate, kindOf, rolesOf, sendsToken } from "../src/gates/gate";
import type { Baseline } from "../src/imports/answer";
import type { MessagesSecret } from "../src/lambda/messagesSecret";
import type { MessagesSources } from "../src/lambda/messagesSettings";
import { isSeen } from "../src/messages/summary";
import { exitGatesOf } from "../src/promotion/resolve";
import { type MessageMap, scheduledOf } from "../src/rollout/config/messages";
import type { Rollout, Stage } from "../src/rollout/rollout";

/** What the messages of a stage stand on. */
export interface MessagesArgs {
  rollout: Rollout;
  stage: Stage;
  messages: MessageMap;
  /** Nothing is sent any more: what people were told is all that is kept. Default: false. */
  toldAlone?: boolean;
  /** The foundation's ids, and where it is. */
  applicationId: pulumi.Input<string>;
  environmentId: pulumi.Input<string>;
  profileId: pulumi.Input<string>;
  region: string;
  topics: pulumi.Input<Record<TopicName, string>>;
  /** How much faster declared durations pass than the clock. Default: 1, the only value for a real account. */
  timeScale?: number;
  /** The database as the gate role reaches it; absent where the rollout declares none. */
  database?: DatabaseConnection | undefined;
  /** Bearer tokens by role. Secret. */
  tokens?: Readonly<Record<string, string>> | undefined;
  /** The answers to Q1 to Q6 before the first stage; absent where none are recorded. */
  queryBaseline?: Baseline | undefined;
}

/** What the messages function of a stage has to look at, and what it needs for that. */
export interface Sight {
  /** All exit gates, those at which it cannot look among them. */
  readonly gates: readonly Gate[];
  /** The attempt of the stage whose promotion they decide about. */
  readonly attempt: number;
  /** What looking calls on AWS. */
  readonly looks: readonly string[];
  readonly secret: MessagesSecret | undefined;
  readonly asks: boolean;
  readonly sources: Omit<MessagesSources, "secretArn">;
}

/** What a stage's scheduled messages are made of, from config alone. */
export function sightOf({ rollout, stage, messages, database, tokens = {} }: MessagesArgs): Sight {
  const scheduled = scheduledOf(messages).map(({ message }) => message);
  const gates = exitGatesOf(rollout, stage);
  const measured = scheduled.some(({ soakSummary }) => soakSummary) ? gates.filter(isSeen) : [];
  const asks = scheduled.some(({ queries }) => queries !== undefined);
  const reads = asks || measured.some(({ definition }) => kindOf(definition).query !== undefined);
  const sends = measured.some(
    ({ definition }) => sendsToken(definition) || rolesOf(definition, rollout.sources).length > 0,
  );
  // Sign-offs are those of the stage that follows, whose promotion the exit gates decide about.
  const next = rollout.stages.find(({ predecessor }) => predecessor === stage.name) ?? stage;
  const { place, login } = reads && database ? partsOf(database) : {};
  const known = login && "password" in login ? login : undefined;
  const given = sends ? tokens : {};
  // Those alone that it judges: what is stated for the next stage's own entry is none of its business.
  const stated = Object.entries(next.signOffs).filter(([id]) => measured.some((gate) => gate.id === id));
  return {
    gates,
    attempt: next.attempt,
    looks: measured.flatMap(({ definition }) => kindOf(definition).awsActions ?? []),
    secret:
      known || Object.keys(given).length > 0
        ? { ...(known ? { login: known } : {}), tokens: given }
        : undefined,
    asks,
    sources: {
      promoted: { name: next.name, signOffs: Object.fromEntries(stated) },
      parameters: rollout.parameters,
      service: rollout.service?.url,
      elsewhere: rollout.sources,
      servers: rollout.servers,
      ...(place ? { database: place } : {}),
      ...(login && "iam" in login ? { iam: login } : {}),
    },
  };
}

/** A baseline without the texts of errors, of which nobody has checked whether a secret is among them. */
export function plainBaseline(baseline: Baseline | undefined): Baseline | undefined {
  return baseline && { ...baseline, answers: baseline.answers.filter(({ id }) => id !== "Q4") };
}
