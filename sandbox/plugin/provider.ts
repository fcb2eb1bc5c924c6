import { type Change, diffProps, isEmpty, same, top } from "./diff";
import { autoname, DEFAULTS, type Naming } from "./names";
import { checkProps, type Failure, specsOf } from "./spec";
import type { AnyRow, Patience, Plugin, Session, Tags } from "./table";
import { inheritsOtherTags, readTags, retag, wantedTags } from "./tags";
import { openProps, type Props, parsed, seal, secret, secretTexts, UNKNOWN } from "./values";

export interface Target {
  readonly type: string;
  readonly name: string;
}

export interface DiffAnswer {
  readonly changes: ReadonlyMap<string, Change>;
  readonly replaces: readonly string[];
  readonly deleteBeforeReplace: boolean;
}

/** The resource exists, but did not become what was asked: the engine must keep it in state. */
export class NotSettled extends Error {
  constructor(
    message: string,
    readonly id: string,
    readonly properties: Props,
  ) {
    super(message);
  }
}

/** Keys of a provider's inputs that the engine keeps there for itself. */
const ENGINES_OWN = /^(version|pluginDownloadURL|__.*)$/;

/** A plugin's table as the engine's resource provider: what is the same for every type is here, once. */
export class TableProvider<C> {
  private session: Session<C> | undefined;
  private readonly stop = new AbortController();

  constructor(readonly plugin: Plugin<C>) {}

  checkConfig(config: Props): Failure[] {
    return this.readConfig(config).failures;
  }

  configure(config: Props): void {
    const { props, failures } = this.readConfig(config);
    if (failures.length > 0) throw new Error(failures.map(({ reason }) => reason).join("; "));
    this.session = this.plugin.open(props);
  }

  private readConfig(config: Props): { props: Props; failures: Failure[] } {
    const specs = specsOf(this.plugin.config);
    const given = Object.entries(openProps(config)).filter(([key]) => !ENGINES_OWN.test(key));
    const parsed = given.map(([key, value]) => [key, parseSetting(specs[key]?.kind, value)]);
    return checkProps(this.plugin.config, Object.fromEntries(parsed), `the ${this.plugin.name} provider`);
  }

  cancel(): void {
    this.stop.abort(new Error("the engine cancelled the operation"));
  }

  check({ type, name }: Target, olds: Props, news: Props, naming: Omit<Naming, "resource">) {
    const row = this.plugin.rows[type];
    if (!row) return { inputs: news, failures: [{ property: "", reason: this.unknownType(type) }] };
    const { [DEFAULTS]: _defaults, ...given } = openProps(news);
    const { props, failures } = checkProps(row.inputs, given, type);
    const before = openProps(olds);
    const named = autoname(row.inputs, props, before, { ...naming, resource: name }, failures);
    return { inputs: this.sealed(row, named, news), failures };
  }

  /**
   * Compares the program with the state, as the official plugins do: what a service keeps in other words than it was given
   * differs at every `up`, without any refresh.
   *
   * @param ignored the resource's `ignoreChanges`
   */
  diff({ type }: Target, state: Props, newInputs: Props, ignored: readonly string[] = []): DiffAnswer {
    const row = this.row(type);
    const [olds, news] = [openProps(state), openProps(newInputs)];
    const changes = diffProps(row.inputs, olds, news);
    for (const path of changes.keys()) if (ignored.some((one) => leadsInto(one, path))) changes.delete(path);
    const retagged = [...changes.keys()].some((path) => top(path) === "tags");
    if (row.tagging && !retagged && inheritsOtherTags(olds, news, this.opened().defaultTags)) {
      changes.set("tagsAll", { kind: "update", replaces: false });
    }
    const replaces = [
      ...new Set([...changes].filter(([, { replaces }]) => replaces).map(([path]) => top(path))),
    ];
    return { changes, replaces, deleteBeforeReplace: replaces.length > 0 && this.keepsName(row, olds, news) };
  }

