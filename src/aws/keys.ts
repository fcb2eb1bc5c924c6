import { awsClient } from "./clients";

/** A key of KMS's, as far as it is looked at. */
export interface KeyNow {
  readonly arn: string;
  /** As KMS calls it: `Enabled`, `Disabled`, `PendingDeletion` and such. */
  readonly state: string;
  /** True where AWS manages it: its policy admits no service in its own name. */
  readonly ofAws: boolean;
  /** As JSON. */
  readonly policy: string;
}

/** Reads keys, each once. */
export interface KeyReader {
  /** @param id an ARN, an id or an alias */
  read(id: string): Promise<KeyNow>;
  destroy(): void;
}

/** Whoever asks of no key loads nothing of KMS's. */
export function keyReader(region: string): KeyReader {
  const opened: { destroy(): void }[] = [];
  const found = new Map<string, Promise<KeyNow>>();
  const ask = async (KeyId: string): Promise<KeyNow> => {
    const { DescribeKeyCommand, GetKeyPolicyCommand, KMSClient } = await import("@aws-sdk/client-kms");
    const client = awsClient(KMSClient, { region });
    opened.push(client);
    const { KeyMetadata } = await client.send(new DescribeKeyCommand({ KeyId }));
    const { Arn: arn = "", KeyState: state = "unknown", KeyManager } = KeyMetadata ?? {};
    if (KeyManager === "AWS") return { arn, state, ofAws: true, policy: "{}" };
    // It takes no alias. Source: KMS's reference, "GetKeyPolicy".
    const { Policy = "{}" } = await client.send(
      new GetKeyPolicyCommand({ KeyId: arn, PolicyName: "default" }),
    );
    return { arn, state, ofAws: false, policy: Policy };
  };
  return {
    read(id) {
      const reading = found.get(id) ?? ask(id);
      found.set(id, reading);
      return reading;
    },
    destroy() {
      for (const client of opened) client.destroy();
    },
  };
}

/** Whether a key may be used as it is. Source: KMS's guide, "Key states of AWS KMS keys". */
export const isUsable = ({ state }: Pick<KeyNow, "state">) => state === "Enabled" || state === "Updating";
