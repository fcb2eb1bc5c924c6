import { CHAPTERS, type Chapter, type Page } from "./chapters";
import { follow, prepare } from "./session";
import { World } from "./world";

/** How many chapters are followed at a time: a run of the engine leaves a core idle for half of its time. */
const READERS = 2;

/** Follows every chapter, each reader in a world of their own. What came of a page can be asked for before it is reached. */
export class Readers {
  readonly #outcomes = new Map<Page, Outcome>();
  readonly #left = [...CHAPTERS];
  readonly #ended: Promise<unknown>;

  private constructor(private readonly worlds: readonly World[]) {
    for (const { pages } of CHAPTERS) for (const page of pages) this.#outcomes.set(page, new Outcome());
    this.#ended = Promise.all(worlds.map((world) => this.#read(world)));
  }

  static async begin(): Promise<Readers> {
    return new Readers(await Promise.all(Array.from({ length: READERS }, () => World.open())));
  }

  /** What did not end as a page states; undefined where all did. */
  async outcomeOf(page: Page): Promise<string | undefined> {
    return this.#outcomes.get(page)?.told;
  }

  /** Ends them, after the chapters that they are in. */
  async end(): Promise<void> {
    this.#left.length = 0;
    await this.#ended;
    await Promise.all(this.worlds.map((world) => world.close()));
  }

  async #read(world: World): Promise<void> {
    for (let chapter = this.#left.shift(); chapter; chapter = this.#left.shift()) {
      const ready = await orWhy(() => begin(world, chapter));
      for (const page of chapter.pages)
        this.#outcomes.get(page)?.tell(ready ?? (await orWhy(() => follow(world, chapter, page))));
    }
  }
}

/** A promise, and what keeps it. */
class Outcome {
  tell!: (wrong: string | undefined) => void;
  readonly told = new Promise<string | undefined>((resolve) => {
    this.tell = resolve;
  });
}

async function begin(world: World, chapter: Chapter): Promise<undefined> {
  await world.begin(chapter.rollout, chapter.timeScale);
  const shell = world.shell(chapter.setting);
  try {
    await prepare(world, shell, chapter.before);
  } finally {
    await shell.close();
  }
}

async function orWhy(work: () => Promise<string | undefined>): Promise<string | undefined> {
  try {
    return await work();
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
}
