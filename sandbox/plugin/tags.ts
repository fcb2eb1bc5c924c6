import { isDeepStrictEqual } from "node:util";
import { isEmpty } from "./diff";
import type { Tagging, Tags } from "./table";
import { isObject, type Props, UNKNOWN } from "./values";

/** What a resource is to be tagged with: the provider's default tags, and its own over them. */
export function wantedTags(inputs: Props, defaults: Tags): Tags {
  return { ...defaults, ...(isObject(inputs.tags) ? (inputs.tags as Tags) : {}) };
}

/** The provider's default tags may change while the resource's own do not. */
export function inheritsOtherTags(state: Props, inputs: Props, defaults: Tags): boolean {
  if (!isObject(state.tagsAll) || inputs.tags === UNKNOWN) return false;
  return !isDeepStrictEqual(state.tagsAll, wantedTags(inputs, defaults));
}

/** The tags found, as the two properties that resources show: all of them, and those of the resource's own. */
export async function readTags<C>(tagging: Tagging<C>, ctx: C, live: Props, known: Props, defaults: Tags) {
  const found = Object.entries(await tagging.list(ctx, String(live[tagging.by])));
  // Those that begin so belong to AWS, and nobody else may change them.
  const all = found.filter(([key]) => !key.startsWith("aws:"));
  const own = isObject(known.tags) ? known.tags : {};
  const tags = Object.fromEntries(all.filter(([key, value]) => key in own || defaults[key] !== value));
  return { tagsAll: Object.fromEntries(all), tags: isEmpty(tags) ? null : tags };
}

/** Makes the tags what they should be; some services, or their emulator, lose them in a create. */
export async function retag<C>(tagging: Tagging<C>, ctx: C, live: Props, wanted: Tags): Promise<Tags> {
  const was = (live.tagsAll ?? {}) as Tags;
  const added = Object.entries(wanted).filter(([key, value]) => was[key] !== value);
  const removed = Object.keys(was).filter((key) => !(key in wanted));
  const arn = String(live[tagging.by]);
  if (removed.length > 0) await tagging.untag(ctx, arn, removed);
  if (added.length > 0) await tagging.tag(ctx, arn, Object.fromEntries(added));
  return wanted;
}
