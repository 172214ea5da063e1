import { afterEach, expect, it, vi } from 'vitest';
import { metricsOf } from '../../../../functions/shared/metrics.ts';

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

/** What Lambda sends to CloudWatch Logs. */
function captureLines(): () => Record<string, unknown>[] {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  return () => write.mock.calls.map(([chunk]) => JSON.parse(String(chunk)));
}

it('writes one line in the embedded metric format, with the stage as its dimension', () => {
  const lines = captureLines();
  metricsOf('prod')({ RunsCompleted: 1, RunDuration: 160 }, { fields: { run: '15' } });
  expect(lines()).toEqual([
    {
      _aws: {
        Timestamp: expect.any(Number),
        CloudWatchMetrics: [
          {
            Namespace: 'ItemSync',
            Dimensions: [['Stage']],
            Metrics: [
              { Name: 'RunsCompleted', Unit: 'Count' },
              { Name: 'RunDuration', Unit: 'Seconds' },
            ],
          },
        ],
      },
      Stage: 'prod',
      RunsCompleted: 1,
      RunDuration: 160,
      run: '15',
      level: 'INFO',
      timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
    },
  ]);
});

it('carries over no value, dimension or field to the next line', () => {
  const lines = captureLines();
  const emit = metricsOf('prod');
  emit({ DeliveriesDropped: 1 }, { dimensions: { Reason: 'ping' }, fields: { run: '15' } });
  emit({ RunsFailed: 1 });
  expect(lines()[0]).toMatchObject({ Reason: 'ping', DeliveriesDropped: 1 });
  for (const key of ['Reason', 'DeliveriesDropped', 'run']) expect(lines()[1]).not.toHaveProperty(key);
});

it('writes lines with the log level of the function, so that Lambda does not drop them', () => {
  vi.stubEnv('AWS_LAMBDA_LOG_LEVEL', 'WARN');
  const lines = captureLines();
  metricsOf('prod')({ RunsFailed: 1 });
  expect(lines()).toMatchObject([{ level: 'WARN' }]);
});
