import { expect, test } from 'vitest'
import { classDay } from './kit/class-day.ts'
import { SDK_APP_ID, startWorld, userSigOf } from './kit/world.ts'

test('a day of a class, through the SDK, from its founding to the evening', async () => {
  const world = await startWorld()
  const lines: string[] = []
  try {
    const day = await classDay({ endpoint: world.endpoint(), sdkAppId: SDK_APP_ID, userSig: userSigOf }, (line) =>
      lines.push(line),
    )
    expect([...day.readIds].sort()).toEqual(['p_1', 'p_3'])
    expect(day.unreadIds).toHaveLength(58)
    expect([day.pictureBefore, day.pictureAfter]).toEqual([200, 404])
    expect(day.views.get('家长1(手机)')).toBe(day.views.get('家长1(电脑)'))
    expect(day.views.get('家长61(后加入)')).not.toContain('明天春游')
    expect(day.views.get('家长61(后加入)')).toContain('欢迎新家长')
    expect(day.views.get('家长2(手机)')).not.toContain('欢迎新家长')
  } finally {
    await world.stop()
    if (process.env['SHOW_DAY']) console.log(lines.join('\n'))
  }
}, 120_000)
