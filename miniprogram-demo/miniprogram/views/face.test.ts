import { expect, test } from 'vitest'
import { faceOf } from './face.ts'

test.each([
  ['王老师', '王'],
  ['小明妈妈', '小明'],
  ['欧阳老师', '欧阳'],
  ['张晓明', '晓明'],
  ['管理员', '管理'],
  ['妈妈', '妈妈'],
  ['李娜(语文)', '李娜'],
  ['Anna', 'A'],
  ['Emma’s mum', 'E'],
  ['', 'P'],
])('%s is known by %s', (name, letters) => {
  expect(faceOf('p_1', name, '').letters).toBe(letters)
})

test('somebody has the same colour everywhere', () => {
  expect(faceOf('p_1', 'a', '').tone).toBe(faceOf('p_1', 'b', 'x').tone)
})
