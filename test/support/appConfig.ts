import type { AppConfigClient } from "@aws-sdk/client-appconfig";
import { parseDocument } from "../../src/flags/document";
import { brokenRequirements, type FlagSpecs, type Flags } from "../../src/flags/flags";
import { parseNote } from "../../src/flags/ledger";

/** One deployment, as AppConfig keeps it. */
interface Deployment {
  readonly number: number;
  readonly version: number;
  readonly description: string | undefined;
  state: "COMPLETE" | "DEPLOYING" | "ROLLED_BACK";
  readonly at: Date;
  /** Calls until it completes. */
  left: number;
}

/** How the next call goes wrong. */
export type Fault = "throttled" | "lost" | "down" | undefined;

export interface AppConfigOptions {
  readonly specs: FlagSpecs;
  /** How many calls of anybody a deployment takes to complete; 0: at once. */
  readonly takes?: number;
  /** Asked before each call; whoever calls waits for it. */
  readonly before?: (call: string) => Promise<void>;
  readonly fault?: (call: string) => Fault;
}

/**
 * AppConfig in memory, with its real rules, behind the SDK's own commands: one deployment at a time in an environment;
 * one that names the latest number is refused where another came first; documents are held to the schema; versions are
 * never changed. Every call yields first, so that callers interleave wherever they await.
 */
export class AppConfigInMemory {
  readonly deployments: Deployment[] = [];
  readonly documents: string[] = [];
  private clock = Date.parse("2026-11-21T12:00:00.000Z");

  constructor(private readonly options: AppConfigOptions) {}

  /** A client as the SDK makes them. */
  client(): AppConfigClient {
    return {
      send: (command: { constructor: { name: string }; input: Record<string, unknown> }) =>
        this.answer(command.constructor.name.replace(/Command$/, ""), command.input),
      destroy: () => {},
    } as unknown as AppConfigClient;
  }

  /** Deploys past everything, as somebody in the console does. Refused while another one is under way. */
  deploy(flags: Flags, description?: string): void {
    this.start({ ConfigurationVersion: this.keep(JSON.stringify(flags)), Description: description });
  }

  /** What servers read once nothing is under way. */
  get live(): Flags {
    const found = this.deployments.findLast(({ state }) => state === "COMPLETE");
    return JSON.parse(this.documents[(found?.version ?? 1) - 1] ?? "{}") as Flags;
  }

  /** Everything that any server may have read, in order. */
  get shown(): Flags[] {
    return this.deployments.map(({ version }) => JSON.parse(this.documents[version - 1] ?? "{}") as Flags);
  }

  notes() {
    return this.deployments.map(({ description }) => parseNote(description));
  }

  settle(): void {
    for (const one of this.deployments) if (one.state === "DEPLOYING") one.state = "COMPLETE";
  }

  private async answer(call: string, input: Record<string, unknown>): Promise<unknown> {
    await this.options.before?.(call);
    await new Promise((resolve) => setImmediate(resolve));
    for (const one of this.deployments)
      if (one.state === "DEPLOYING" && --one.left <= 0) one.state = "COMPLETE";
    const fault = this.options.fault?.(call);
    if (fault === "throttled") throw failure("ThrottlingException", "Rate exceeded", 429);
    if (fault === "down") throw failure("InternalServerException", "not now", 500);
    const result = this.dispatch(call, input);
    if (fault === "lost") throw failure("TimeoutError", "no answer", undefined);
    return result;
  }

  private dispatch(call: string, input: Record<string, unknown>): unknown {
    switch (call) {
      case "ListDeployments":
        return {
          Items: [...this.deployments].reverse().map(({ number, state, version }) => ({
            DeploymentNumber: number,
            State: state,
            ConfigurationVersion: String(version),
            DeploymentDurationInMinutes: 0,
            FinalBakeTimeInMinutes: 0,
          })),
        };
      case "GetDeployment": {
        const found = this.deployments.find(({ number }) => number === input.DeploymentNumber);
        if (!found) throw failure("ResourceNotFoundException", "no such deployment", 404);
        return {
          State: found.state,
          ConfigurationVersion: String(found.version),
          Description: found.description,
          StartedAt: found.at,
          ...(found.state === "COMPLETE" ? { CompletedAt: found.at } : {}),
        };
      }
      case "CreateHostedConfigurationVersion": {
        const text = new TextDecoder().decode(input.Content as Uint8Array);
        const parsed = parseDocument(this.options.specs, text);
        if (!parsed.ok || brokenRequirements(this.options.specs, parsed.flags).length > 0)
          throw failure("BadRequestException", "the document does not meet the schema", 400);
        return { VersionNumber: Number(this.keep(text)) };
      }
      case "GetHostedConfigurationVersion":
        return { Content: new TextEncoder().encode(this.documents[Number(input.VersionNumber) - 1]) };
      case "ListHostedConfigurationVersions":
        return { Items: this.documents.map((_, index) => ({ VersionNumber: index + 1 })) };
      case "StartDeployment":
        return this.start(input);
      case "StopDeployment": {
        const found = this.deployments.find(({ number }) => number === input.DeploymentNumber);
        if (found?.state !== "DEPLOYING") throw failure("BadRequestException", "it has ended", 400);
        found.state = "ROLLED_BACK";
        return {};
      }
      case "GetConfigurationProfile":
        return { Validators: [] };
      default:
        throw new Error(`AppConfig in memory knows no ${call}`);
    }
  }

  private start(input: Record<string, unknown>): unknown {
    const newest = this.deployments.length;
    if (this.deployments.some(({ state }) => state === "DEPLOYING"))
      throw failure("ConflictException", "a deployment is under way", 409);
    if (input.LatestDeploymentNumber !== undefined && input.LatestDeploymentNumber !== newest)
      throw failure("ConflictException", "another deployment came first", 409);
    this.clock += 1_000;
    const takes = this.options.takes ?? 0;
    this.deployments.push({
      number: newest + 1,
      version: Number(input.ConfigurationVersion),
      description: input.Description as string | undefined,
      state: takes > 0 ? "DEPLOYING" : "COMPLETE",
      at: new Date(this.clock),
      left: takes,
    });
    return { DeploymentNumber: newest + 1 };
  }

  private keep(document: string): string {
    return String(this.documents.push(document));
  }
}

function failure(name: string, message: string, status: number | undefined): Error {
  return Object.assign(new Error(message), { name, $metadata: { httpStatusCode: status } });
}
