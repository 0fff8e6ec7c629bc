import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { tmpdir } from 'node:os';

const promtool = '/usr/bin/promtool';

/** What `promtool check metrics` has to say against a text; empty: nothing. */
export function faultsOf(text: string): string {
  const { stdout, stderr } = spawnSync(promtool, ['check', 'metrics'], {
    input: text,
    encoding: 'utf8',
  });
  return stdout + stderr;
}

/** Throws with what promtool says against a file of rules. */
export function checkRules(file: string): void {
  execFileSync(promtool, ['check', 'rules', '--lint=all', '--lint-fatal', file], {
    encoding: 'utf8',
  });
}

/** The alerts that fire at a moment of made-up time, sorted by name. */
export interface Scenario {
  readonly name: string;
  /** Values as `promtool test rules` writes them, every five minutes, by series. */
  readonly series: Readonly<Record<string, string>>;
  /** As `50h`. */
  readonly at: string;
  readonly firing: readonly string[];
}

/** Throws with what differs. */
export function testRules(rules: string, scenarios: readonly Scenario[]): void {
  const folder = fs.mkdtempSync(path.join(tmpdir(), 'sauvegarde-rules-'));
  try {
    const tests = scenarios.map(({ name, series, at, firing }) => ({
      ...{ name, interval: '5m' },
      input_series: Object.entries(series).map(([one, values]) => ({ series: one, values })),
      promql_expr_test: [
        {
          expr: 'count by (alertname) (ALERTS{alertstate="firing"})',
          eval_time: at,
          exp_samples: firing.map((alert) => ({ labels: `{alertname="${alert}"}`, value: 1 })),
        },
      ],
    }));
    const file = path.join(folder, 'tests.yml');
    const rule_files = [path.resolve(rules)];
    // JSON is YAML.
    fs.writeFileSync(file, JSON.stringify({ rule_files, evaluation_interval: '5m', tests }));
    execFileSync(promtool, ['test', 'rules', file], { encoding: 'utf8' });
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}
