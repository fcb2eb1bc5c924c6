import {
  ErrorCode,
  type EvaluationContext,
  type JsonValue,
  OpenFeatureEventEmitter,
  type Provider,
  ProviderEvents,
  type ResolutionDetails,
  StandardResolutionReasons,
} from "@openfeature/server-sdk";
import type { Declarations } from "./declare";
import type { Flags } from "./flags";

/**
 * The flags as an OpenFeature provider. A boolean is asked for as a boolean; a percentage as a boolean, with a targeting
 * key, or as the number that it is; states as a boolean, or as the text that they are. The caller's own default counts for flags that are not declared alone: a declared flag
 * without a document is at its `off`.
 */
export class CutoverProvider<D extends Declarations> implements Provider {
  readonly metadata = { name: "cutover" } as const;
  readonly runsOn = "server";
  readonly events = new OpenFeatureEventEmitter();
  private readonly unlisten: () => void;

  /** @param flags opened by `openFlags`; the provider ends them when OpenFeature is closed */
  constructor(private readonly flags: Flags<D>) {
    this.unlisten = flags.onChange((flagsChanged) =>
      this.events.emit(ProviderEvents.ConfigurationChanged, { flagsChanged }),
    );
  }

  async onClose(): Promise<void> {
    this.unlisten();
    this.flags.stop();
  }

  async resolveBooleanEvaluation(
    flag: string,
    byDefault: boolean,
    { targetingKey }: EvaluationContext = {},
  ): Promise<ResolutionDetails<boolean>> {
    const declared = this.declarationOf(flag);
    if (!declared) return notFound(flag, byDefault);
    const now = this.flags.snapshot();
    const value = now.isOn(flag as keyof D & string, targetingKey);
    const split = declared.type === "percentage" ? StandardResolutionReasons.SPLIT : undefined;
    return { value, variant: value ? "on" : "off", ...this.why(now.version, split) };
  }

  async resolveNumberEvaluation(flag: string, byDefault: number): Promise<ResolutionDetails<number>> {
    const declared = this.declarationOf(flag);
    if (!declared) return notFound(flag, byDefault);
    if (declared.type !== "percentage")
      return mismatch(flag, byDefault, declared.type === "boolean" ? "a boolean" : "text");
    const now = this.flags.snapshot();
    return { value: now.percentage(flag as keyof D & string), ...this.why(now.version) };
  }

  async resolveStringEvaluation(
    flag: string,
    byDefault: string,
    { targetingKey }: EvaluationContext = {},
  ): Promise<ResolutionDetails<string>> {
    const declared = this.declarationOf(flag);
    if (!declared) return notFound(flag, byDefault);
    if (declared.type !== "states") return mismatch(flag, byDefault, "no text");
    const now = this.flags.snapshot();
    const value: string = now.state(flag as keyof D & string, targetingKey);
    return { value, variant: value, ...this.why(now.version) };
  }

  async resolveObjectEvaluation<T extends JsonValue>(
    flag: string,
    byDefault: T,
  ): Promise<ResolutionDetails<T>> {
    return this.declarationOf(flag) ? mismatch(flag, byDefault, "no object") : notFound(flag, byDefault);
  }

  private declarationOf(flag: string) {
    const { declared } = this.flags;
    return Object.hasOwn(declared, flag) ? declared[flag] : undefined;
  }

  private why(version: string | null, split?: string) {
    if (version === null) return { reason: StandardResolutionReasons.DEFAULT };
    const stale = this.flags.trouble !== undefined ? StandardResolutionReasons.STALE : undefined;
    return { reason: stale ?? split ?? StandardResolutionReasons.STATIC, flagMetadata: { version } };
  }
}

function notFound<T>(flag: string, value: T): ResolutionDetails<T> {
  return {
    value,
    reason: StandardResolutionReasons.ERROR,
    errorCode: ErrorCode.FLAG_NOT_FOUND,
    errorMessage: `The flag ${flag} is not declared`,
  };
}

function mismatch<T>(flag: string, value: T, what: string): ResolutionDetails<T> {
  return {
    value,
    reason: StandardResolutionReasons.ERROR,
    errorCode: ErrorCode.TYPE_MISMATCH,
    errorMessage: `The flag ${flag} is ${what}`,
  };
}