  async create(target: Target, inputs: Props, preview: boolean, seconds?: number) {
    const row = this.row(target.type);
    const plain = openProps(inputs);
    if (preview) return { id: "", state: this.sealed(row, this.foreseen(row, plain, {}), inputs) };
    return this.explained(target, "created", inputs, async () => {
      const ctx = this.context(plain);
      const id = await row.create(ctx, { ...plain, tagsAll: this.tagsAll(row, plain) });
      try {
        await row.settle?.(ctx, id, plain, this.patience(seconds));
        return { id, state: this.sealed(row, await this.stateAfter(row, ctx, id, plain), inputs) };
      } catch (error) {
        const known = this.sealed(row, { ...plain, tagsAll: this.tagsAll(row, plain) }, inputs);
        throw new NotSettled(this.clean(error, inputs), id, known);
      }
    });
  }

  async update(target: Target, id: string, state: Props, inputs: Props, preview: boolean, seconds?: number) {
    const row = this.row(target.type);
    const [olds, news] = [openProps(state), openProps(inputs)];
    if (preview) return this.sealed(row, this.foreseen(row, news, olds), inputs, state);
    return this.explained(target, "updated", inputs, async () => {
      const ctx = this.context(news);
      const changed = [...diffProps(row.inputs, olds, news).keys()].map(top);
      if (changed.some((key) => key !== "tags")) await row.update?.(ctx, id, news, olds);
      // Also when nothing differs: the engine comes back to what did not settle the last time.
      await row.settle?.(ctx, id, news, this.patience(seconds));
      return this.sealed(row, await this.stateAfter(row, ctx, id, news), inputs, state);
    });
  }

  /** Undefined where the resource is gone. */
  async read(target: Target, id: string, state: Props, oldInputs: Props) {
    const row = this.row(target.type);
    return this.explained(target, "read", state, async () => {
      const known = openProps(state);
      const live = await this.live(row, this.context(known), id, known);
      if (!live) return undefined;
      const next: Props = {};
      const inputs: Props = {};
      const given = openProps(oldInputs);
      const importing = Object.keys(given).length === 0;
      for (const [key, spec] of Object.entries(specsOf(row.inputs))) {
        const reported = live[key] !== undefined && !same(spec, live[key], known[key]);
        const now = reported ? live[key] : (known[key] ?? (importing ? spec.traits.default : undefined));
        if (now === undefined || now === null) continue;
        next[key] = now;
        if (key in given || importing || (reported && !spec.traits.computed)) inputs[key] = now;
      }
      for (const key of this.outputs(row)) next[key] = live[key] ?? known[key];
      if (given[DEFAULTS] !== undefined) inputs[DEFAULTS] = given[DEFAULTS];
      return {
        id: String(live.id ?? id),
        state: this.sealed(row, next, state),
        inputs: this.sealed(row, inputs, oldInputs, state),
      };
    });
  }

  async delete(target: Target, id: string, state: Props): Promise<void> {
    const row = this.row(target.type);
    const plain = openProps(state);
    await this.explained(target, "deleted", state, () =>
      row.delete(this.context(plain), id, plain).catch((error: unknown) => {
        if (!this.plugin.isMissing(error)) throw error;
      }),
    );
  }

  async invoke(token: string, args: Props): Promise<Props> {
    const call = this.plugin.functions[token];
    if (!call) {
      const known = Object.keys(this.plugin.functions).join(", ");
      throw new Error(
        `${token} is not known to the sandbox's ${this.plugin.name} plugin; it knows: ${known}`,
      );
    }
    try {
      return await call(this.context({}), openProps(args));
    } catch (error) {
      throw new Error(`${token} failed: ${this.clean(error, args)}`);
    }
  }

  /** What is known of the state before the calls are made. */
  private foreseen(row: AnyRow<C>, inputs: Props, olds: Props): Props {
    const state: Props = { ...inputs };
    delete state[DEFAULTS];
    for (const [key, { traits }] of Object.entries(specsOf(row.inputs))) {
      if (traits.computed) state[key] ??= olds[key] ?? UNKNOWN;
    }
    for (const key of row.outputs) {
      state[key] = row.volatile?.includes(key) ? UNKNOWN : (olds[key] ?? UNKNOWN);
    }
    if (row.tagging) state.tagsAll = inputs.tags === UNKNOWN ? UNKNOWN : this.tagsAll(row, inputs);
    return state;
  }

