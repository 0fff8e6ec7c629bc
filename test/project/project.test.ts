import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { runProgram } from '../../src/cli/program';
import { jsonSchema } from '../../src/model/configuration/jsonSchema';
import { knownFieldsAt } from '../../src/model/configuration/schemaFields';
import { localizedTexts } from './localizedTexts';

const text = (file: string): string => readFileSync(file, 'utf8');
const json = (file: string): unknown => JSON.parse(text(file));

interface Manifest {
  readonly contributes: { readonly commands: readonly { readonly command: string }[] };
}

it('the JSON Schema of the editor is the one of the code', () => {
  expect(json('media/sauvegarde.schema.json'), 'run: npm run schema').toEqual(
    JSON.parse(JSON.stringify(jsonSchema())),
  );
});

it('every command of the manifest is one of the code, and the other way round', () => {
  const { contributes } = json('package.json') as Manifest;
  const inManifest = contributes.commands.map(({ command }) => command).sort();
  const inCode = [...text('src/vscode/commandIds.ts').matchAll(/'(sauvegarde\.\w+)'/g)];
  expect(inManifest).toEqual(inCode.map(([, id]) => id).sort());
});

it('both languages have the texts that the manifest names', () => {
  const keys = [...text('package.json').matchAll(/"%([\w.]+)%"/g)].map(([, key]) => key);
  const named = [...new Set(keys)].sort();
  for (const file of ['package.nls.json', 'package.nls.fr.json']) {
    expect(Object.keys(json(file) as object).sort(), file).toEqual(named);
  }
});

it('every text of the interface has a French translation with the same gaps', () => {
  const french = json('l10n/bundle.l10n.fr.json') as Readonly<Record<string, string>>;
  expect(Object.keys(french).sort()).toEqual(localizedTexts());
  const gaps = (message: string): string[] => (message.match(/\{\d+\}/g) ?? []).sort();
  for (const [english, translated] of Object.entries(french)) {
    expect(gaps(translated), english).toEqual(gaps(english));
  }
});

it('the README names every field of a server and every command', async () => {
  const readme = text('README.md');
  for (const field of knownFieldsAt(['servers', 'web'])) {
    expect(readme, field).toContain(`\`${field}\``);
  }
  let help = '';
  const stream = { write: (chunk: string) => (help += chunk) } as unknown as NodeJS.WritableStream;
  const terminal = { out: stream, error: stream };
  expect(await runProgram(['--help'], terminal, new AbortController().signal)).toBe(0);
  const commands = [...help.matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name);
  expect(commands.length).toBeGreaterThan(4);
  for (const name of commands) {
    if (name !== 'help') expect(readme, name).toContain(`sauvegarde ${name ?? ''}`);
  }
});

it.each([
  ['mail is sent', 'sendMail', 'Auto-Submitted', ['cli', 'extension']],
  ['the overview is drawn', 'overviewPage', '--vscode-charts-green', ['cli', 'extension']],
  ['YAML is written', 'kubernetesText', 'podFailurePolicy', ['cli']],
  ['metrics are written', 'metricsText', 'sauvegarde_server_info', ['cli']],
])('%s by a bundle of its own, which is in the package', (_what, name, mark, programs) => {
  const has = (file: string, what: string): boolean => text(file).includes(what);
  expect(has(`dist/${name}.js`, mark)).toBe(true);
  for (const program of programs) {
    expect(has(`dist/${program}.js`, mark), program).toBe(false);
    expect(has(`dist/${program}.js`, `require("./${name}.js")`), program).toBe(true);
  }
  expect(has('.vscodeignore', `!dist/${name}.js`)).toBe(true);
});
