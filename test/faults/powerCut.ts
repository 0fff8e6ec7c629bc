import { perform } from './deeds';
import { DurableState, type Kept } from './durability';
import { recordedDisk } from './recordedDisk';
import { recordedTarget } from './recordedTarget';
import { seeded } from './seeded';
import { Trial, type TrialName } from './trial';

/** A deed that was recorded, to let the power go off at any of its moments. */
export class PowerCut implements Disposable {
  readonly #trial: Trial;
  readonly #random: () => boolean;

  private constructor(trial: Trial, seed: number) {
    this.#trial = trial;
    const random = seeded(seed);
    this.#random = () => random(2) === 0;
  }

  static async record(name: TrialName, seed: number): Promise<PowerCut> {
    const trial = await Trial.of(name, seed);
    const { site, deed, recording } = trial;
    using target = await recordedTarget(recording);
    await perform(site, deed, { disk: recordedDisk(recording), target: target.wrap });
    return new PowerCut(trial, seed);
  }

  /** So many moments there are; at the last one everything was done. */
  get moments(): number {
    return this.#trial.recording.effects.length;
  }

  /** Throws what is not as it must be after the power went off at a moment. */
  async at(moment: number, kept: Kept): Promise<void> {
    const { recording } = this.#trial;
    const happened = recording.effects.slice(0, moment);
    const state = DurableState.after(recording.before, happened, kept, this.#random, recording);
    this.#trial.restoreTo(state);
    await this.#trial.expectSurvived(moment === this.moments);
  }

  [Symbol.dispose](): void {
    this.#trial[Symbol.dispose]();
  }
}
