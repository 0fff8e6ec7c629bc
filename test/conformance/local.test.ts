import { account } from '../servers/account';
import { describeSource } from './suite';

describeSource('local', () =>
  Promise.resolve({
    connection: { protocol: 'local' },
    runAs: account(),
    many: 10_000,
    withoutNames: [],
    granularity: 0.000_001,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }),
);
