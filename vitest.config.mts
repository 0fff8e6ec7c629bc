import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { quickFolder } from './test/quickFolder.mts';

// Real servers and ten thousand files need their time, and ten times that on a busy machine; a hang is
// found by the deadlines inside.
const patience = {
  testTimeout: 600_000,
  hookTimeout: 600_000,
  expect: { poll: { timeout: 120_000 } },
} as const;

/** What takes minutes; by its size, which vitest goes by, it would come last and alone. */
const long = [
  /(?:conformance|restore)\/(?:vsftpd|proftpd|pureFtpd)/,
  /conformance\/|restore\/(?:openssh|local)\./,
  /memory|scale|cli\/daemon|rsync\/resumed|editor\.test/,
];

/** Begins with the files that take longest, so that no worker is idle at the end. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const found = long.findIndex((pattern) => pattern.test(moduleId));
      return found < 0 ? long.length : found;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}

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
          // Twice as many as there are cores: much of the time is spent waiting for servers.
          maxWorkers: 4,
          // Half a second for each file: our modules keep nothing that one could leave to the next.
          isolate: false,
          env: { TMPDIR: quickFolder },
          ...patience,
        },
      },
      {
        // The real editor. Beside the engine's tests there is one: a second gained a tenth of the time
        // and made each gesture wait for the processor.
        test: {
          name: 'editor',
          include: ['test/editor/**/*.test.ts'],
          globalSetup: ['test/prepareMachine.ts', 'test/editor/prepareEditors.ts'],
          setupFiles: ['test/editor/waitForEngine.ts'],
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
          ...patience,
        },
      },
    ],
  },
});
