import { expect, test } from 'vitest'
import { TYPES } from '../im/sdk.ts'
import { zh } from '../text/zh.ts'
import { summaryOf } from './summary.ts'

const say = (type: string, payload: unknown): string => summaryOf({ type, payload }, 'me', zh)

test.each([
  ['a text', TYPES.MSG_TEXT, { text: '明天\n带水杯' }, '明天 带水杯'],
  ['a picture', TYPES.MSG_IMAGE, {}, '[图片]'],
  ['a recording', TYPES.MSG_AUDIO, { second: 3 }, '[语音]'],
  ['a file with its name', TYPES.MSG_FILE, { fileName: '通知.pdf' }, '[文件] 通知.pdf'],
  ['a place with its name', TYPES.MSG_LOCATION, { description: '南门' }, '[位置] 南门'],
  ['a merged one with its title', TYPES.MSG_MERGER, { title: '群聊记录' }, '[聊天记录] 群聊记录'],
  ['a custom one by its description', TYPES.MSG_CUSTOM, { data: '{}', description: '打卡' }, '打卡'],
  [
    'a custom one by the text in its data',
    TYPES.MSG_CUSTOM,
    { data: '{"businessID":"text_link","text":"看这里"}' },
    '看这里',
  ],
  ['a custom one nobody can read', TYPES.MSG_CUSTOM, { data: 'x' }, '[自定义消息]'],
  ['a call', TYPES.MSG_CUSTOM, { data: '{"businessID":1}' }, '[通话]'],
  [
    'the founding of a group',
    TYPES.MSG_CUSTOM,
    { data: '{"businessID":"group_create","opUser":"王老师"}' },
    '王老师 创建了班级',
  ],
  ['a kind of the future', 'TIMStreamElem', {}, '[暂不支持的消息]'],
  ['nothing', '', null, ''],
])('%s', (_title, type, payload, text) => {
  expect(say(type, payload)).toBe(text)
})

test('a long text is cut, for it goes over the bridge with every change of the list', () => {
  expect(say(TYPES.MSG_TEXT, { text: '长'.repeat(5000) })).toHaveLength(121)
})
