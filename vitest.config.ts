import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

const resolve = { conditions: ['source'] }
const ssr = { resolve: { conditions: ['source'] } }

export default defineConfig({
  test: {
    // vitest leaves one processor unused, which is half of the machine that CI has.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      {
        resolve,
        ssr,
        test: {
          name: 'unit',
          exclude: ['**/*.e2e.test.ts', '**/*.proc.test.ts', '**/node_modules/**', '**/miniprogram_npm/**'],
          include: [
            'protocol/src/**/*.test.ts',
            'server/src/**/*.test.ts',
            'client-sdk/src/**/*.test.ts',
            'loadtest/src/**/*.test.ts',
            'bench/**/*.test.ts',
            'tools/**/*.test.ts',
            'deploy/**/*.test.ts',
            'chaos/**/*.test.ts',
            'web-demo/src/**/*.test.ts',
            'e2e/**/*.test.ts',
            'miniprogram-demo/{tools,miniprogram}/**/*.test.ts',
            'miniprogram-runner/{src,test}/**/*.test.ts',
          ],
        },
      },
      {
        resolve,
        ssr,
        test: {
          name: 'sim',
          include: ['server/test/sim/**/*.test.ts', 'client-sdk/test/**/*.test.ts'],
          testTimeout: 120_000,
        },
      },
      {
        resolve,
        ssr,
        test: {
          name: 'int',
          include: ['server/test/**/*.int.test.ts'],
          globalSetup: ['server/test/kit/global-setup.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      // The same stories with three gateways on a real Redis; NODES=3 npx vitest run --project int runs all of them so.
      {
        resolve,
        ssr,
        test: {
          name: 'cluster',
          include: [
            'server/test/{message-contract,receipts,annotations,sessions,class-day,profiles,unread-model}.int.test.ts',
          ],
          env: { NODES: '3' },
          globalSetup: ['server/test/kit/global-setup.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        resolve,
        ssr,
        test: {
          name: 'proc',
          include: ['server/test/**/*.proc.test.ts', 'loadtest/test/**/*.proc.test.ts'],
          globalSetup: ['server/test/kit/global-setup.ts'],
          testTimeout: 180_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        resolve,
        ssr,
        test: {
          name: 'chaos',
          include: ['chaos/**/*.proc.test.ts'],
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
      {
        resolve,
        ssr,
        test: {
          name: 'browser',
          include: ['e2e/**/*.e2e.test.ts', 'miniprogram-runner/test/**/*.e2e.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
})
