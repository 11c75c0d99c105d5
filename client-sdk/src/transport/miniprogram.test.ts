import { makeWxStub } from '../../test/wx-stub.ts'
import { miniprogramTransport } from './miniprogram.ts'
import { describeTransport } from './transport.contract.ts'

describeTransport('mini-program', () => miniprogramTransport(makeWxStub()))
