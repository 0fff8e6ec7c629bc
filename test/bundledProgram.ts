import fs from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';

const commonJs = `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`;

/** A program of the tests as one file, to be started as a process of its own and killed. */
export class BundledProgram {
  readonly file: string;

  private constructor(file: string) {
    this.file = file;
  }

  /** @param entry its source, from the folder of the repository */
  static async of(entry: string): Promise<BundledProgram> {
    const name = `${path.basename(entry, '.ts')}-test-${process.pid}.mjs`;
    const file = path.resolve('.cache', 'run', name);
    await build({
      entryPoints: [entry],
      outfile: file,
      bundle: true,
      mainFields: ['module', 'main'],
      external: ['cpu-features'],
      loader: { '.node': 'empty' },
      // Bundled CommonJS packages expect these two.
      banner: { js: commonJs },
      platform: 'node',
      format: 'esm',
      target: 'node20',
    });
    return new BundledProgram(file);
  }

  [Symbol.dispose](): void {
    fs.rmSync(this.file, { force: true });
  }
}
