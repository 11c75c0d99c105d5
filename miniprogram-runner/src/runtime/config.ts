import type { RunnerConfig } from './host.ts'

/** The driver's wishes over the defaults. */
export function readRunnerConfig(given: unknown): RunnerConfig {
  const wishes = typeof given === 'object' && given !== null ? (given as Partial<RunnerConfig>) : {}
  return {
    appId: wishes.appId ?? 'wx0000000000000000',
    extConfig: wishes.extConfig ?? {},
    urlCheck: wishes.urlCheck,
    privacy: wishes.privacy ?? 'ok',
    mocks: wishes.mocks ?? {},
    path: wishes.path,
    query: wishes.query ?? {},
    // 1001: opened from the list of mini-programs.
    scene: wishes.scene ?? 1001,
  }
}
