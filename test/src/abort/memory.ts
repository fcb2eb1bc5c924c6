import { flagDocument } from "../../../src/flags/document";
import type { Marks } from "../../../src/flags/doors";
import type { Flags } from "../../../src/flags/flags";
import type { Note } from "../../../src/flags/ledger";
import type {
  AbortStore,
  DeployResult,
  Served,
  ServedVersion,
  StoreEntry,
  UnderWay,
} from "../../../src/flags/store";

interface Deployment {
  readonly version: number;
  readonly brief: boolean;
  readonly note: Note | undefined;
  readonly startedAt: string | undefined;
  state: "deploying" | "baking" | "rolling-back" | "complete" | "rolled-back";
  /** Looks left until it goes on by itself. Endless for one that takes its time. */
  left: number;
}

export interface MemoryOptions {
  /** How many calls a deployment of ours takes to complete. */
  readonly takes?: number;
  /** Whether AppConfig would take a document. */
  readonly accepts?: (document: string) => boolean;
  readonly schema?: string | undefined;
  /** Why it tells its schema to nobody. */
  readonly schemaFails?: string | undefined;
  /** How many versions it keeps. */
  readonly quota?: number;
}

/**
 * AppConfig, as far as flags are concerned: one deployment at a time, each bound to the one before it, and a
 * history of all that any server may have been given. Every call yields first, so that callers interleave.
 */
export class MemoryStore implements AbortStore {
  readonly documents: (string | undefined)[] = [];
  readonly deployments: Deployment[] = [];
  /** Every document that a server may have read, in order. */
  readonly shown: string[] = [];
  readonly calls: string[] = [];
  /** When deployments from here on begin, ISO 8601; not told where absent. */
  startedAt: string | undefined;
  constructor(private readonly options: MemoryOptions = {}) {}

  /** Puts flags there as a promotion does: refused while another deployment is under way. */
  promote(
    document: Flags | string,
    how: {
      takes?: number;
      brief?: boolean;
      baking?: boolean;
      /** AppConfig loses the version afterwards. */
      lost?: boolean;
      /** Somebody else's where there is none. */
      note?: Note;
    } = {},
    doors: Marks = {},
  ): boolean {
    if (this.busy()) return false;
    const text = typeof document === "string" ? document : flagDocument(document, doors);
    this.start(this.keep(text), how.note, how.takes ?? 0, how.brief ?? true);
    if (how.baking) (this.deployments.at(-1) as Deployment).state = "baking";
    if (how.lost) this.documents[this.documents.length - 1] = undefined;
    return true;
  }

  /** Somebody takes back what is under way. */
  takeBack(): void {
    const current = this.deployments.find(({ state }) => state === "deploying" || state === "baking");
    if (current) current.state = "rolled-back";
    this.show();
  }

  /** Puts a version there that was never deployed. */
  add(document: Flags | string): void {
    this.keep(typeof document === "string" ? document : flagDocument(document));
  }

  /** What servers read once nothing is under way any more. */
  get live(): string | undefined {
    return this.served().live?.document;
  }

  /** Lets everything that is under way come to its end. */
  settle(): void {
    for (const deployment of this.deployments) {
      if (deployment.state === "deploying" || deployment.state === "baking") deployment.state = "complete";
      if (deployment.state === "rolling-back") deployment.state = "rolled-back";
    }
  }

  async read(): Promise<Served> {
    await this.called("read");
    return this.served();
  }

  async stop({ deployment }: UnderWay): Promise<void> {
    await this.called("stop");
    const found = this.deployments[deployment - 1];
    if (found?.state !== "deploying" && found?.state !== "baking") return;
    found.state = "rolling-back";
    found.left = 1;
    this.show();
  }

  async deploy(document: string, note: Note, after: number): Promise<DeployResult> {
    await this.called("create");
    if (this.documents.length >= (this.options.quota ?? Number.POSITIVE_INFINITY)) return { kind: "full" };
    if (!(this.options.accepts?.(document) ?? true)) return { kind: "invalid", problem: "refused" };
    return this.redeploy(String(this.keep(document)), note, after);
  }

  async redeploy(version: string, note: Note, after: number): Promise<DeployResult> {
    await this.called("start");
    if (this.busy() || after !== this.deployments.length) return { kind: "conflict" };
    if (!(this.options.accepts?.(this.documents[Number(version)] ?? "") ?? true))
      return { kind: "invalid", problem: "refused" };
    this.start(Number(version), { ...note, after, version }, this.options.takes ?? 0, true);
    return { kind: "started", deployment: this.deployments.length, version };
  }

  async entry(deployment: number): Promise<StoreEntry> {
    await this.called("entry");
    const found = this.deployments[deployment - 1];
    if (!found) return {};
    const { note, version, startedAt, state } = found;
    return { note, version: String(version), rolledBack: state === "rolled-back", startedAt };
  }

  async document(version: string): Promise<string | undefined> {
    await this.called("document");
    return this.documents[Number(version)];
  }

  async schema(): Promise<string | undefined> {
    await this.called("schema");
    if (this.options.schemaFails !== undefined) throw new Error(this.options.schemaFails);
    return this.options.schema;
  }

  async versions(): Promise<string[]> {
    await this.called("versions");
    return this.documents.map((_, index) => String(index)).reverse();
  }

  private async called(name: string): Promise<void> {
    this.calls.push(name);
    await new Promise((resolve) => setImmediate(resolve));
    for (const deployment of this.deployments) {
      if (deployment.left > 0 && --deployment.left > 0) continue;
      if (deployment.state === "deploying") deployment.state = "complete";
      if (deployment.state === "rolling-back") deployment.state = "rolled-back";
    }
  }

  private busy(): boolean {
    return this.deployments.some(({ state }) => !["complete", "rolled-back"].includes(state));
  }

  private keep(document: string): number {
    return this.documents.push(document) - 1;
  }

  private start(version: number, note: Note | undefined, takes: number, brief: boolean): void {
    const state = takes > 0 ? "deploying" : "complete";
    this.deployments.push({ version, note, brief, startedAt: this.startedAt, left: takes, state });
    this.show();
  }

  private show(): void {
    const { live, underWay } = this.served();
    for (const version of [live, underWay]) if (version?.document) this.shown.push(version.document);
  }

  private served(): Served {
    const at = (index: number): ServedVersion | undefined => {
      const found = this.deployments[index];
      return (
        found && {
          deployment: index + 1,
          version: String(found.version),
          document: this.documents[found.version],
        }
      );
    };
    const live = at(this.deployments.findLastIndex(({ state }) => state === "complete"));
    const current = this.deployments.findIndex(({ state }) => !["complete", "rolled-back"].includes(state));
    const underWay = at(current);
    const { state, brief } = this.deployments[current] ?? {};
    return {
      newest: this.deployments.length,
      live,
      underWay: underWay && { ...underWay, state: state as UnderWay["state"], brief: brief ?? true },
    };
  }
}
