import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What takes minutes; by its size, which vitest goes by, it would come last and alone. */
const long = [
  /conformance\/(?:vsftpd|proftpd|pureFtpd)/,
  /conformance\//,
  /memory|scale|editor\.test/,
];

/** Begins with the files that take longest, so that no worker is idle at the end. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const found = long.findIndex((pattern) => pattern.test(moduleId));
      return found < 0 ? long.length : found;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}
