import type { Need } from './fleet';

const mebibyte = 1024 * 1024;

export interface Resources {
  readonly requests: { readonly cpu: string; readonly memory: string };
  readonly limits: { readonly memory: string };
}

/** Of a run, measured: the program itself, and some thirty bytes for each file of the last snapshot. */
const program = 192 * mebibyte;
const forEachFile = 64;
/** Seconds of processor for each gibibyte over SFTP, which costs most. */
const forEachGibibyte = 5;

/**
 * What the job of a server asks for: memory by its files, processor by the rate at which content came. There is
 * no limit of the processor, as a run that is slowed down only holds its place longer.
 */
export function resourcesOf(need: Need | undefined): Resources {
  const { files, bytesPerSecond } = need ?? { files: 1_000_000, bytesPerSecond: 0 };
  const memory = Math.ceil((program + forEachFile * files) / (64 * mebibyte)) * 64;
  const cores = (bytesPerSecond / 2 ** 30) * forEachGibibyte;
  const cpu = Math.min(1000, Math.max(100, Math.ceil(cores * 10) * 100));
  return {
    requests: { cpu: `${cpu}m`, memory: `${memory}Mi` },
    limits: { memory: `${2 * memory + 128}Mi` },
  };
}
