import type { BuiltinFace } from './define-builtin.ts'

/** `<navigator>`: the navigation its open-type names, with `success`, `fail` and `complete` as events. */
export function navigate(face: BuiltinFace): void {
  const name = NAMES.get(face.text('openType')) ?? 'navigateTo'
  void go(face).then(
    () => tell(face, 'success', `${name}:ok`),
    (err: unknown) => tell(face, 'fail', err instanceof Error ? err.message : String(err)),
  )
}

const NAMES: ReadonlyMap<string, string> = new Map([
  ['navigate', 'navigateTo'],
  ['redirect', 'redirectTo'],
  ['switchTab', 'switchTab'],
  ['reLaunch', 'reLaunch'],
  ['navigateBack', 'navigateBack'],
  ['exit', 'exitMiniProgram'],
])

async function go({ host, text, number }: BuiltinFace): Promise<void> {
  const url = text('url')
  if (text('target') === 'miniProgram') return host.report.note(`navigateToMiniProgram: ${text('appId')}`)
  switch (text('openType')) {
    case 'redirect':
      return host.router.redirectTo(url)
    case 'switchTab':
      return host.router.switchTab(url)
    case 'reLaunch':
      return host.router.reLaunch(url)
    case 'navigateBack':
      return host.router.navigateBack(number('delta'))
    case 'exit':
      return host.life.enterBackground()
    default:
      await host.router.navigateTo(url)
  }
}

function tell(face: BuiltinFace, outcome: 'success' | 'fail', errMsg: string): void {
  if (outcome === 'fail') face.host.report.warn(errMsg)
  face.trigger(outcome, { errMsg })
  face.trigger('complete', { errMsg })
}
