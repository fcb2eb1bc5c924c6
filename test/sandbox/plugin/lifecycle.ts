import { expect } from "vitest";
import { TableProvider } from "../../../sandbox/plugin/provider";
import type { Plugin } from "../../../sandbox/plugin/table";
import type { Props } from "../../../sandbox/plugin/values";

/** One life of a resource: what it is declared with, and what then changes. */
export interface Life {
  readonly inputs: Props;
  /** Changes that the resource survives. */
  readonly updates?: readonly Props[];
  /** Changes that make a new one: each input, and another value for it. */
  readonly replaces?: Props;
  /** Where the emulator does not tell what was asked, and so cannot show that it was done. */
  readonly unread?: readonly string[];
  /** What an import is given, where that is not the id. */
  readonly importId?: (living: Living) => string;
  /** Reading it after a delete still finds it: a delete does nothing, or it is no thing of its own. */
  readonly stays?: boolean;
  readonly importable?: boolean;
}

export interface Living {
  readonly id: string;
  readonly state: Props;
  readonly inputs: Props;
}

const naming = { seed: new Uint8Array([1, 2, 3]) };

/** Drives a plugin as the engine would, without an engine. */
export class Driver<C> {
  readonly provider: TableProvider<C>;

  constructor(plugin: Plugin<C>, config: Props) {
    this.provider = new TableProvider(plugin);
    this.provider.configure(config);
  }

  check(type: string, news: Props, olds: Props = {}): Props {
    const { inputs, failures } = this.provider.check({ type, name: "it" }, olds, news, naming);
    expect(failures).toEqual([]);
    return inputs;
  }

  async create(type: string, given: Props): Promise<Living> {
    const inputs = this.check(type, given);
    const { id, state } = await this.provider.create({ type, name: "it" }, inputs, false);
    return { id, state, inputs };
  }

  async remove(type: string, { id, state }: Living): Promise<void> {
    await this.provider.delete({ type, name: "it" }, id, state);
  }

  read(type: string, { id, state, inputs }: Living) {
    return this.provider.read({ type, name: "it" }, id, state, inputs);
  }

  diff(type: string, { state, inputs }: Living, given: Props) {
    return this.provider.diff({ type, name: "it" }, state, this.check(type, given, inputs));
  }
}

/** The life that every resource type must be able to lead. */
export async function live<C>(driver: Driver<C>, type: string, life: Life) {
  const { inputs, updates = [], replaces = {}, ...rest } = life;
  const target = { type, name: "it" };
  const planned = await driver.provider.create(target, driver.check(type, inputs), true);
  let living = await driver.create(type, inputs);
  try {
    expect(Object.keys(planned.state).sort(), "what the preview announced").toEqual(
      expect.arrayContaining(Object.keys(living.state).sort()),
    );
    await expectSettled(driver, type, living, inputs);
    if (rest.importable !== false) await expectImportable(driver, type, living, rest);

    for (const [key, value] of Object.entries(replaces)) {
      const { replaces } = driver.diff(type, living, { ...inputs, [key]: value });
      expect(replaces, `a change of ${key}`).toEqual([key]);
    }
    let given = inputs;
    for (const update of updates) {
      given = Object.fromEntries(
        Object.entries({ ...given, ...update }).filter(([, value]) => value !== undefined),
      );
      const diff = driver.diff(type, living, given);
      expect(diff.replaces).toEqual([]);
      const changed = new Set([...diff.changes.keys()].map((path) => path.split(/[.[]/, 1)[0]));
      expect([...changed].sort()).toEqual(Object.keys(update).sort());
      const news = driver.check(type, given, living.inputs);
      const state = await driver.provider.update(target, living.id, living.state, news, false);
      living = { id: living.id, state, inputs: news };
      await expectSettled(driver, type, living, given);
    }
  } finally {
    await driver.remove(type, living);
  }
  if (!rest.stays) expect(await driver.read(type, living), "what is left after a delete").toBeUndefined();
  await driver.remove(type, living);
}

/** A refresh finds what was declared, and the same program then changes nothing. */
async function expectSettled<C>(driver: Driver<C>, type: string, living: Living, given: Props) {
  const refreshed = await driver.read(type, living);
  expect(refreshed).toEqual({ id: living.id, state: living.state, inputs: living.inputs });
  expect([...driver.diff(type, living, given).changes]).toEqual([]);
}

/** An import by id alone finds the inputs that the program gave. */
async function expectImportable<C>(
  driver: Driver<C>,
  type: string,
  living: Living,
  { unread = [], importId = ({ id }) => id }: Partial<Life>,
) {
  const imported = await driver.provider.read({ type, name: "it" }, importId(living), {}, {});
  expect(imported?.id).toBe(living.id);
  const { __defaults: _named, ...inputs } = living.inputs;
  const news = driver.check(type, inputs, imported?.inputs);
  const diff = driver.provider.diff({ type, name: "it" }, imported?.state ?? {}, news);
  const changed = new Set([...diff.changes.keys()].map((path) => path.split(/[.[]/, 1)[0] as string));
  expect([...changed].filter((key) => !unread.includes(key))).toEqual([]);
}
