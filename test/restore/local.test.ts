import { account } from '../servers/account';
import { describeTarget } from './targetSuite';

describeTarget('this computer', () =>
  Promise.resolve({
    connection: { protocol: 'local' },
    runAs: account(),
    many: 10_000,
    withoutNames: [],
    granularity: 0.000_001,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }),
);
