import { Gauge, Registry } from 'prom-client';
import type { Metrics } from '../../model/metrics/metrics';
import { metricFamilies, type MetricFamily } from './metricFamilies';

/** The content type of the text format. */
export const metricsType = Registry.PROMETHEUS_CONTENT_TYPE;

/** What is told beside the servers, by whoever tells it. */
export interface MetricsFrame {
  /** Stands at every value: one Prometheus may watch servers of the same name in several folders. */
  readonly workspace: string;
  readonly further?: readonly MetricFamily[];
}

/** The text format of Prometheus, version 0.0.4. What has no value is left out with its description. */
export async function metricsText(
  metrics: Metrics,
  { workspace, further = [] }: MetricsFrame,
): Promise<string> {
  const registry = new Registry();
  registry.setDefaultLabels({ workspace });
  for (const { name, help, samples } of [...metricFamilies, ...further]) {
    const values = samples(metrics);
    if (values.length === 0) continue;
    const labelNames = [...new Set(values.flatMap(({ labels }) => Object.keys(labels)))];
    const gauge = new Gauge({ name, help, labelNames, registers: [registry] });
    for (const { labels, value } of values) gauge.set(labels, value);
  }
  return await registry.metrics();
}