  /** Inputs as the service tells them right after a change, in its own words where these mean something else. */
  private async stateAfter(row: AnyRow<C>, ctx: C, id: string, inputs: Props): Promise<Props> {
    const live = await this.live(row, ctx, id, inputs);
    if (!live) throw new Error("the service does not find it right after the change");
    if (row.tagging) live.tagsAll = await retag(row.tagging, ctx, live, this.tagsAll(row, inputs));
    const state: Props = { ...inputs };
    delete state[DEFAULTS];
    for (const [key, spec] of Object.entries(specsOf(row.inputs))) {
      // Tags were made what they should be only now; what is not told stays as it was asked for.
      if (live[key] === undefined || (key === "tags" && row.tagging)) continue;
      if (same(spec, live[key], state[key])) continue;
      if (isEmpty(live[key])) delete state[key];
      else state[key] = live[key];
    }
    for (const key of this.outputs(row)) state[key] = live[key];
    return state;
  }

  private async live(row: AnyRow<C>, ctx: C, id: string, known: Props): Promise<Props | undefined> {
    const live = await row.read(ctx, id, known).catch((error: unknown) => {
      if (this.plugin.isMissing(error)) return undefined;
      throw error;
    });
    if (!live || !row.tagging) return live;
    return { ...live, ...(await readTags(row.tagging, ctx, live, known, this.opened().defaultTags)) };
  }

  private tagsAll(row: AnyRow<C>, inputs: Props): Tags {
    return row.tagging ? wantedTags(inputs, this.opened().defaultTags) : {};
  }

  private outputs(row: AnyRow<C>): readonly string[] {
    return row.tagging ? [...row.outputs, "tagsAll"] : row.outputs;
  }

  /** Two resources cannot have one name, so one that keeps its given name must go before its successor comes. */
  private keepsName(row: AnyRow<C>, olds: Props, news: Props): boolean {
    return Object.entries(specsOf(row.inputs)).some(([key, { traits }]) => {
      const automatic = Array.isArray(news[DEFAULTS]) && news[DEFAULTS].includes(key);
      return traits.named !== undefined && !automatic && news[key] === olds[key];
    });
  }

  private sealed(row: AnyRow<C>, props: Props, ...models: Props[]): Props {
    const tagged = models.map((model) => ({ ...model, tagsAll: model.tags ?? model.tagsAll }));
    const sealed = seal(props, ...tagged) as Props;
    for (const [key, { traits }] of Object.entries(specsOf(row.inputs))) {
      if (traits.secret && key in props) sealed[key] = secret(props[key]);
    }
    return sealed;
  }

  private async explained<T>(
    { type, name }: Target,
    done: string,
    given: Props,
    work: () => Promise<T>,
  ): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const message = `${type} "${name}" could not be ${done}: ${this.clean(error, given)}`;
      throw error instanceof NotSettled
        ? new NotSettled(message, error.id, error.properties)
        : new Error(message);
    }
  }

  /** No secret may reach a terminal or a log by way of a service that repeats what it was given. */
  private clean(error: unknown, given: Props): string {
    const message = error instanceof NotSettled ? error.message : this.plugin.explain(error);
    return secretTexts(given).reduce((text, secret) => text.replaceAll(secret, "[secret]"), message);
  }

  private row(type: string): AnyRow<C> {
    const row = this.plugin.rows[type];
    if (!row) throw new Error(this.unknownType(type));
    return row;
  }

  private unknownType(type: string): string {
    const known = Object.keys(this.plugin.rows).join(", ");
    return `${type} is not known to the sandbox's ${this.plugin.name} plugin; it knows: ${known}`;
  }

  private context(props: Props): C {
    return this.opened().context(props);
  }

  private patience(seconds: number | undefined): Patience {
    return { seconds, signal: this.stop.signal };
  }

  private opened(): Session<C> {
    if (!this.session) throw new Error(`the ${this.plugin.name} provider was used before it was configured`);
    return this.session;
  }
}

/** Whether a property path is another, or one further in. */
function leadsInto(outer: string, path: string): boolean {
  return path.startsWith(outer) && /^($|[.[])/.test(path.slice(outer.length));
}

/** The engine sends every provider setting that is no string as JSON text. */
function parseSetting(kind: string | undefined, value: unknown): unknown {
  if (typeof value !== "string" || value === UNKNOWN || kind === undefined || kind === "text") return value;
  return parsed(value, value);
}
