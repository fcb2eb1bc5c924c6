import type { Platforms } from "../../../sandbox/platforms/start";
import { deliveryKindOf } from "../../../src/delivery/registry";
import { variableOf } from "../../../src/delivery/variables";
import type { Flags } from "../../../src/flags/flags";
import type { Rollout } from "../../../src/rollout/rollout";
import { untilSo } from "../pace";
import { wrongFlags } from "../steps";
import type { ServedFlags } from "../world";
import type { DerivedWorld } from "./world";

type OwnLook = ReturnType<DerivedWorld["checksOf"]>[number];

/** The platforms that a rollout's flags are carried on to, as a rehearsal sees them. */
export class RehearsedPlatforms {
  constructor(
    private readonly rollout: Pick<Rollout, "flags" | "delivery">,
    private readonly platforms: Platforms,
  ) {}

  /**
   * The flags of the server on each, which reads them from its environment; what a delivery does not carry, as the others
   * have it. One that was never started has none on.
   */
  servedFlags(others: ServedFlags = {}): Promise<ServedFlags[]> {
    return Promise.all(
      Object.keys(this.rollout.delivery ?? {}).map(async (name) => ({
        ...others,
        ...this.off(name),
        ...(await this.platforms.flagsOn(name)),
      })),
    );
  }

  /** What has to hold of each whenever a stage has been promoted. */
  looksAfter(flags: Flags, closing: AbortSignal): OwnLook[] {
    return Object.entries(this.rollout.delivery ?? {}).map(([name, config]) => {
      const carried = Object.keys(this.off(name));
      const expected = Object.fromEntries(Object.entries(flags).filter(([flag]) => carried.includes(flag)));
      const wrong = async () => wrongFlags(expected, (await this.platforms.flagsOn(name)) ?? {}).join("; ");
      return {
        holds: `${name} (${deliveryKindOf(config).title}): a server that reads its environment runs with the flags`,
        look: async () => {
          // A task of ECS follows its service by itself.
          const followed = await untilSo(async () => (await wrong()) === "" || undefined, closing);
          return followed ? undefined : await wrong();
        },
      };
    });
  }

  private off(name: string): Flags {
    const { flags, delivery = {} } = this.rollout;
    return Object.fromEntries(
      Object.entries(flags)
        .filter(([flag]) => variableOf(delivery[name] ?? {}, flag) !== undefined)
        .map(([flag, { off }]) => [flag, off]),
    );
  }
}
