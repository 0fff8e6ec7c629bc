/**
 * Environment of a program whose peak memory is measured. V8 lets garbage lie the longer the busier the
 * machine is (it goes by how fast it collects); with a bounded heap the peak is that of the program.
 */
export const tightHeap: NodeJS.ProcessEnv = {
  ...process.env,
  NODE_OPTIONS: '--max-old-space-size=128',
};
