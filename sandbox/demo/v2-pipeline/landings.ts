import type { Pipeline } from "./routing";

/** Where one import of a user landed, and the percentage that decided it. */
export interface Landing {
  readonly user: string;
  /** When it was sent, ms since the epoch. */
  readonly at: number;
  readonly pipeline: Pipeline;
  readonly percent: number;
}

export interface LandingsReport {
  readonly imports: number;
  readonly unanswered: number;
  readonly byPipeline: Readonly<Record<Pipeline, number>>;
  /** Imports on v1 of users who had been on v2 at that percentage, or a lower one. Must stay empty. */
  readonly takenBack: readonly Landing[];
}

/** What traffic saw. Pure. */
export class Landings {
  private imports = 0;
  private unanswered = 0;
  private readonly byPipeline = { v1: 0, v2: 0 };
  /** The lowest percentage at which a user was seen on v2. */
  private readonly onV2 = new Map<string, number>();
  private readonly onV1 = new Map<string, Landing>();

  /** Undefined for an import that was not accepted. */
  add(landing: Landing | undefined): void {
    if (!landing) {
      this.unanswered++;
      return;
    }
    this.imports++;
    this.byPipeline[landing.pipeline]++;
    const { user, percent } = landing;
    if (landing.pipeline === "v2") {
      this.onV2.set(user, Math.min(percent, this.onV2.get(user) ?? percent));
    } else if (percent >= (this.onV1.get(user)?.percent ?? 0)) {
      this.onV1.set(user, landing);
    }
  }

  report(): LandingsReport {
    // By percentage and not by time: whichever came first, both cannot be right.
    const takenBack = [...this.onV1].flatMap(([user, landing]) => {
      const least = this.onV2.get(user);
      return least !== undefined && landing.percent >= least ? [landing] : [];
    });
    const { imports, unanswered } = this;
    return { imports, unanswered, byPipeline: { ...this.byPipeline }, takenBack };
  }
}
