import fs from 'node:fs';
import path from 'node:path';
import { tmpdir } from 'node:os';
import { expect, it } from 'vitest';
import { knownMetrics } from './knownMetrics';
import { checkRules } from './promtool';

const text = (name: string): string => fs.readFileSync(path.join('docs', name), 'utf8');

function metricsIn(name: string): string[] {
  const found = [...text(name).matchAll(/\bsauvegarde_[a-z_]+/g)].map(([metric]) => metric);
  return [...new Set(found)];
}

interface Dashboard {
  readonly panels: readonly {
    readonly title: string;
    readonly gridPos: Readonly<Record<'x' | 'y' | 'w' | 'h', number>>;
    readonly targets: readonly { readonly expr: string }[];
  }[];
}

const { panels } = JSON.parse(text('grafana-dashboard.json')) as Dashboard;

it.each(['grafana-dashboard.json', 'prometheus-alerts.yml', 'monitoring.md'])(
  'all metrics of docs/%s exist',
  (name) => {
    const named = metricsIn(name);
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((metric) => !knownMetrics.includes(metric))).toEqual([]);
  },
);

it('every metric is described for people, and all that is measured has its place on the dashboard', () => {
  expect(knownMetrics.filter((metric) => !metricsIn('monitoring.md').includes(metric))).toEqual([]);
  const shown = metricsIn('grafana-dashboard.json');
  // Of the run itself, the table shows how old the last good one is.
  const beside = ['last_run_timestamp_seconds', 'last_success_timestamp_seconds'];
  const missing = knownMetrics.filter((metric) => !shown.includes(metric));
  expect(missing).toEqual(beside.map((name) => `sauvegarde_${name}`));
});

it('every expression of the dashboard is one of Prometheus', () => {
  const folder = fs.mkdtempSync(path.join(tmpdir(), 'sauvegarde-dashboard-'));
  try {
    const expressions = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
    expect(expressions.length).toBeGreaterThan(20);
    const rules = expressions.map((expr, index) => ({ record: `shown:${index}`, expr }));
    const file = path.join(folder, 'rules.json');
    fs.writeFileSync(file, JSON.stringify({ groups: [{ name: 'dashboard', rules }] }));
    expect(() => checkRules(file)).not.toThrow();
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
});

it('no panel of the dashboard lies on another one', () => {
  const taken = new Map<string, string>();
  for (const { title, gridPos } of panels) {
    const { x, y, w, h } = gridPos;
    expect(x + w, title).toBeLessThanOrEqual(24);
    for (let column = x; column < x + w; column += 1) {
      for (let row = y; row < y + h; row += 1) {
        expect(taken.get(`${column} ${row}`), title).toBeUndefined();
        taken.set(`${column} ${row}`, title);
      }
    }
  }
});
