import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/longestFirst';

// Real servers and ten thousand files need their time; a hang is found by the deadlines inside.
const patience = {
  testTimeout: 60_000,
  hookTimeout: 120_000,
  expect: { poll: { timeout: 20_000 } },
} as const;

export default defineConfig({
  test: {
    pool: 'forks',
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'engine',
          include: ['test/**/*.test.ts'],
          exclude: ['test/editor/**'],
          globalSetup: 'test/prepareMachine.ts',
          // One more than there are cores: much of the time is spent waiting for servers.
          maxWorkers: 3,
          ...patience,
        },
      },
      {
        // The real editor, afterwards and one at a time: it takes both cores by itself.
        test: {
          name: 'editor',
          include: ['test/editor/**/*.test.ts'],
          globalSetup: ['test/prepareMachine.ts', 'test/editor/prepareEditors.ts'],
          fileParallelism: false,
          sequence: { groupOrder: 1 },
          ...patience,
        },
      },
    ],
  },
});
