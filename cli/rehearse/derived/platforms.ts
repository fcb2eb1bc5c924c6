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
    private readonly rollout: Pick<Rollout, "flags" | "delivery" | "stages">,
    private readonly platforms: Platforms,
  ) {}

  /**
   * The flags of the server on each, which reads them from its environment; what a delivery does not carry, as the others
   * have it.
   */
  servedFlags(others: ServedFlags = {}): Promise<ServedFlags[]> {
    return Promise.all(
      Object.keys(this.rollout.delivery ?? {}).map(async (name) => ({
        ...others,
        ...(await this.servedOn(name)),
      })),
    );
  }

  /** What has to hold of each whenever a stage has been promoted. The first one flips nothing, so that nothing is delivered. */
  looksAfter(stage: string, closing: AbortSignal): OwnLook[] {
    const { stages } = this.rollout;
    const flags = stages.slice(1).find(({ name }) => name === stage)?.flags;
    if (!flags) return [];
    return Object.entries(this.rollout.delivery ?? {}).map(([name, config]) => {
      const carried = Object.keys(this.off(name));
      const expected = Object.fromEntries(Object.entries(flags).filter(([flag]) => carried.includes(flag)));
      const wrong = async () => wrongFlags(expected, await this.servedOn(name)).join("; ");
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

  /** One that was never started has no flag on: before the first flip no platform has any variable. */
  private async servedOn(name: string): Promise<ServedFlags> {
    return { ...this.off(name), ...(await this.platforms.flagsOn(name)) };
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
